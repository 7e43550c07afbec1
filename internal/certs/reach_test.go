package certs

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

type fakeDNS map[string][]string

func (d fakeDNS) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	texts, ok := d[strings.TrimSuffix(host, ".")]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	var addresses []netip.Addr
	for _, text := range texts {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return nil, &net.DNSError{Err: "server misbehaving", Name: host, IsTemporary: true}
		}
		addresses = append(addresses, a)
	}
	return addresses, nil
}

func TestReach(t *testing.T) {
	dns := fakeDNS{
		"setup.test":          {"192.0.2.1", "2001:db8::1"}, // the balancer's
		"good.test":           {"::ffff:192.0.2.1", "2001:db8::1"},
		"round-robin.test":    {"192.0.2.9", "192.0.2.1"},
		"direct.test":         {"192.0.2.7"},
		"elsewhere.test":      {"198.51.100.1"},
		"ipv6-elsewhere.test": {"192.0.2.1", "2001:db8::ffff"},
		"broken.test":         {"SERVFAIL"},
		"empty.test":          {},
	}
	own := func() ([]netip.Addr, error) { return []netip.Addr{netip.MustParseAddr("192.0.2.7")}, nil }
	for _, c := range []struct{ name, public, want string }{
		{"setup.test", "setup.test", ""},
		{"good.test", "setup.test", ""},
		{"round-robin.test", "setup.test", ""},
		{"direct.test", "setup.test", ""},
		{"direct.test", "", ""},
		{"good.test", "", "points to 192.0.2.1, 2001:db8::1, which is not this server: publish the records that 'mailsetup dns' prints, or, if"},
		{"elsewhere.test", "setup.test", "points to 198.51.100.1"},
		{"ipv6-elsewhere.test", "setup.test", "points to 2001:db8::ffff, which"},
		{"missing.test", "setup.test", "missing.test has no address in DNS: publish the records that 'mailsetup dns' prints"},
		{"empty.test", "setup.test", "empty.test has no address in DNS"},
		{"broken.test", "setup.test", "check this machine's DNS resolver"},
		// 'mailsetup dns' prints no record for the server's own name.
		{"good.test", "missing.test", "missing.test has no address in DNS: it is the host of the public URL; publish A and AAAA records"},
		{"missing.test", "missing.test", "missing.test has no address in DNS: it is the host of the public URL; publish A and AAAA records"},
	} {
		err := Reach{Resolver: dns, PublicHost: c.public, Own: own}.Check(t.Context(), c.name)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, public host %q: %v; want %q", c.name, c.public, err, c.want)
		}
	}
	failing := func() ([]netip.Addr, error) { return nil, errors.New("no interfaces") }
	if err := (Reach{Resolver: dns, Own: failing}).Check(t.Context(), "good.test"); err == nil {
		t.Error("no error although its own addresses are unknown")
	}
	// This machine's own addresses, whatever they are, include loopback.
	dns["loopback.test"] = []string{"127.0.0.1"}
	if err := (Reach{Resolver: dns}).Check(t.Context(), "loopback.test"); err != nil {
		t.Error(err)
	}
}
