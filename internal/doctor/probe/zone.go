package probe

import (
	"context"
	"crypto/rand"
	"net"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"

	"mailsetup/internal/provider"
)

// The labels that clients put before a domain.
const (
	Autoconfig   = "autoconfig"
	Autodiscover = "autodiscover"
)

// AutodiscoverService is Outlook's SRV name.
const AutodiscoverService = "_autodiscover._tcp"

// ServiceNames are the SRV names that clients look up (RFC 6186, RFC 8314, and
// Outlook's own).
var ServiceNames = []string{
	AutodiscoverService, "_imaps._tcp", "_imap._tcp", "_submissions._tcp", "_submission._tcp", "_pop3._tcp", "_pop3s._tcp",
}

// A Zone is what DNS says about a domain.
type Zone struct {
	// Names are the domain itself and the names below it at which clients ask.
	Names map[string]Name
	// Random is a random name below the domain: any records that it has come
	// from a wildcard.
	Random Name
	MX     Answer
	SRV    map[string]Answer // by service
	// Targets are the targets of SRV records, except those of the mail
	// service and of Microsoft.
	Targets     map[string]Name
	CAA         map[string]Answer // by name: the names above, and those above the domain
	NameServers Answer
}

// readZone makes all queries at once.
func (p *Prober) readZone(ctx context.Context, mx Answer, servers []provider.MailServer) Zone {
	d := p.Domain.String()
	z := Zone{Names: map[string]Name{}, MX: mx, SRV: map[string]Answer{}, Targets: map[string]Name{}, CAA: map[string]Answer{}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	keep := func(store func()) {
		mu.Lock()
		defer mu.Unlock()
		store()
	}
	for _, host := range p.hostNames() {
		wg.Go(func() { n := p.dns.look(ctx, host); keep(func() { z.Names[host] = n }) })
	}
	// A random label that nobody would have created.
	wg.Go(func() { n := p.dns.look(ctx, strings.ToLower(rand.Text())+"."+d); keep(func() { z.Random = n }) })
	for _, s := range p.serviceNames() {
		wg.Go(func() { a := p.dns.ask(ctx, s+"."+d, typeSRV); keep(func() { z.SRV[s] = a }) })
	}
	for _, host := range caaNames(p.hostsToBe()...) {
		wg.Go(func() { a := p.dns.ask(ctx, host, typeCAA); keep(func() { z.CAA[host] = a }) })
	}
	wg.Go(func() { a := p.dns.ask(ctx, d, typeNS); keep(func() { z.NameServers = a }) })
	wg.Wait()
	for _, target := range z.targets(servers) {
		wg.Go(func() { n := p.dns.look(ctx, target); keep(func() { z.Targets[target] = n }) })
	}
	wg.Wait()
	return z
}

// maxTargets limits how many names others can cause to be looked up.
const maxTargets = 4

// targets returns the targets of SRV records that are worth checking.
func (z Zone) targets(servers []provider.MailServer) []string {
	var all []string
	for _, s := range ServiceNames {
		for _, srv := range z.SRV[s].Services {
			known := srv.Target == "" || IsMicrosoft365(srv.Target) || slices.Contains(all, srv.Target) ||
				slices.ContainsFunc(servers, func(m provider.MailServer) bool { return m.Host.String() == srv.Target })
			if !known && len(all) < maxTargets {
				all = append(all, srv.Target)
			}
		}
	}
	return all
}

// hostNames returns the names at which clients ask for a server.
func (p *Prober) hostNames() []string {
	d := p.Domain.String()
	return append(p.hostsToBe(), d)
}

// hostsToBe returns the names that should point to mailsetup.
func (p *Prober) hostsToBe() []string {
	var all []string
	for _, label := range p.labels() {
		all = append(all, label+"."+p.Domain.String())
	}
	return all
}

// serviceNames returns those of [ServiceNames] that matter for the service.
func (p *Prober) serviceNames() []string {
	if p.autoconfigOnly {
		return ServiceNames[1:]
	}
	return ServiceNames
}

// caaNames returns the names at which a certificate authority looks for CAA records
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

// CAAOf returns the CAA records that apply to a host. They are unknown if
// one of the queries was not answered.
func (z Zone) CAAOf(host string) (set []CAA, known bool) {
	for _, at := range caaNames(host) {
		a := z.CAA[at]
		if a.Failure.Failed() {
			return nil, false
		}
		if len(a.CAA) > 0 {
			return a.CAA, true
		}
	}
	return nil, true
}

// IsWildcard reports whether a name has only what every name below the domain has.
func (z Zone) IsWildcard(n Name) bool {
	return z.Random.State == NameFound && n.Name != z.Random.Name && n.SameAs(z.Random)
}

// A View is what one of the domain's own name servers says.
type View struct {
	Server string
	Has    map[string]bool // by host name: whether there is anything; absent: no answer
}

// maxViews is how many name servers are asked.
const maxViews = 3

// authoritative asks the domain's name servers, past all caches. Those that do not
// answer are left out: many networks allow only queries to their own resolver.
func (p *Prober) authoritative(ctx context.Context, ns Answer) []View {
	servers := slices.Sorted(slices.Values(ns.Servers))
	servers = servers[:min(len(servers), maxViews)]
	views := make([]View, len(servers))
	var wg sync.WaitGroup
	for i, server := range servers {
		wg.Go(func() {
			addresses := p.dns.ask(ctx, server, typeA).Addresses
			views[i] = View{Server: server, Has: map[string]bool{}}
			if len(addresses) == 0 || networkOf(addresses[0]) != Public && !p.AllowPrivate {
				return
			}
			for _, host := range p.hostsToBe() {
				a := p.dns.askOne(ctx, net.JoinHostPort(addresses[0].String(), "53"), host, typeA, false)
				if !a.Failure.Failed() {
					// An alias is enough; its target may be in another zone.
					views[i].Has[host] = !a.isEmpty() || !a.NoName && p.hasAAAA(ctx, addresses[0].String(), host)
				}
			}
		})
	}
	wg.Wait()
	return views
}

func (p *Prober) hasAAAA(ctx context.Context, server, host string) bool {
	a := p.dns.askOne(ctx, net.JoinHostPort(server, "53"), host, typeAAAA, false)
	return !a.Failure.Failed() && !a.isEmpty()
}

// BaseDomain returns the part of a name that its owner registered.
func BaseDomain(host string) string {
	base, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return base
}
