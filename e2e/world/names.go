package world

import (
	"net/netip"
	"strings"
)

// The addresses of names. Only the first has a listener on port 443.
var (
	address      = netip.MustParseAddr("127.0.0.1")
	plainAddress = netip.MustParseAddr("127.0.0.2")
)

// names is all that this internet knows. It never changes.
type names struct {
	hosts map[string]netip.Addr // by host name
	mx    map[string]string     // by mail domain
	sites map[string]Site       // by host name
}

func newNames(sites []Site, hosts []string) names {
	n := names{hosts: map[string]netip.Addr{}, mx: map[string]string{}, sites: map[string]Site{}}
	for _, h := range hosts {
		n.hosts[h] = address
	}
	for _, s := range sites {
		for _, h := range s.hosts() {
			n.sites[h], n.hosts[h] = s, address
			if s.PlainOnly {
				n.hosts[h] = plainAddress
			}
		}
		if s.MX != "" {
			n.mx[s.Domain] = s.MX
		}
	}
	return n
}

// address returns the address of a host, if there is such a host.
func (n names) address(host string) (netip.Addr, bool) {
	a, ok := n.hosts[canonical(host)]
	return a, ok
}

// canonical folds a host name as DNS does.
func canonical(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }
