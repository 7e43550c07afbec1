package cli

import (
	"net/netip"
	"testing"
)

// An IPv4 peer of an IPv6 socket is an IPv4 address to the server, however the operator
// writes it.
func TestTrustedProxies(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "::ffff:192.0.2.7": "192.0.2.7/32", "::ffff:10.0.0.0/104": "10.0.0.0/8",
		"10.1.2.3/8": "10.0.0.0/8", "2001:db8::/32": "2001:db8::/32", "::/0": "::/0",
	} {
		got, err := trustedProxies([]string{text})
		if err != nil || len(got) != 1 || got[0] != netip.MustParsePrefix(want) {
			t.Errorf("%s is %v, %v; want %s", text, got, err, want)
		}
	}
}
