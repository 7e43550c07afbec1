package dns

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"mailsetup/internal/provider"
)

// A Server is the place in DNS at which mailsetup is reached.
type Server struct {
	// Name is its host name; zero if it has none in DNS.
	Name provider.Domain
	// Addresses are its IP addresses. With any given, the records lead to them
	// and not to Name.
	Addresses []netip.Addr
	// Port is where it serves https; 0 for 443. Only an SRV record can carry it.
	Port uint16
}

// ErrServer is wrapped by errors about the place of the server.
var ErrServer = errors.New("no way to the server")

// ParseServer reads the host of a public URL, a name or an IP address, and
// further IP addresses. A host name that nobody else can look up, such as
// localhost, counts as none; an address that nobody else reaches is an error,
// which wraps [ErrServer].
func ParseServer(host string, addresses []string) (Server, error) {
	var s Server
	if _, err := netip.ParseAddr(host); err == nil {
		addresses = append([]string{host}, addresses...)
	} else if name, err := provider.ParseDomain(host); err == nil {
		s.Name = name
	}
	for _, text := range addresses {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return Server{}, fmt.Errorf("%w: %q is no IP address; write it as 192.0.2.10 or 2001:db8::10", ErrServer, text)
		}
		ip = ip.Unmap()
		if !ip.IsGlobalUnicast() || ip.Zone() != "" {
			return Server{}, fmt.Errorf("%w: nobody else reaches %s; give the address at which clients reach the server", ErrServer, ip)
		}
		if !slices.Contains(s.Addresses, ip) {
			s.Addresses = append(s.Addresses, ip)
		}
	}
	return s, nil
}

// data returns what the names that clients ask must say to lead to the server.
func (s Server) data(names ...provider.Domain) ([]Data, error) {
	switch {
	case len(s.Addresses) > 0:
		var list []Data
		for _, ip := range s.Addresses {
			list = append(list, Address{ip})
		}
		// Records of one name and type belong together.
		slices.SortStableFunc(list, func(a, b Data) int { return len(a.Type()) - len(b.Type()) })
		return list, nil
	case s.Name.IsZero():
		return nil, fmt.Errorf("%w: the server's name is none that others can look up; give its IP addresses (--server-ip) or a public name (--public-url)", ErrServer)
	case slices.Contains(names, s.Name):
		return nil, fmt.Errorf("%w: %s is the server's own name here, and cannot be another name for itself; give the server's IP addresses (--server-ip)", ErrServer, s.Name)
	}
	return []Data{CNAME{s.Name}}, nil
}
