package provider

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// An Address is one mailbox, local part and domain. The local part is kept as
// it was typed; the domain is canonical. The zero Address names nobody.
//
// A percent sign is refused although RFC 5322 allows it: clients replace
// %EMAILADDRESS% and its kin wherever they stand in a document, and a client
// that failed to fill in its own template sends one as the address.
//
// Quoted local parts, comments, display names and non-ASCII local parts are
// refused. net/mail accepts all of those, and each of them has carried markup
// into some server's documents, so there is no way to hold one here. So are
// characters that cannot be seen, because the address would not be what it
// looks like.
type Address struct {
	local  string
	domain Domain
}

// ErrAddress is wrapped by every error of [ParseAddress].
var ErrAddress = errors.New("no e-mail address")

const (
	maxLocalPart = 64  // octets, RFC 5321 section 4.5.3.1.1
	maxAddress   = 254 // octets, RFC 5321 section 4.5.3.1.3 less the angle brackets
)

// ParseAddress reads local-part@domain. The local part is an ASCII dot-atom
// (RFC 5322 section 3.2.3) without percent signs, of at most 64 octets; the
// whole has at most 254 with the domain in A-label form. Nothing is trimmed: a
// caller that reads what people type trims spaces itself.
func ParseAddress(s string) (Address, error) {
	// The text of these errors never holds the input: it may reach a log.
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return Address{}, fmt.Errorf("%w: there is no @ in it", ErrAddress)
	}
	local := s[:at]
	if !dotAtom(local) {
		return Address{}, fmt.Errorf("%w: the part before the @ may have up to 64 letters, digits, single dots and !#$&'*+-/=?^_`{|}~", ErrAddress)
	}
	if strings.ContainsFunc(s[at+1:], unseen) {
		return Address{}, fmt.Errorf("%w: the part after the @ holds a character that cannot be seen", ErrAddress)
	}
	d, err := ParseDomain(s[at+1:])
	if err != nil {
		return Address{}, fmt.Errorf("%w: the part after the @ is no domain name", ErrAddress)
	}
	if strings.HasSuffix(s, ".") {
		return Address{}, fmt.Errorf("%w: it ends in a dot", ErrAddress)
	}
	if len(local)+1+len(d.ascii) > maxAddress {
		return Address{}, fmt.Errorf("%w: it is longer than %d octets", ErrAddress, maxAddress)
	}
	return Address{local: local, domain: d}, nil
}

// unseen finds the characters that IDNA drops from a name without a word (UTS #46,
// "ignored"), such as U+200B and the soft hyphen. The two joiners are not among
// them: where a script does not need them, IDNA refuses the name.
func unseen(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return r != nonJoiner && r != joiner &&
		unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

func dotAtom(s string) bool {
	if len(s) == 0 || len(s) > maxLocalPart || s[0] == '.' || s[len(s)-1] == '.' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '.':
			if s[i-1] == '.' {
				return false
			}
		case strings.IndexByte("!#$&'*+-/=?^_`{|}~", c) >= 0:
		default:
			return false
		}
	}
	return true
}

// String returns the address with its domain in A-label form.
func (a Address) String() string {
	if a.IsZero() {
		return ""
	}
	return a.local + "@" + a.domain.ascii
}

// LocalPart returns the part before the @ as it was typed.
func (a Address) LocalPart() string { return a.local }

// Domain returns the part after the @.
func (a Address) Domain() Domain { return a.domain }

// IsZero reports whether a names nobody.
func (a Address) IsZero() bool { return a.local == "" }

// Folded returns the address with its local part in lower case. Two spellings
// of one mailbox fold to the same Address; use it as a key, never as a login.
func (a Address) Folded() Address {
	return Address{local: strings.ToLower(a.local), domain: a.domain}
}
