package server

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
)

// The resolver fails, and Caddy asks about names as they come in handshakes: it gets its
// answers from the table alone, and nothing is looked up.
func TestTLSAskWithoutDNS(t *testing.T) {
	var asked []string
	s := newTestServer(t, "domains: {example.com: icloud}", recognising(func(_ context.Context, name string) ([]*net.MX, error) {
		asked = append(asked, name)
		return nil, errors.New("the resolver does not answer")
	}), func(cfg *Config) { cfg.TLSAsk = true })
	for name, want := range map[string]int{
		"autoconfig.example.com": 200, "autodiscover.example.com": 200,
		"autoconfig.example.net": 403, "example.com": 403, "www.example.com": 403, "192.0.2.1": 403, "": 403,
	} {
		if w := admin(s, "/-/tls-ask?domain="+name); w.Code != want {
			t.Errorf("%q: status %d, want %d", name, w.Code, want)
		}
	}
	if w := admin(s, "/-/tls-ask"); w.Code != 403 {
		t.Errorf("no name: status %d, want 403", w.Code)
	}
	if len(asked) > 0 {
		t.Errorf("looked up: %q", asked)
	}
}

// Whoever could ask in public would learn every domain that is hosted here.
func TestTLSAskIsNotPublic(t *testing.T) {
	s := newTestServer(t, "domains: {example.com: icloud}", endingTLS(t, "https://setup.example.com"), func(cfg *Config) { cfg.TLSAsk = true })
	if w := admin(s, "/-/tls-ask?domain=autoconfig.example.com"); w.Code != 200 {
		t.Fatalf("the admin listener: status %d", w.Code)
	}
	for _, host := range []string{"setup.example.com", "autoconfig.example.com", "localhost", "127.0.0.1:8081", "192.0.2.1"} {
		for _, name := range []string{"autoconfig.example.com", "autoconfig.example.net"} {
			for _, scheme := range []string{"http://", "https://"} {
				w := ask(s.Public(), "GET", scheme+host+"/-/tls-ask?domain="+name, "", "Host: "+host)
				if w.Code != 404 || strings.Contains(w.Body.String(), "allowed") {
					t.Errorf("%s%s asked for %s: status %d", scheme, host, name, w.Code)
				}
			}
		}
	}
}
