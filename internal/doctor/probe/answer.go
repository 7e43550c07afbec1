package probe

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// An Answer is what DNS says about one name and type.
type Answer struct {
	// Name is the one that was asked about.
	Name string
	// NoName: the name does not exist (NXDOMAIN).
	NoName bool
	// Aliases are the names in its chain of aliases, in order.
	Aliases   []string
	Addresses []netip.Addr
	// Exchangers are the hosts of MX records; none for the null MX (RFC 7505).
	Exchangers []string
	Services   []SRV
	CAA        []CAA
	Servers    []string // of NS records
	// Failure: DNS did not answer; then all fields but Name are meaningless.
	Failure Failure
}

// An SRV is the data of an SRV record. Target is "" if the record says that the
// service is not offered (RFC 2782).
type SRV struct {
	Target string
	Port   uint16
}

// A CAA is one record about who may issue certificates (RFC 8659).
type CAA struct {
	// Owner is the name that has it: the target, if the name asked is an alias.
	Owner      string
	Tag, Value string
}

// read adds the records of an answer section.
func (a *Answer) read(records []dns.RR) {
	at := a.chase(records)
	for _, rr := range records {
		owner := canonical(rr.Header().Name)
		switch rr := rr.(type) {
		case *dns.A:
			if ip, ok := netip.AddrFromSlice(rr.A); ok && owner == at {
				a.Addresses = append(a.Addresses, ip.Unmap())
			}
		case *dns.AAAA:
			if ip, ok := netip.AddrFromSlice(rr.AAAA); ok && owner == at {
				a.Addresses = append(a.Addresses, ip)
			}
		case *dns.MX:
			if rr.Mx != "." {
				a.Exchangers = append(a.Exchangers, canonical(rr.Mx))
			}
		case *dns.SRV:
			a.Services = append(a.Services, SRV{canonical(rr.Target), rr.Port})
		case *dns.CAA:
			a.CAA = append(a.CAA, CAA{owner, rr.Tag, rr.Value})
		case *dns.NS:
			a.Servers = append(a.Servers, canonical(rr.Ns))
		}
	}
	slices.SortFunc(a.Addresses, netip.Addr.Compare)
}

// chase follows the aliases to the last name. A loop ends without an address.
func (a *Answer) chase(records []dns.RR) (end string) {
	end = canonical(a.Name)
	for range len(records) {
		next := ""
		for _, rr := range records {
			if c, ok := rr.(*dns.CNAME); ok && canonical(c.Hdr.Name) == end {
				next = canonical(c.Target)
			}
		}
		if next == "" || slices.Contains(a.Aliases, next) {
			break
		}
		a.Aliases = append(a.Aliases, next)
		end = next
	}
	return end
}

// isEmpty reports whether the name has no records of the type that was asked for.
func (a Answer) isEmpty() bool {
	return len(a.Aliases)+len(a.Addresses)+len(a.Exchangers)+len(a.Services)+len(a.CAA)+len(a.Servers) == 0
}

// canonical returns a name in lower case without a trailing dot.
func canonical(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
