package probe

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// A NameState is what is known about the addresses of a name.
type NameState uint8

const (
	// NameFound: it has an address.
	NameFound NameState = iota + 1
	// NameMissing: there is no such name, or it has no address.
	NameMissing
	// NameDangling: it is an alias of something that has no address.
	NameDangling
	// NameUnknown: DNS did not answer; see the failure.
	NameUnknown
)

// A Name is a host name and its addresses.
type Name struct {
	Name  string
	State NameState
	// Aliases are the names in its chain of aliases, in order.
	Aliases []string
	V4, V6  []netip.Addr
	// NoName: DNS says that the name does not exist, not only that it has no address.
	NoName  bool
	Failure Failure // of NameUnknown
}

// Addresses returns the IPv4 and IPv6 addresses.
func (n Name) Addresses() []netip.Addr { return slices.Concat(n.V4, n.V6) }

// SameAs reports whether two names have the same aliases and addresses.
func (n Name) SameAs(o Name) bool {
	return n.State == o.State && slices.Equal(n.Aliases, o.Aliases) && slices.Equal(n.V4, o.V4) && slices.Equal(n.V6, o.V6)
}

// LeadsTo reports whether any alias satisfies a condition.
func (n Name) LeadsTo(is func(string) bool) bool { return slices.ContainsFunc(n.Aliases, is) }

// look asks for the addresses of a name. One kind of address is enough; the name
// is missing only if both answers say so.
func (r *resolver) look(ctx context.Context, host string) Name {
	var a4, a6 Answer
	var wg sync.WaitGroup
	wg.Go(func() { a4 = r.ask(ctx, host, typeA) })
	wg.Go(func() { a6 = r.ask(ctx, host, typeAAAA) })
	wg.Wait()
	n := Name{Name: host, Aliases: a4.Aliases, V4: a4.Addresses, V6: a6.Addresses, NoName: a4.NoName && a6.NoName}
	if len(a6.Aliases) > len(n.Aliases) {
		n.Aliases = a6.Aliases
	}
	switch {
	case len(n.V4)+len(n.V6) > 0:
		n.State = NameFound
	case a4.Failure.Failed():
		n.State, n.Failure = NameUnknown, a4.Failure
	case a6.Failure.Failed():
		n.State, n.Failure = NameUnknown, a6.Failure
	case len(n.Aliases) > 0:
		n.State = NameDangling
	default:
		n.State = NameMissing
	}
	return n
}

// IsMicrosoft365 reports whether a name is one at which Microsoft answers
// Autodiscover for its own mail service (https://learn.microsoft.com/microsoft-365/
// enterprise/external-domain-name-system-records, national clouds included).
func IsMicrosoft365(host string) bool {
	for _, end := range []string{"autodiscover.outlook.com", "autodiscover-s.outlook.com", "autodiscover-s.office365.us",
		"autodiscover-dod.office365.us", "autodiscover.partner.outlook.cn", "partner.outlook.cn"} {
		if host == end || strings.HasSuffix(host, "."+end) {
			return true
		}
	}
	return false
}
