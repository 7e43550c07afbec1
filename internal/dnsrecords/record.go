package dnsrecords

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"mailsetup/internal/provider"
)

// TTL is how long resolvers may keep the records, in seconds: an hour, so that moving the
// server takes no longer.
const TTL = 3600

// A Record is one DNS record, and why it is there.
type Record struct {
	Name Name
	// TTL is in seconds.
	TTL  uint32
	Data Data
	// Purpose says who reads the record and what for, in a few words that can follow a
	// colon.
	Purpose   string
	Necessity Necessity
}

// Negative reports whether the record says that a service is not offered.
func (r Record) Negative() bool {
	srv, ok := r.Data.(SRV)
	return ok && srv.Target.IsZero()
}

// A Name is the owner of a record: labels below a domain. They may begin with an
// underscore, which a [provider.Domain] cannot.
type Name struct {
	// Labels are the part before the domain, such as "_imaps._tcp"; empty for the
	// domain itself.
	Labels string
	Domain provider.Domain
}

// String returns the name in full, without a dot at its end.
func (n Name) String() string {
	if n.Labels == "" {
		return n.Domain.String()
	}
	return n.Labels + "." + n.Domain.String()
}

// Relative returns the name as zone files and web forms have it: without the
// domain, and @ for the domain itself.
func (n Name) Relative() string {
	if n.Labels == "" {
		return "@"
	}
	return n.Labels
}

// Necessity says what happens without a record.
type Necessity uint8

const (
	// Required: clients do not find the server without it.
	Required Necessity = iota + 1
	// Recommended: some clients do not find their settings without it.
	Recommended
	// Optional: it saves clients a detour, or keeps them from a wrong server.
	Optional
	// CheckOnly: the mail service asks the owner for such a record and shows its value.
	// It is printed for comparison, not to be published.
	CheckOnly
)

// String returns the word that the JSON format uses.
func (n Necessity) String() string {
	switch n {
	case Required:
		return "required"
	case Recommended:
		return "recommended"
	case Optional:
		return "optional"
	case CheckOnly:
		return "check"
	}
	return "invalid necessity"
}

// Data is the data of a record: an [Address], [CNAME], [MX], [SRV] or [TXT]. The writers
// know these five and refuse others.
type Data interface {
	// Type is the name of the record type, such as "SRV".
	Type() string
	// String is the data as written in a zone file (RFC 1035, section 5.1), with full
	// names that end in a dot.
	String() string
}

// An Address is an A or AAAA record.
type Address struct{ IP netip.Addr }

// A CNAME makes its owner an alias of Target.
type CNAME struct{ Target provider.Domain }

// An MX record names a mail exchanger.
type MX struct {
	Preference uint16 // lower ones are tried first
	Host       provider.Domain
}

// An SRV record names the server of a service (RFC 2782). The zero Target says
// that there is none: priority, weight and port are 0 then (RFC 6186, section 3.4).
type SRV struct {
	Priority, Weight, Port uint16
	Target                 provider.Domain
}

// A TXT record has text in printable ASCII.
type TXT struct{ Text string }

// Type returns "A" or "AAAA".
func (a Address) Type() string {
	if a.IP.Is4() {
		return "A"
	}
	return "AAAA"
}

// Type returns "CNAME".
func (CNAME) Type() string { return "CNAME" }

// Type returns "MX".
func (MX) Type() string { return "MX" }

// Type returns "SRV".
func (SRV) Type() string { return "SRV" }

// Type returns "TXT".
func (TXT) Type() string { return "TXT" }

func (a Address) String() string { return a.IP.String() }

func (c CNAME) String() string { return absolute(c.Target) }

func (m MX) String() string { return fmt.Sprintf("%d %s", m.Preference, absolute(m.Host)) }

func (s SRV) String() string {
	return fmt.Sprintf("%d %d %d %s", s.Priority, s.Weight, s.Port, absolute(s.Target))
}

func (t TXT) String() string { return strings.Join(t.quoted(), " ") }

// target returns the target without a dot at its end, and "." if there is none.
func (s SRV) target() string { return cmp.Or(s.Target.String(), ".") }

// absolute returns a name with a dot at its end, without which zone files treat it as
// relative; the root for the zero Domain.
func absolute(d provider.Domain) string { return d.String() + "." }

// maxString is the length of one string in a TXT record, in octets (RFC 1035,
// section 3.3).
const maxString = 255

// quoted cuts the text into the strings of a TXT record, each in quotes as in a zone
// file. Readers of TXT records join them without a gap.
func (t TXT) quoted() []string {
	var list []string
	for rest := t.Text; ; {
		n := min(len(rest), maxString)
		list = append(list, quoteString(rest[:n]))
		if rest = rest[n:]; rest == "" {
			return list
		}
	}
}

func quoteString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
