package provider

import (
	"errors"
	"fmt"
	"strings"
)

// ErrAccountName is the error of [ParseAccountName].
var ErrAccountName = fmt.Errorf("invalid account name: use 1 to %d letters, digits and signs, no spaces and none of %s", maxAccountName, notInAccountName)

const (
	maxAccountName = 64
	// Clients take a percent sign for a placeholder, and the others have brought
	// markup or shell text into some client.
	notInAccountName = "%<>&\"'\\`"
)

// An AccountName is a login that is not an address, such as m050a11d: up to 64
// visible ASCII characters. The zero AccountName means none.
type AccountName struct{ text string }

// ParseAccountName reads an account name. Its error is [ErrAccountName] and never
// holds the input.
func ParseAccountName(s string) (AccountName, error) {
	if s == "" || len(s) > maxAccountName || strings.ContainsAny(s, notInAccountName) ||
		strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return AccountName{}, ErrAccountName
	}
	return AccountName{s}, nil
}

// String returns the name as it was written.
func (n AccountName) String() string { return n.text }

// A LoginName is what is sent to a server: an address, the part before its @, or an
// account name. The zero LoginName means unknown; it is left out of documents.
type LoginName struct{ text string }

// String returns the name; "" if it is unknown.
func (n LoginName) String() string { return n.text }

// IsZero reports whether the name is unknown.
func (n LoginName) IsZero() bool { return n.text == "" }

// A StatedLogin is a login stated by the operator in a table, or by a person on the
// page. It is an address, to which the servers' rules apply, or an account name, which
// is used as it is. The zero StatedLogin means none.
type StatedLogin struct {
	address Address
	account AccountName
}

// LoginOf returns an address as a login.
func LoginOf(a Address) StatedLogin { return StatedLogin{address: a} }

// ErrLoginElsewhere: the login is an address in a domain that is not the service's.
var ErrLoginElsewhere = errors.New("the login is not an address at the service")

// ParseStatedLogin reads an address or an account name. Its error is [ErrAccountName].
// Whether a service accepts the login is another question: [Provider.Takes].
func ParseStatedLogin(s string) (StatedLogin, error) {
	if a, err := ParseAddress(s); err == nil {
		return StatedLogin{address: a}, nil
	}
	n, err := ParseAccountName(s)
	return StatedLogin{account: n}, err
}

// Takes reports whether the service accepts this kind of login.
func (p *Provider) Takes(l StatedLogin) bool {
	return p.AnyLogin || l.account.isZero() && p.IsLogin(l.address.domain)
}

// ParseLogin reads the login of somebody at the service. Its error is [ErrLoginElsewhere],
// [ErrAccountName] or an [*AddressError], and never contains the input.
func (p *Provider) ParseLogin(s string) (StatedLogin, error) {
	l, err := ParseStatedLogin(s)
	if err == nil && p.Takes(l) {
		return l, nil
	}
	if p.AnyLogin {
		return StatedLogin{}, err
	}
	if _, err := ParseAddress(s); err != nil {
		return StatedLogin{}, err
	}
	return StatedLogin{}, ErrLoginElsewhere
}

// String returns the login as it was written.
func (l StatedLogin) String() string {
	if !l.account.isZero() {
		return l.account.text
	}
	return l.address.String()
}

func (n AccountName) isZero() bool { return n.text == "" }

// IsZero reports whether no login is stated.
func (l StatedLogin) IsZero() bool { return l.account.isZero() && l.address.IsZero() }

// Is reports whether the login is the address itself, in whatever letter case.
func (l StatedLogin) Is(a Address) bool {
	return l.account.isZero() && l.address.Folded() == a.Folded()
}

// name returns the login to send to a server with the given rule.
func (l StatedLogin) name(rule Username) LoginName {
	if !l.account.isZero() {
		return LoginName{l.account.text}
	}
	return rule.Of(l.address)
}
