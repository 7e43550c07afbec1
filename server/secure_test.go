package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"mailsetup/internal/document"
	"mailsetup/internal/mx"
	"mailsetup/internal/provider"
)

// endingTLS is a server that ends TLS itself.
func endingTLS(t *testing.T, public string) func(*Config) {
	return func(cfg *Config) {
		cfg.TLS = &tls.Config{}
		if public != "" {
			u, err := document.ParsePublicURL(public)
			if err != nil {
				t.Fatal(err)
			}
			cfg.PublicURL = u
		}
	}
}

// TestPlainNextToTLS: requests by plain http are answered where clients need that, and
// redirected to https where clients can follow.
func TestPlainNextToTLS(t *testing.T) {
	const form = "Content-Type: application/x-www-form-urlencoded"
	const browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, tt := range []struct {
		name, public, method, target, body string
		headers                            []string
		status                             int
		location                           string
	}{
		{name: "autoconfig is asked by http", method: "GET", target: "/mail/config-v1.1.xml?emailaddress=jane@example.com",
			headers: []string{"Host: autoconfig.example.com"}, status: 200},
		{name: "Outlook's redirect", method: "GET", target: "/autodiscover/autodiscover.xml",
			headers: []string{"Host: autodiscover.example.com"}, status: 302, location: "https://autodiscover.example.com/autodiscover/autodiscover.xml?secure=1"},
		{name: "its POST keeps the body", method: "POST", target: "/Autodiscover/Autodiscover.xml", body: poxRequest("jane@example.com"),
			headers: []string{"Host: autodiscover.example.com"}, status: 307, location: "https://autodiscover.example.com/autodiscover/autodiscover.xml?secure=1"},
		{name: "the page, to the public URL", public: "https://setup.example.net:8443", method: "GET", target: "/",
			headers: []string{"Host: evil.example.org"}, status: 308, location: "https://setup.example.net:8443/?secure=1"},
		{name: "a form keeps its body", public: "https://setup.example.net", method: "POST", target: "/", body: "emailaddress=jane@example.com",
			headers: []string{form}, status: 308, location: "https://setup.example.net/?secure=1"},
		{name: "without a public URL, to the name that was asked", method: "GET", target: "/",
			headers: []string{"Host: autoconfig.example.com"}, status: 308, location: "https://autoconfig.example.com/?secure=1"},
		{name: "which must be ours", method: "GET", target: "/", headers: []string{"Host: evil.example.org"}, status: 200},
		// People who type a link leave out https.
		{name: "link with a domain and a language", public: "https://setup.example.net", method: "GET", target: "/?domain=b%C3%BCcher.test&lang=DE", status: 308,
			location: "https://setup.example.net/?secure=1&domain=xn--bcher-kva.test&lang=de"},
		{name: "link with something else", public: "https://setup.example.net", method: "GET", target: "/?domain=jane@example.com&lang=%0d", status: 308,
			location: "https://setup.example.net/?secure=1"},
		// The page for a lost browser has a form, too, and a mistyped path may hold an address.
		{name: "a lost browser", public: "https://setup.example.net", method: "GET", target: "/jane@example.com?lang=de",
			headers: []string{"Accept: text/html"}, status: 308, location: "https://setup.example.net/lost?secure=1&lang=de"},
		{name: "a lost machine", public: "https://setup.example.net", method: "GET", target: "/help", status: 404},
		{name: "no redirect loop for a lost browser", public: "https://setup.example.net", method: "GET", target: "/lost?secure=1",
			headers: []string{"Accept: text/html"}, status: 404},
		{name: "no circle", public: "https://setup.example.net", method: "GET", target: "/?secure=1", status: 200},
		{name: "no redirect loop for Outlook", method: "GET", target: "/autodiscover/autodiscover.xml?secure=1",
			headers: []string{"Host: autodiscover.example.com"}, status: 200},
		{name: "a trusted proxy ends TLS", public: "https://setup.example.net", method: "GET", target: "/",
			headers: []string{"X-Forwarded-Proto: https"}, status: 200},
		{name: "a profile's address is in no URL that we make", public: "https://setup.example.net", method: "GET",
			target: "/profile.mobileconfig?emailaddress=jane@icloud.com", status: 200},
		// An iPhone's browser is a person's; device management and scripts are not.
		{name: "a profile in a browser", public: "https://setup.example.net", method: "GET", target: "/profile/icloud.mobileconfig",
			headers: []string{browser}, status: 308, location: "https://setup.example.net/profile/icloud.mobileconfig?secure=1"},
		{name: "a profile for a machine", public: "https://setup.example.net", method: "GET", target: "/profile/icloud.mobileconfig", status: 200},
		{name: "no redirect loop for a profile", public: "https://setup.example.net", method: "GET", target: "/profile/icloud.mobileconfig?secure=1",
			headers: []string{browser}, status: 200},
		{name: "no profile, in a browser", public: "https://setup.example.net", method: "GET", target: "/profile/signin.mobileconfig",
			headers: []string{browser}, status: 308, location: "https://setup.example.net/profile/signin.mobileconfig?secure=1"},
		{name: "no profile, for a machine", public: "https://setup.example.net", method: "GET", target: "/profile/signin.mobileconfig", status: 404},
		{name: "no such profile, in a browser", public: "https://setup.example.net", method: "GET", target: "/profile/jane@icloud.com",
			headers: []string{browser}, status: 404},
		{name: "a bad address, in a browser", public: "https://setup.example.net", method: "GET", target: "/profile.mobileconfig?emailaddress=ja%20ne@icloud.com&lang=de",
			headers: []string{browser}, status: 308, location: "https://setup.example.net/profile.mobileconfig?secure=1&lang=de"},
		{name: "an unknown domain, in a browser", public: "https://setup.example.net", method: "GET", target: "/profile.mobileconfig?emailaddress=jane@example.org",
			headers: []string{browser}, status: 308, location: "https://setup.example.net/profile.mobileconfig?secure=1"},
		{name: "a bad address, for a machine", public: "https://setup.example.net", method: "GET", target: "/profile.mobileconfig?emailaddress=ja%20ne@icloud.com", status: 400},
		{name: "a profile in a browser, at a name that is not ours", method: "GET", target: "/profile/icloud.mobileconfig",
			headers: []string{browser, "Host: setup.example.org"}, status: 200},
		{name: "the page for an address", public: "https://setup.example.net", method: "GET", target: "/p/x/", status: 308, location: "https://setup.example.net/p/x/?secure=1"},
		{name: "its profile", public: "https://setup.example.net", method: "GET", target: "/p/x/icloud.mobileconfig?lang=de",
			status: 308, location: "https://setup.example.net/p/x/icloud.mobileconfig?secure=1&lang=de"},
		{name: "its file for Android", public: "https://setup.example.net", method: "GET", target: "/p/x/" + document.AndroidFileName,
			status: 308, location: "https://setup.example.net/p/x/" + document.AndroidFileName + "?secure=1"},
		{name: "a mistyped link with an address", public: "https://setup.example.net", method: "GET", target: "/p/jane%40example.com/",
			status: 308, location: "https://setup.example.net/lost?secure=1"},
		{name: "a password in a link", public: "https://setup.example.net", method: "GET", target: "/?password=secret",
			headers: []string{browser}, status: 308, location: "https://setup.example.net/?secure=1"},
		{name: "a missing asset, in a browser", public: "https://setup.example.net", method: "GET", target: "/assets/x.css",
			headers: []string{browser}, status: 308, location: "https://setup.example.net/lost?secure=1"},
		{name: "an asset", public: "https://setup.example.net", method: "GET", target: "/assets/x.css", status: 404},
	} {
		s := newTestServer(t, signInOnly+"domains: {example.com: icloud}", endingTLS(t, tt.public), func(cfg *Config) {
			cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's client
		})
		w := ask(s.plain, tt.method, tt.target, tt.body, tt.headers...)
		if w.Code != tt.status || w.Header().Get("Location") != tt.location {
			t.Errorf("%s: %d to %q, want %d to %q", tt.name, w.Code, w.Header().Get("Location"), tt.status, tt.location)
		}
	}
}

