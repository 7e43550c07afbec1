package certs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Reach checks whether a name points to this server. An order for one that does not
// would fail, and Let's Encrypt counts failures.
type Reach struct {
	// Resolver looks names up; [net.DefaultResolver] is one.
	Resolver interface {
		LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	}
	// PublicHost is the host of the server's public URL. Its addresses count as this
	// server's, even if this machine does not have them, as behind a balancer.
	PublicHost string
	// Own are the addresses of this machine; nil: those of its interfaces.
	Own func() ([]netip.Addr, error)
}

// lookupTimeout limits all look-ups for one name.
const lookupTimeout = 10 * time.Second

// Check fails with the reason why a name does not point here yet. If a name has IPv4
// and IPv6 addresses, both must point here: Let's Encrypt prefers IPv6
// (https://letsencrypt.org/docs/ipv6-support/).
func (r Reach) Check(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	addresses, err := r.lookup(ctx, name)
	if err != nil {
		return err
	}
	if strings.EqualFold(name, r.PublicHost) {
		return nil // the operator says so
	}
	here, err := r.here(ctx)
	if err != nil {
		return err
	}
	var strange []string
	families := map[bool]bool{} // by whether it is IPv4: whether one address is ours
	for _, a := range addresses {
		ours := slices.Contains(here, a)
		families[a.Is4()] = families[a.Is4()] || ours
		if !ours {
			strange = append(strange, a.String())
		}
	}
	for _, ours := range families {
		if !ours {
			cure := "publish the records that 'mailsetup dns' prints"
			if r.PublicHost == "" {
				cure += ", or, if this machine is behind a router or balancer, give it a public URL"
			}
			return fmt.Errorf("%s points to %s, which is not this server: %s", name, strings.Join(strange, ", "), cure)
		}
	}
	return nil
}

func (r Reach) lookup(ctx context.Context, name string) ([]netip.Addr, error) {
	addresses, err := r.Resolver.LookupNetIP(ctx, "ip", name+".")
	var dnsErr *net.DNSError
	switch {
	case errors.As(err, &dnsErr) && dnsErr.IsNotFound, err == nil && len(addresses) == 0:
		if strings.EqualFold(name, r.PublicHost) { // 'mailsetup dns' prints none for it
			return nil, fmt.Errorf("%s has no address in DNS: it is the host of the public URL; publish A and AAAA records with this server's addresses", name)
		}
		return nil, fmt.Errorf("%s has no address in DNS: publish the records that 'mailsetup dns' prints", name)
	case err != nil:
		return nil, fmt.Errorf("%s cannot be looked up: check this machine's DNS resolver", name)
	}
	for i := range addresses {
		addresses[i] = addresses[i].Unmap().WithZone("")
	}
	return addresses, nil
}

// here returns all addresses of this server.
func (r Reach) here(ctx context.Context) ([]netip.Addr, error) {
	own := r.Own
	if own == nil {
		own = interfaceAddresses
	}
	here, err := own()
	if err != nil {
		return nil, fmt.Errorf("the addresses of this machine cannot be read: %w", err)
	}
	if r.PublicHost == "" {
		return here, nil
	}
	public, err := r.lookup(ctx, r.PublicHost)
	if err != nil {
		return nil, err
	}
	return append(here, public...), nil
}

func interfaceAddresses() ([]netip.Addr, error) {
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	var own []netip.Addr
	for _, a := range found {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			own = append(own, prefix.Addr().Unmap().WithZone(""))
		}
	}
	return own, nil
}
