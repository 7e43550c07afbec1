package provider

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// ErrAddress is wrapped by every error of [ParseAddress].
var ErrAddress = errors.New("invalid email address")

// An AddressError is the error of [ParseAddress]. Its text never holds the
// input, because it may reach a log.
type AddressError struct{ Fault AddressFault }

// Error says what is wrong with the address.
func (e *AddressError) Error() string { return fmt.Sprintf("%v: %s", ErrAddress, e.Fault.Words()) }

// Unwrap returns [ErrAddress].
func (e *AddressError) Unwrap() error { return ErrAddress }

// An AddressFault is the reason why an address is refused. If there are several,
// it is the one that people should hear about first.
type AddressFault uint8

const (
	AddressMissingAt     AddressFault = iota + 1 // no @
	AddressTwoAts                                // more than one @
	AddressSpace                                 // a space or another blank
	AddressSeparator                             // a comma or semicolon, as between two addresses
	AddressBracket                               // angle or round brackets, as around an address with a name
	AddressQuote                                 // a quotation mark or backslash
	AddressPercent                               // a percent sign
	AddressInvisible                             // a control character, or one that cannot be seen
	AddressNotASCII                              // an accent or another script before the @
	AddressCharacter                             // another character that may not occur before the @
	AddressMissingLocal                          // nothing before the @
	AddressLeadingDot                            // a dot at the beginning
	AddressLongLocal                             // more than 64 octets before the @
	AddressMissingDomain                         // nothing after the @
	AddressDotlessDomain                         // no dot in the part after the @
	AddressTrailingDot                           // a dot at the end
	AddressInvalidDomain                         // the part after the @ is not a domain name
	AddressTooLong                               // more than 254 octets
)

// addressFaults names and describes each fault.
var addressFaults = [...]struct{ id, words string }{
	AddressMissingAt:     {"missing-at", "missing @"},
	AddressTwoAts:        {"two-ats", "more than one @"},
	AddressSpace:         {"space", "contains a space"},
	AddressSeparator:     {"separator", "contains a comma or semicolon; give one address"},
	AddressBracket:       {"bracket", "contains brackets; give the address without a name"},
	AddressQuote:         {"quote", "contains a quotation mark or backslash"},
	AddressPercent:       {"percent", "contains a % sign, which mail clients take for a placeholder"},
	AddressInvisible:     {"invisible", "contains an invisible character"},
	AddressNotASCII:      {"not-ascii", "contains a letter outside a-z before the @"},
	AddressCharacter:     {"character", "contains an invalid character before the @; letters, digits, dots and !#$&'*+-/=?^_`{|}~ are allowed"},
	AddressMissingLocal:  {"missing-local", "nothing before the @"},
	AddressLeadingDot:    {"leading-dot", "begins with a dot"},
	AddressLongLocal:     {"long-local", "more than 64 characters before the @"},
	AddressMissingDomain: {"missing-domain", "nothing after the @"},
	AddressDotlessDomain: {"dotless-domain", "missing dot after the @, such as in example.com"},
	AddressTrailingDot:   {"trailing-dot", "ends with a dot"},
	AddressInvalidDomain: {"invalid-domain", "invalid domain name after the @"},
	AddressTooLong:       {"too-long", "more than 254 characters"},
}

// String returns a short id, such as "missing-at".
func (f AddressFault) String() string {
	if int(f) >= len(addressFaults) || f == 0 {
		return "invalid address fault"
	}
	return addressFaults[f].id
}

// Words says what is wrong, as in "contains a space".
func (f AddressFault) Words() string { return addressFaults[f].words }

// faultOfText looks for what no part of an address may contain, and for the @.
func faultOfText(s string) AddressFault {
	switch {
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) || unseen(r) }):
		return AddressInvisible
	case strings.ContainsAny(s, "<>()"):
		return AddressBracket
	case strings.ContainsAny(s, ",;"):
		return AddressSeparator
	case strings.ContainsAny(s, "\"\\\u201c\u201d\u201e"):
		return AddressQuote
	case strings.ContainsFunc(s, unicode.IsSpace):
		return AddressSpace
	case strings.Contains(s, "%"):
		return AddressPercent
	}
	switch strings.Count(s, "@") {
	case 0:
		return AddressMissingAt
	case 1:
		return 0
	}
	return AddressTwoAts
}

// faultOfLocal checks the part before the @: an RFC 5322 dot-atom, except that
// dots may follow each other or come last. Some phone companies issued such
// addresses against the rule of section 3.2.3.
func faultOfLocal(local string) AddressFault {
	switch {
	case local == "":
		return AddressMissingLocal
	case local[0] == '.':
		return AddressLeadingDot
	}
	for i := range len(local) {
		switch c := local[i]; {
		case isLocal[c]:
		case c >= 0x80:
			return AddressNotASCII
		default:
			return AddressCharacter
		}
	}
	if len(local) > maxLocalPart {
		return AddressLongLocal
	}
	return 0
}

// faultOfDomain names what is wrong with a part after the @ that [ParseDomain]
// refuses, or that ends with a dot.
func faultOfDomain(domain string) AddressFault {
	switch {
	case domain == "":
		return AddressMissingDomain
	case strings.HasSuffix(domain, "."):
		return AddressTrailingDot
	case !strings.Contains(domain, "."):
		return AddressDotlessDomain
	}
	return AddressInvalidDomain
}