// signInOnly is a service without profiles.
const signInOnly = `
providers:
  signin:
    name: Sign-in
    domains: [signin.test]
    password: {kind: none}
    imap: [{host: imap.signin.test, port: 993, security: tls, username: address, auth: oauth2}]
    smtp: [{host: smtp.signin.test, port: 465, security: tls, username: address, auth: oauth2}]
`

// A link with an address that a browser opens by plain http leads to the same profile by
// https, and not by way of a URL with the address in it.
func TestAddressedProfileToTLS(t *testing.T) {
	s := newTestServer(t, "", endingTLS(t, "https://setup.example.net"))
	const link = "/profile.mobileconfig?emailaddress=jane@icloud.com&name=Jane+Appleseed"
	w := ask(s.plain, "GET", link, "", "Accept: text/html")
	location := w.Header().Get("Location")
	path, _ := strings.CutPrefix(location, "https://setup.example.net")
	if w.Code != 308 || !strings.HasPrefix(path, "/p/") || strings.Contains(location, "jane") {
		t.Fatalf("status %d to %q", w.Code, location)
	}
	got, want := ask(s.Public(), "GET", "https://setup.example.net"+path, ""), ask(s.Public(), "GET", "https://setup.example.net"+link, "")
	if want.Code != 200 || got.Code != 200 || got.Body.String() != want.Body.String() || !strings.Contains(got.Body.String(), "jane@icloud.com") {
		t.Errorf("status %d, want the profile that https gives, status %d:\n%s", got.Code, want.Code, got.Body)
	}
}

