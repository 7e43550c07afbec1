package dnsrecords

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"mailsetup/internal/provider"
)

// A Target is where mailsetup is in DNS.
type Target struct {
	// Name is its host name; zero if it has none in DNS.
	Name provider.Domain
	// Addresses are its IP addresses. If any are given, the records point to them
	// and not to Name.
	Addresses []netip.Addr
	// Port is where it serves https; 0 for 443. Only an SRV record can carry it.
	Port uint16
}

// ErrTarget is wrapped by errors about the server's address.
var ErrTarget = errors.New("the server's address cannot be used in DNS")

// NewTarget makes the target with a name, zero for none, and IP addresses. An
// address that is not publicly reachable is an error, which wraps [ErrTarget].
func NewTarget(name provider.Domain, addresses ...netip.Addr) (Target, error) {
	t := Target{Name: name}
	for _, ip := range addresses {
		ip = ip.Unmap()
		if !ip.IsGlobalUnicast() || ip.Zone() != "" {
			return Target{}, fmt.Errorf("%w: %s is not publicly reachable; give the address at which clients reach the server", ErrTarget, ip)
		}
		if !slices.Contains(t.Addresses, ip) {
			t.Addresses = append(t.Addresses, ip)
		}
	}
	return t, nil
}

// data returns the record data that points to the server.
func (t Target) data(names ...provider.Domain) ([]Data, error) {
	switch {
	case len(t.Addresses) > 0:
		var list []Data
		for _, ip := range t.Addresses {
			list = append(list, Address{ip})
		}
		// Records of one name and type belong together.
		slices.SortStableFunc(list, func(a, b Data) int { return len(a.Type()) - len(b.Type()) })
		return list, nil
	case t.Name.IsZero():
		return nil, fmt.Errorf("%w: the server's name cannot be resolved publicly; use a public name (--public-url) or IP addresses (--server-ip)", ErrTarget)
	case slices.Contains(names, t.Name):
		return nil, fmt.Errorf("%w: %s is the server's own name and cannot be an alias for itself; give the server's IP addresses (--server-ip)", ErrTarget, t.Name)
	}
	return []Data{CNAME{t.Name}}, nil
}
