package server

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"mailsetup/internal/mx"
	"mailsetup/internal/provider"
)

// lookups records what the resolver is asked for; no domain has an exchanger.
type lookups struct {
	mu    sync.Mutex
	names []string
}

func (l *lookups) none(_ context.Context, name string) ([]*net.MX, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names = append(l.names, name)
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// What the table knows is never looked up, so no client waits for DNS without need.
func TestTableNeedsNoLookUp(t *testing.T) {
	var made lookups
	s := newTestServer(t, "domains: {example.com: icloud}", recognising(made.none))
	for _, address := range []string{"jane@icloud.com", "jane@me.com", "jane@example.com"} {
		for _, target := range []string{
			"/mail/config-v1.1.xml?emailaddress=" + address, "/v1.1/" + address[5:], "/autodiscover/autodiscover.xml?Email=" + address,
			"/autodiscover/autodiscover.json?Protocol=AutodiscoverV1&Email=" + address, "/profile.mobileconfig?emailaddress=" + address,
		} {
			if w := ask(s.Public(), "GET", target, ""); w.Code != 200 {
				t.Errorf("%s: status %d", target, w.Code)
			}
		}
		ask(s.Public(), "POST", "/autodiscover/autodiscover.xml", poxRequest(address))
		ask(s.Public(), "POST", "/", "emailaddress="+address, "Content-Type: application/x-www-form-urlencoded")
	}
	if len(made.names) > 0 {
		t.Errorf("looked up: %q", made.names)
	}
}

// Look-ups are charged to the network that causes them. Behind a proxy that is the
// proxy's client; a header that anybody can send must not open another limit. The one
// look-up a second that everybody shares is used up first.
func TestLookUpsAreChargedToTheClient(t *testing.T) {
	for _, c := range []struct {
		name    string
		trusted []netip.Prefix
		want    []string
	}{
		{"trusted proxy", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, []string{"a.example.", "b.example.", "c.example."}},
		{"nobody trusted", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var made lookups
			s := newTestServer(t, "", func(cfg *Config) {
				cfg.TrustedProxies = c.trusted
				cfg.Recogniser = mx.New(mx.Config{LookupMX: made.none, Budget: mx.Budget{PerNetwork: 1e-9, PerNetworkBurst: 1, Overall: 1000, OverallBurst: 1000}})
			})
			ask(s.Public(), "GET", "/v1.1/first.example", "")
			ask(s.Public(), "GET", "/v1.1/second.example", "")
			made.names = nil
			for _, pair := range []string{"a 198.51.100.1", "b 203.0.113.1", "c 2001:db8::1"} {
				label, client, _ := strings.Cut(pair, " ")
				ask(s.Public(), "GET", "/v1.1/"+label+".example", "", "X-Forwarded-For: "+client) // the peer is 192.0.2.1
			}
			if !slices.Equal(made.names, c.want) {
				t.Errorf("looked up %q, want %q", made.names, c.want)
			}
		})
	}
}

// A page's token names a service. If the domain has left that service since, neither
// page nor profile may set it up there.
func TestTokenOfAMovedDomain(t *testing.T) {
	other := `
providers:
  other:
    name: Other Mail
    domains: [example.net]
    imap: [{host: mail.example.net, port: 993, security: tls, username: address}]
    smtp: [{host: mail.example.net, port: 465, security: tls, username: address}]
    password: {kind: account}
domains:
`
	s := newTestServer(t, other+"  example.com: icloud")
	page := ask(s.Public(), "POST", "/", "emailaddress=jane@example.com", "Content-Type: application/x-www-form-urlencoded").Header().Get("Location")
	for _, path := range []string{page, page + "icloud.mobileconfig"} {
		if w := ask(s.Public(), "GET", path, ""); w.Code != 200 {
			t.Fatalf("before the move: status %d", w.Code)
		}
	}
	for _, move := range []string{"  example.com: other", "  example.org: icloud"} {
		s.cfg.Load = func() (*provider.Table, error) { return loadOverlay(t, other+move) }
		if err := s.Reload(); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{page, page + "icloud.mobileconfig", page + "other.mobileconfig"} {
			w := ask(s.Public(), "GET", path, "")
			if w.Code != 404 || strings.Contains(w.Body.String(), "mail.example.net") || strings.Contains(w.Body.String(), "PayloadContent") {
				t.Errorf("after %q: status %d\n%.300s", move, w.Code, w.Body)
			}
		}
	}
}