// TestStrictTransport: browsers are bound to https only at the operator's own name.
func TestStrictTransport(t *testing.T) {
	s := newTestServer(t, "domains: {example.com: icloud}", endingTLS(t, "https://setup.example.net"))
	for _, tt := range []struct {
		host string
		tls  bool
		want string
	}{
		{"setup.example.net", true, "max-age=31536000"},
		{"setup.example.net:443", true, "max-age=31536000"},
		{"setup.example.net", false, ""},
		{"autoconfig.example.com", true, ""},
		{"www.setup.example.net", true, ""},
	} {
		for _, path := range []string{"/mail/config-v1.1.xml", "/", "/lost?secure=1"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Host = tt.host
			r.Header.Set("Accept", "text/html")
			if tt.tls {
				r.TLS = &tls.ConnectionState{}
			}
			w := httptest.NewRecorder()
			s.Public().ServeHTTP(w, r)
			if got := w.Header().Get("Strict-Transport-Security"); got != tt.want {
				t.Errorf("%s%s, TLS %t: %q, want %q", tt.host, path, tt.tls, got, tt.want)
			}
		}
	}
	if w := ask(newTestServer(t, "").Public(), "GET", "https://setup.example.net/", ""); w.Header().Get("Strict-Transport-Security") != "" {
		t.Error("the header is sent where a proxy ends TLS")
	}
}

// TestRunWithTLS: both listeners share one limit, over HTTP/2 and 1.1, and only the plain
// one answers the authority's challenges.
func TestRunWithTLS(t *testing.T) {
	origin := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	defer origin.Close()
	roots := x509.NewCertPool()
	roots.AddCert(origin.Certificate())
	s := newTestServer(t, "", func(cfg *Config) {
		cfg.TLS = &tls.Config{Certificates: origin.TLS.Certificates, NextProtos: []string{"h2", "http/1.1"}}
		cfg.Challenge = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/.well-known/acme-challenge/") {
					w.Write([]byte("key authorization"))
					return
				}
				next.ServeHTTP(w, r)
			})
		}
	})
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	on := Listeners{Public: listen(), Plain: listen(), Admin: listen()}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, on) }()
	get := func(client *http.Client, url string) (status, major int) {
		t.Helper()
		defer client.CloseIdleConnections()
		r, err := client.Get(url)
		if err != nil {
			t.Error(err)
			return 0, 0
		}
		r.Body.Close()
		return r.StatusCode, r.ProtoMajor
	}
	secure, plain := "https://"+on.Public.Addr().String(), "http://"+on.Plain.Addr().String()
	for h2, want := range map[bool]int{false: 1, true: 2} {
		client := &http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.com"}, ForceAttemptHTTP2: h2,
		}}
		if status, major := get(client, secure+"/v1.1/icloud.com"); status != 200 || major != want {
			t.Errorf("https: %d over HTTP/%d, want HTTP/%d", status, major, want)
		}
		if status, _ := get(client, secure+"/.well-known/acme-challenge/x"); status != 404 {
			t.Errorf("a challenge by https: %d", status)
		}
	}
	for path, want := range map[string]int{"/v1.1/icloud.com": 200, "/.well-known/acme-challenge/x": 200, "/x": 404} {
		if status, _ := get(&http.Client{Transport: new(http.Transport)}, plain+path); status != want {
			t.Errorf("http, %s: %d, want %d", path, status, want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestNames: certificates are for the names that clients can be sent to, and for no
// others, whoever asks.
func TestNames(t *testing.T) {
	recogniser := mx.New(mx.Config{LookupMX: hostedAtICloud})
	s := newTestServer(t, signInOnly+`
domains: {example.com: icloud, shop.test: signin}
`, endingTLS(t, "https://setup.example.net"), func(cfg *Config) { cfg.Recogniser, cfg.TLSAsk = recogniser, true })
	got := slices.Sorted(s.Names())
	want := []string{"autoconfig.example.com", "autoconfig.shop.test", "autodiscover.example.com", "setup.example.net"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for name, want := range map[string]bool{
		"setup.example.net": true, "autoconfig.example.com": true, "AUTODISCOVER.example.com.": true,
		"autodiscover.shop.test": false, "autoconfig.icloud.com": false, "example.com": false, "www.example.com": false,
		"autoconfig.autoconfig.example.com": false, "autoconfig.example.test": false, "": false, "a b": false, "192.0.2.1": false,
	} {
		if got := s.Certifiable(name); got != want {
			t.Errorf("%q: %t, want %t", name, got, want)
		}
		if status := admin(s, "/-/tls-ask?domain="+strings.ReplaceAll(name, " ", "+")).Code; (status == 200) != want || status != 200 && status != 403 {
			t.Errorf("Caddy asks for %q: status %d", name, status)
		}
	}
	d, _ := provider.ParseDomain("example.test")
	if _, _, err := recogniser.Exchanger(t.Context(), d, netip.Addr{}); err != nil {
		t.Fatal(err)
	}
	if !s.Certifiable("autodiscover.example.test") {
		t.Error("a recognised domain was refused a certificate")
	}
	if status := admin(newTestServer(t, ""), "/-/tls-ask?domain=autoconfig.example.com").Code; status != 404 {
		t.Errorf("without TLSAsk: status %d", status)
	}
}
