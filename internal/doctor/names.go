package doctor

import (
	"context"
	"net/netip"
	"slices"
	"sync"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"
)

// A nameState is what is known about the addresses of a name.
type nameState uint8

const (
	nameFound nameState = iota + 1
	// nameMissing: there is no such name, or it has no address.
	nameMissing
	// nameDangling: it is an alias of something that has no address.
	nameDangling
	// nameUnknown: DNS did not answer.
	nameUnknown
)

// A name is a host name and its addresses.
type name struct {
	name  string
	state nameState
	// aliases are the names that it leads over, in order.
	aliases []string
	v4, v6  []netip.Addr
	err     error // of nameUnknown
}

// look asks for the addresses of a name. One kind of address is enough to have it
// found; it is missing only if both answers say so.
func (r *resolver) look(ctx context.Context, host string) name {
	var a4, a6 answer
	var wg sync.WaitGroup
	wg.Go(func() { a4 = r.ask(ctx, host, typeA) })
	wg.Go(func() { a6 = r.ask(ctx, host, typeAAAA) })
	wg.Wait()
	n := name{name: host}
	n.aliases, n.v4 = a4.chase()
	aliases, v6 := a6.chase()
	n.v6 = v6
	if len(aliases) > len(n.aliases) {
		n.aliases = aliases
	}
	switch {
	case len(n.v4)+len(n.v6) > 0:
		n.state = nameFound
	case a4.err != nil || a6.err != nil:
		n.state, n.err = nameUnknown, a4.err
		if n.err == nil {
			n.err = a6.err
		}
	case len(n.aliases) > 0:
		n.state = nameDangling
	default:
		n.state = nameMissing
	}
	return n
}

// chase follows the aliases of an answer to the addresses at their end. A loop ends
// without any.
func (a answer) chase() (aliases []string, addresses []netip.Addr) {
	at := canonical(a.name)
	for range len(a.records) {
		next := ""
		for _, rr := range a.records {
			if c, ok := rr.(*dns.CNAME); ok && canonical(c.Hdr.Name) == at {
				next = canonical(c.Target)
			}
		}
		if next == "" || slices.Contains(aliases, next) {
			break
		}
		aliases = append(aliases, next)
		at = next
	}
	for _, rr := range a.records {
		if canonical(rr.Header().Name) != at {
			continue
		}
		switch rr := rr.(type) {
		case *dns.A:
			if ip, ok := netip.AddrFromSlice(rr.A); ok {
				addresses = append(addresses, ip.Unmap())
			}
		case *dns.AAAA:
			if ip, ok := netip.AddrFromSlice(rr.AAAA); ok {
				addresses = append(addresses, ip)
			}
		}
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	return aliases, addresses
}

// sameAs reports whether two names lead to the same place.
func (n name) sameAs(o name) bool {
	return n.state == o.state && slices.Equal(n.aliases, o.aliases) && slices.Equal(n.v4, o.v4) && slices.Equal(n.v6, o.v6)
}

// leadsTo reports whether any alias satisfies a condition.
func (n name) leadsTo(is func(string) bool) bool { return slices.ContainsFunc(n.aliases, is) }

// baseDomain is the part of a name that its owner registered.
func baseDomain(host string) string {
	base, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return base
}
