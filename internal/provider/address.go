package provider

import (
	"strings"
	"unicode"
)

// An Address is one mailbox, local part and domain. The local part is kept as
// it was typed; the domain is canonical. The zero Address names nobody.
//
// A percent sign is refused although RFC 5322 allows it: clients replace
// %EMAILADDRESS% and similar placeholders anywhere in a document, and a
// client that failed to fill in its own template sends one as the address.
//
// Quoted local parts, comments, display names and non-ASCII local parts are
// refused. net/mail accepts all of those, and each has brought markup into
// some server's documents. Invisible characters are refused too, because the
// address would not be what it looks like.
type Address struct {
	local  string
	domain Domain
}

const (
	maxLocalPart = 64  // octets, RFC 5321 section 4.5.3.1.1
	maxAddress   = 254 // octets, RFC 5321 section 4.5.3.1.3 less the angle brackets
)

// ParseAddress reads local-part@domain. The local part is an ASCII dot-atom
// (RFC 5322 section 3.2.3) without percent signs, of at most 64 octets, in which
// dots may also follow each other or come last; the whole address has at most 254
// octets with the domain in A-label form. Nothing is trimmed: callers that read
// what people type trim spaces themselves.
//
// The error is always an [*AddressError].
func ParseAddress(s string) (Address, error) {
	a, fault := parseAddress(s)
	if fault != 0 {
		return Address{}, &AddressError{fault}
	}
	return a, nil
}

func parseAddress(s string) (Address, AddressFault) {
	if a, ok := parsePlainAddress(s); ok {
		return a, 0
	}
	if fault := faultOfText(s); fault != 0 {
		return Address{}, fault
	}
	local, domain, _ := strings.Cut(s, "@")
	if fault := faultOfLocal(local); fault != 0 {
		return Address{}, fault
	}
	d, err := ParseDomain(domain)
	if err != nil || strings.HasSuffix(domain, ".") {
		return Address{}, faultOfDomain(domain)
	}
	if len(local)+1+len(d.ascii) > maxAddress {
		return Address{}, AddressTooLong
	}
	return Address{local: local, domain: d}, 0
}

// parsePlainAddress reads an address of plain characters, as nearly all are, in one
// pass. All others are checked fault by fault, which costs four times as much.
func parsePlainAddress(s string) (Address, bool) {
	at := strings.IndexByte(s, '@')
	if at < 1 || at > maxLocalPart || s[0] == '.' {
		return Address{}, false
	}
	for i := range at {
		if !isLocal[s[i]] {
			return Address{}, false
		}
	}
	d, ok := parsePlainDomain(s[at+1:])
	if !ok || at+1+len(d.ascii) > maxAddress {
		return Address{}, false
	}
	return Address{local: s[:at], domain: d}, true
}

// isLocal marks the octets that may occur before the @, including dots.
var isLocal = func() (table [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$&'*+-/=?^_`{|}~") {
		table[c] = true
	}
	return table
}()

// unseen finds the characters that IDNA silently drops from a name (UTS #46,
// "ignored"), such as U+200B and the soft hyphen. The two joiners are not among
// them: where a script does not need them, IDNA refuses the name.
func unseen(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return r != nonJoiner && r != joiner &&
		unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
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
