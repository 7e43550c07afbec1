package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"mailsetup/internal/document"
	"mailsetup/internal/mx"
)

// recognising switches recognition on with the test's own resolver.
func recognising(lookup mx.LookupMX) func(*Config) {
	return func(cfg *Config) {
		cfg.Recogniser = mx.New(mx.Config{LookupMX: lookup, Entries: 1000, Budget: mx.Budget{
			PerNetwork: 1e9, PerNetworkBurst: 1e9, Overall: 1e9, OverallBurst: 1e9,
		}})
	}
}

func hostedAtICloud(_ context.Context, name string) ([]*net.MX, error) {
	if name == "example.test." {
		return []*net.MX{{Host: "mx01.mail.icloud.com.", Pref: 10}}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// A hoster's customers need no line in the table, and their logins are unknown: autoconfig
// names the full address for both servers, POX and the profile name no login.
func TestDomainRecognisedByMX(t *testing.T) {
	s := newTestServer(t, "", recognising(hostedAtICloud))
	for _, target := range []string{
		"/mail/config-v1.1.xml?emailaddress=jane@example.test",
		"/.well-known/autoconfig/mail/config-v1.1.xml",
		"/v1.1/example.test",
	} {
		w := ask(s.Public(), "GET", target, "", "Host: autoconfig.example.test")
		body := w.Body.String()
		if w.Code != http.StatusOK || strings.Count(body, "%EMAILADDRESS%") != 2 || strings.Contains(body, "%EMAILLOCALPART%") {
			t.Errorf("%s: %d\n%s", target, w.Code, body)
		}
		if !strings.Contains(body, "<domain>example.test</domain>") {
			t.Errorf("%s: the domain asked for is not listed, Parula would refuse it", target)
		}
	}
	w := ask(s.Public(), "POST", "/autodiscover/autodiscover.xml", poxRequest("jane@example.test"))
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "LoginName") {
		t.Errorf("POX: %d\n%s", w.Code, w.Body)
	}
	w = ask(s.Public(), "GET", "/profile.mobileconfig?emailaddress=jane@example.test", "")
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "Username") {
		t.Errorf("profile: %d\n%s", w.Code, w.Body)
	}
	w = ask(s.Public(), "GET", "/mail/config-v1.1.xml?emailaddress=jane@example.org", "", "Host: autoconfig.example.org")
	if w.Code != http.StatusNotFound {
		t.Errorf("a domain hosted nowhere: %d", w.Code)
	}
}

// Off by default: other people's DNS must not decide what an operator serves.
func TestRecognitionIsOptional(t *testing.T) {
	w := ask(newTestServer(t, "").Public(), "GET", "/mail/config-v1.1.xml", "", "Host: autoconfig.example.test")
	if w.Code != http.StatusNotFound {
		t.Errorf("status %d, want 404", w.Code)
	}
}

