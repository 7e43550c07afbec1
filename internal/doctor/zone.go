package doctor

import (
	"context"
	"crypto/rand"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// The labels that clients put before a domain.
const (
	autoconfig   = "autoconfig"
	autodiscover = "autodiscover"
)

// services are the SRV names that clients look up (RFC 6186, RFC 8314, and
// Outlook's own).
var services = []string{
	"_autodiscover._tcp", "_imaps._tcp", "_imap._tcp", "_submissions._tcp", "_submission._tcp", "_pop3._tcp", "_pop3s._tcp",
}

// A zone is what DNS says about a domain.
type zone struct {
	// names are the domain itself, autoconfig and autodiscover below it.
	names map[string]name
	// random is a name below the domain that nobody has made: what it has comes
	// from a wildcard.
	random      name
	mx          answer
	srv         map[string]answer // by service
	caa         map[string]answer // by name: the names above, and those above the domain
	nameServers answer
}

// readZone asks everything at once.
func (c *check) readZone(ctx context.Context, mx answer) zone {
	d := c.Domain.String()
	z := zone{names: map[string]name{}, mx: mx, srv: map[string]answer{}, caa: map[string]answer{}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	keep := func(store func()) {
		mu.Lock()
		defer mu.Unlock()
		store()
	}
	for _, host := range c.hostNames() {
		wg.Go(func() { n := c.dns.look(ctx, host); keep(func() { z.names[host] = n }) })
	}
	// A label that is hard to guess and that no one would make.
	wg.Go(func() { n := c.dns.look(ctx, strings.ToLower(rand.Text())+"."+d); keep(func() { z.random = n }) })
	for _, s := range services {
		wg.Go(func() { a := c.dns.ask(ctx, s+"."+d, typeSRV); keep(func() { z.srv[s] = a }) })
	}
	for _, host := range caaNames(autoconfig+"."+d, autodiscover+"."+d) {
		wg.Go(func() { a := c.dns.ask(ctx, host, typeCAA); keep(func() { z.caa[host] = a }) })
	}
	wg.Go(func() { a := c.dns.ask(ctx, d, typeNS); keep(func() { z.nameServers = a }) })
	wg.Wait()
	return z
}

// hostNames are the names at which clients look for a server.
func (c *check) hostNames() []string {
	d := c.Domain.String()
	return []string{autoconfig + "." + d, autodiscover + "." + d, d}
}

// caaNames are the names at which a certificate authority looks for what it may do
// (RFC 8659, section 3), short of the top-level domain.
func caaNames(hosts ...string) []string {
	var all []string
	for _, host := range hosts {
		for strings.Contains(host, ".") {
			if !slices.Contains(all, host) {
				all = append(all, host)
			}
			_, host, _ = strings.Cut(host, ".")
		}
	}
	return all
}

// caaOf returns the CAA records in force for a host, and the name that has them. It
// is not known if a question on the way was not answered.
func (z zone) caaOf(host string) (set []*dns.CAA, at string, known bool) {
	owner := "" // the target, where the name is an alias
	for _, at := range caaNames(host) {
		a := z.caa[at]
		if a.err != nil {
			return nil, at, false
		}
		for _, rr := range a.records {
			if caa, ok := rr.(*dns.CAA); ok {
				set, owner = append(set, caa), canonical(caa.Hdr.Name)
			}
		}
		if len(set) > 0 {
			return set, owner, true
		}
	}
	return nil, "", true
}

// A view is what one of the domain's own name servers says.
type view struct {
	server string
	has    map[string]bool // by host name: whether there is anything; absent: no answer
}

// maxViews is how many name servers are asked.
const maxViews = 3

// authoritative asks the domain's name servers, past all caches. Those that do not
// answer are left out: many networks let nobody ask but their own resolver.
func (c *check) authoritative(ctx context.Context, ns answer) []view {
	var servers []string
	for _, rr := range ns.records {
		if ns, ok := rr.(*dns.NS); ok {
			servers = append(servers, canonical(ns.Ns))
		}
	}
	slices.Sort(servers)
	servers = servers[:min(len(servers), maxViews)]
	views := make([]view, len(servers))
	var wg sync.WaitGroup
	for i, server := range servers {
		wg.Go(func() {
			_, addresses := c.dns.ask(ctx, server, typeA).chase()
			views[i] = view{server: server, has: map[string]bool{}}
			if len(addresses) == 0 || specialKind(addresses[0]) != "" && !c.AllowPrivate {
				return
			}
			for _, host := range c.hostNames()[:2] {
				a := c.dns.askOne(ctx, net.JoinHostPort(addresses[0].String(), "53"), host, typeA, false)
				if a.err == nil {
					// An alias is enough; where it leads is another zone's matter.
					views[i].has[host] = len(a.records) > 0 || !a.noName && c.hasAAAA(ctx, addresses[0].String(), host)
				}
			}
		})
	}
	wg.Wait()
	return views
}

func (c *check) hasAAAA(ctx context.Context, server, host string) bool {
	a := c.dns.askOne(ctx, net.JoinHostPort(server, "53"), host, typeAAAA, false)
	return a.err == nil && len(a.records) > 0
}
