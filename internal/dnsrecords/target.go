package dnsrecords

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"mailsetup/internal/provider"
)

// A Target is the place in DNS at which mailsetup is reached.
type Target struct {
	// Name is its host name; zero if it has none in DNS.
	Name provider.Domain
	// Addresses are its IP addresses. With any given, the records lead to them
	// and not to Name.
	Addresses []netip.Addr
	// Port is where it serves https; 0 for 443. Only an SRV record can carry it.
	Port uint16
}

// ErrTarget is wrapped by errors about the place of the server.
var ErrTarget = errors.New("no way to the server")

// ParseTarget reads the host of a public URL, a name or an IP address, and
// further IP addresses. A host name that nobody else can look up, such as
// localhost, counts as none; an address that nobody else reaches is an error,
// which wraps [ErrTarget].
func ParseTarget(host string, addresses []string) (Target, error) {
	var t Target
	if _, err := netip.ParseAddr(host); err == nil {
		addresses = append([]string{host}, addresses...)
	} else if name, err := provider.ParseDomain(host); err == nil {
		t.Name = name
	}
	for _, text := range addresses {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return Target{}, fmt.Errorf("%w: %q is no IP address; write it as 192.0.2.10 or 2001:db8::10", ErrTarget, text)
		}
		ip = ip.Unmap()
		if !ip.IsGlobalUnicast() || ip.Zone() != "" {
			return Target{}, fmt.Errorf("%w: nobody else reaches %s; give the address at which clients reach the server", ErrTarget, ip)
		}
		if !slices.Contains(t.Addresses, ip) {
			t.Addresses = append(t.Addresses, ip)
		}
	}
	return t, nil
}

// data returns what the names that clients ask must say to lead to the server.
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
		return nil, fmt.Errorf("%w: the server's name is none that others can look up; give its IP addresses (--server-ip) or a public name (--public-url)", ErrTarget)
	case slices.Contains(names, t.Name):
		return nil, fmt.Errorf("%w: %s is the server's own name here, and cannot be another name for itself; give the server's IP addresses (--server-ip)", ErrTarget, t.Name)
	}
	return []Data{CNAME{t.Name}}, nil
}