// While the resolver is down, an unknown domain's 404 must not be remembered by
// caches, and the table's own domains must not be affected.
func TestResolverDown(t *testing.T) {
	s := newTestServer(t, "domains: {example.com: icloud}", recognising(func(context.Context, string) ([]*net.MX, error) {
		return nil, errors.New("connection refused")
	}))
	w := ask(s.Public(), "GET", "/mail/config-v1.1.xml", "", "Host: autoconfig.example.test")
	if w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("unknown domain: %d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
	}
	if body := w.Body.String(); !strings.Contains(body, "could not be found out just now") {
		t.Errorf("the answer claims to know the domain: %q", body)
	}
	// People must not be told to check their spelling.
	form := "emailaddress=jane%40example.test"
	w = ask(s.Public(), "POST", "/", form, "Content-Type: application/x-www-form-urlencoded")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "could not be looked up") {
		t.Errorf("page: %d, Retry-After %q\n%s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
	w = ask(s.admin, "GET", "/readyz", "", "Host: localhost")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"mx":{"failing":true`) {
		t.Errorf("/readyz: %d %s", w.Code, w.Body)
	}
	for _, host := range []string{"autoconfig.example.com", "autoconfig.icloud.com"} {
		w := ask(s.Public(), "GET", "/mail/config-v1.1.xml", "", "Host: "+host)
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != document.CacheShared.String() {
			t.Errorf("%s: %d, Cache-Control %q", host, w.Code, w.Header().Get("Cache-Control"))
		}
	}
}

// An answer that follows the Host only because the resolver was down must not be kept: a
// minute later the address has settings of its own.
func TestResolverDownForTheAddress(t *testing.T) {
	s := newTestServer(t, "domains: {example.com: icloud}", recognising(func(context.Context, string) ([]*net.MX, error) {
		return nil, errors.New("connection refused")
	}), func(cfg *Config) { cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} }) // httptest's client
	for name, headers := range map[string][]string{
		"the address": {"Host: autoconfig.example.com"},
		"the Host":    {"Host: autoconfig.example.org", "X-Forwarded-Host: autoconfig.example.com"},
	} {
		w := ask(s.Public(), "GET", "/mail/config-v1.1.xml?emailaddress=jane@example.test", "", headers...)
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Etag") != "" {
			t.Errorf("%s is undecided: %d, Cache-Control %q, ETag %q", name, w.Code, w.Header().Get("Cache-Control"), w.Header().Get("Etag"))
		}
	}
}

// Thunderbird asks the database for an exchanger's name without its first label. The table
// knows it, so no resolver may delay the answer or make it fail. A name below it may
// belong to anybody, and gets no answer.
func TestExchangerOfTheTableNeedsNoResolver(t *testing.T) {
	asked := 0
	s := newTestServer(t, "", recognising(func(context.Context, string) ([]*net.MX, error) {
		asked++
		return nil, errors.New("connection refused")
	}))
	w := ask(s.Public(), "GET", "/v1.1/mail.icloud.com", "")
	if w.Code != http.StatusOK || strings.Count(w.Body.String(), "%EMAILADDRESS%") != 2 {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	if asked > 0 {
		t.Errorf("the resolver was asked %d times", asked)
	}
	if w := ask(s.Public(), "GET", "/v1.1/students.mail.icloud.com", ""); w.Code != http.StatusNotFound {
		t.Errorf("a name below the exchangers': %d\n%s", w.Code, w.Body)
	}
}

// A DNS answer may name any host, even the address at which clouds hand out credentials.
// It is compared and nothing else.
func TestHostileExchangers(t *testing.T) {
	for _, host := range []string{"169.254.169.254", "localhost.", "mail.icloud.com.evil.test.", "notmail.icloud.com.", "."} {
		s := newTestServer(t, "", recognising(func(context.Context, string) ([]*net.MX, error) {
			return []*net.MX{{Host: host, Pref: 0}}, nil
		}))
		w := ask(s.Public(), "GET", "/mail/config-v1.1.xml", "", "Host: autoconfig.example.test")
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", host, w.Code)
		}
	}
}

// deafWriter discards what is written to it.
type deafWriter struct{}

func (deafWriter) Header() http.Header         { return http.Header{} }
func (deafWriter) Write(p []byte) (int, error) { return len(p), nil }
func (deafWriter) WriteHeader(int)             {}

// A hundred thousand made-up domains, recognised or not, must not grow the memory.
func TestRandomDomainsCostNoMemory(t *testing.T) {
	s := newTestServer(t, "", recognising(func(_ context.Context, name string) ([]*net.MX, error) {
		if strings.HasPrefix(name, "d1") {
			return []*net.MX{{Host: "mx01.mail.icloud.com.", Pref: 10}}, nil
		}
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}))
	flood := func(from, to int) {
		r := httptest.NewRequest("GET", "/mail/config-v1.1.xml", nil)
		for i := from; i < to; i++ {
			r.Host = fmt.Sprintf("autoconfig.d%d.example.test", i)
			s.Public().ServeHTTP(deafWriter{}, r)
		}
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	flood(0, 20_000) // fills what is bounded
	before := heap()
	flood(20_000, 100_000)
	if after := heap(); after > before+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	if w := ask(s.Public(), "GET", "/v1.1/icloud.com", ""); w.Code != http.StatusOK {
		t.Errorf("a domain of the table: %d", w.Code)
	}
}
