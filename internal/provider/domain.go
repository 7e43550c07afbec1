package provider

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// A Domain is a DNS name of at least two labels in its canonical form:
// A-labels, lower case, no trailing dot, never an IP address. It names mail
// domains and mail hosts alike. The zero Domain names nothing.
//
// Domains are comparable, so two spellings of one name are equal after parsing.
type Domain struct{ ascii string }

// ErrDomain is wrapped by every error of [ParseDomain].
var ErrDomain = errors.New("invalid domain name")

// strictIDNA folds as a client's look-up does (UTS #46, non-transitional) and
// refuses what idna.Lookup lets through: empty labels, labels over 63 octets,
// characters outside LDH, and names that mix writing directions (RFC 5893).
var strictIDNA = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.StrictDomainName(true),
	idna.VerifyDNSLength(true),
)

// ParseDomain reads a domain name in A-label or U-label form, of any letter
// case, with or without one trailing dot. It refuses single labels, IP
// addresses, underscores and every name over 253 octets. Its errors wrap
// [ErrDomain] and never hold the input, which may be somebody's address.
func ParseDomain(s string) (Domain, error) {
	if len(s) > 1024 { // spares IDNA the work
		return Domain{}, fmt.Errorf("%w: it is longer than 253 bytes", ErrDomain)
	}
	trimmed := strings.TrimSuffix(s, ".")
	if d, ok := parsePlainDomain(trimmed); ok {
		return d, nil
	}
	if _, err := netip.ParseAddr(strings.Trim(trimmed, "[]")); err == nil {
		return Domain{}, fmt.Errorf("%w: it is an IP address", ErrDomain)
	}
	if ascii, err := strictIDNA.ToASCII(trimmed); err == nil {
		if d, ok := parsePlainDomain(ascii); ok {
			return d, nil
		}
	}
	return Domain{}, fmt.Errorf("%w: %s", ErrDomain, domainProblem(trimmed))
}

// domainAdvice says what to write instead of common mistakes.
func domainAdvice(label string) string {
	switch {
	case strings.Contains(label, "*"):
		return "; wildcards are not supported: list each name"
	case strings.Contains(label, "%"):
		return "; placeholders are not supported here: write the name itself"
	case strings.Contains(label, "://"):
		return "; write the name alone, without https://"
	case strings.ContainsAny(label, ":/"):
		return "; write the name alone, without a port or a path"
	case strings.Contains(label, "_"):
		return "; host names have no underscores: use the name in the server's certificate"
	}
	return ""
}

// domainProblem says why a name is not a valid domain.
func domainProblem(s string) string {
	if s == "" {
		return "it is empty"
	}
	labels := strings.Split(s, ".")
	for _, label := range labels {
		switch {
		case label == "":
			return "a label is empty"
		case len(label) > 63:
			return "a label is longer than 63 bytes"
		case strings.HasPrefix(strings.ToLower(label), "xn--"):
			return "its Punycode (xn--) is invalid"
		case !plainLabel(label):
			return "use only letters, digits, dots, and hyphens inside a label" + domainAdvice(label)
		}
	}
	switch {
	case len(labels) == 1:
		return "it has no dot"
	case len(s) > 253:
		return "it is longer than 253 bytes"
	}
	return "it ends in a number, as IP addresses do"
}

// parsePlainDomain accepts the common case, letters, digits, hyphens and dots,
// without the cost of IDNA. A label with the xn-- prefix takes the slow path,
// because its Punycode must decode.
func parsePlainDomain(s string) (Domain, bool) {
	if len(s) == 0 || len(s) > 253 {
		return Domain{}, false
	}
	upper, labels, start := false, 1, 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == '.' {
			if !plainLabel(s[start:i]) {
				return Domain{}, false
			}
			if i < len(s) {
				labels++
			}
			start = i + 1
			continue
		}
		upper = upper || 'A' <= s[i] && s[i] <= 'Z'
	}
	if upper {
		s = strings.ToLower(s)
	}
	if labels < 2 || numeric(s[strings.LastIndexByte(s, '.')+1:]) {
		return Domain{}, false
	}
	if strings.Contains(s, "xn--") {
		if back, err := strictIDNA.ToASCII(s); err != nil || back != s {
			return Domain{}, false
		}
	}
	return Domain{ascii: s}, true
}

// appendPlainDomain appends a name of lower-case letters, digits, hyphens and dots
// to dst, if the name is already in canonical form. It accepts a subset of what
// [ParseDomain] accepts, and does not allocate: lists have a million names.
func appendPlainDomain(dst, s []byte) (name []byte, ok bool) {
	if len(s) > 253 {
		return dst, false
	}
	last := -1 // dot
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == '.' {
			label := s[last+1 : i]
			if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
				return dst, false
			}
			if i < len(s) {
				last = i
			}
			continue
		}
		if c := s[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
			return dst, false
		}
	}
	// If the top-level label begins with a digit, the name may be an IP
	// address, and Punycode must decode: both take the slow path.
	if last < 0 || bytes.Contains(s, []byte("xn--")) || '0' <= s[last+1] && s[last+1] <= '9' {
		return dst, false
	}
	return append(dst, s...), true
}

func plainLabel(s string) bool {
	if len(s) == 0 || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}

// numeric reports whether a top-level label makes browsers and resolvers read a
// name as an IPv4 address: 127.1, or 0x7f.0x1
// (https://url.spec.whatwg.org/#ends-in-a-number-checker). None exists in DNS.
func numeric(label string) bool {
	hex, isHex := strings.CutPrefix(label, "0x")
	for _, c := range []byte(hex) {
		digit := '0' <= c && c <= '9' || isHex && 'a' <= c && c <= 'f'
		if !digit {
			return false
		}
	}
	return true
}

// String returns the name in A-label form, the form that DNS, TLS and every
// machine document use.
func (d Domain) String() string { return d.ascii }

// Unicode returns the name as people read it. Show it next to the A-label
// form, never instead: only there can look-alike letters be told apart.
func (d Domain) Unicode() string {
	u, err := strictIDNA.ToUnicode(d.ascii)
	if err != nil {
		return d.ascii
	}
	return u
}

// IsZero reports whether d names nothing.
func (d Domain) IsZero() bool { return d.ascii == "" }

// Within reports whether d equals parent or lies below it. Labels are compared
// whole: notmail.icloud.com is not within mail.icloud.com.
func (d Domain) Within(parent Domain) bool {
	if parent.IsZero() {
		return false
	}
	rest, ok := strings.CutSuffix(d.ascii, parent.ascii)
	return ok && (rest == "" || strings.HasSuffix(rest, "."))
}

// Child returns label.d. The label must be a plain LDH label chosen by
// mailsetup, such as "autodiscover"; a result over 253 octets is the zero
// Domain.
func (d Domain) Child(label string) Domain {
	c, ok := parsePlainDomain(label + "." + d.ascii)
	if !ok {
		return Domain{}
	}
	return c
}

// CutLabel removes one leading label if it is the given one, and reports
// whether it did. The rest must itself be a domain of two labels.
func (d Domain) CutLabel(label string) (Domain, bool) {
	rest, ok := strings.CutPrefix(d.ascii, label)
	if !ok || !strings.HasPrefix(rest, ".") || !strings.Contains(rest[1:], ".") {
		return d, false
	}
	return Domain{ascii: rest[1:]}, true
}
