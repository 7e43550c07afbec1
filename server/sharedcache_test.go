package server

import (
	"fmt"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

const cachedTable = `
providers:
  other:
    name: Other Mail
    domains: [other.example]
    imap: [{host: imap.other.example, port: 993, security: tls, username: address}]
    smtp: [{host: smtp.other.example, port: 465, security: tls, username: address}]
    password: {kind: account}
domains:
  a.example: icloud
  b.example: other
  mapped.example:
    provider: icloud
    login: family@me.com
    logins: {jane@mapped.example: jane.appleseed@icloud.com}
`

// A CDN is often set up to drop the query: it keys on host and path, and keeps
// whatever is marked public. Whatever has filled such a cache, a request without an
// address, or with one of the Host's own domain, gets the answer that the server
// itself would give. An address elsewhere gets its own domain's answer or the Host's,
// and no request gets a login that is stated for one person.
func TestSharedCacheMixesNobodyUp(t *testing.T) {
	s := newTestServer(t, cachedTable)
	domains := []string{"a.example", "b.example", "mapped.example", "icloud.com", "other.example", "unserved.example"}
	hosts := []string{"setup.example.net"}
	queries := []string{"", "?emailaddress=", "?emailaddress=jane", "?emailaddress=%25EMAILADDRESS%25", "?emailaddress=EVOLUTIONUSER%40"}
	for _, d := range domains {
		hosts = append(hosts, d, "autoconfig."+d, "autodiscover."+d)
		queries = append(queries, "?emailaddress=jane%40"+d, "?emailaddress=june%40"+d)
	}
	kept := 0
	for _, path := range []string{
		"/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml", "/.well-known/mail-v1.xml",
		"/v1.1/mail/config-v1.1.xml", "/v1.1/a.example", "/v1.1/mapped.example", "/v1.1/unserved.example",
		"/autodiscover/autodiscover.xml", "/autodiscover/autodiscover.json",
		"/profile/icloud.mobileconfig", "/profile.mobileconfig", "/profile/unknown.mobileconfig", "/", "/nothing",
	} {
		for _, host := range hosts {
			own := strings.TrimPrefix(strings.TrimPrefix(host, "autoconfig."), "autodiscover.")
			uncached := map[string]clientAnswer{}
			for _, q := range queries {
				uncached[q] = answerOf(ask(s.Public(), "GET", path+q, "", "Host: "+host))
			}
			for _, first := range queries {
				if !uncached[first].kept {
					continue
				}
				kept++
				got := uncached[first].text
				for _, q := range queries {
					_, asked, _ := strings.Cut(q, "%40")
					what := fmt.Sprintf("%s%s%s after %q", host, path, q, first)
					switch {
					case got == uncached[q].text:
					case asked == "" || asked == own:
						t.Errorf("%s: another answer than without a cache:\n%s", what, got)
					case got != uncached[""].text:
						t.Errorf("%s: neither the answer for the address nor that for the host:\n%s", what, got)
					}
					if strings.Contains(got, "jane.appleseed") || strings.Contains(got, "family") {
						t.Errorf("%s: gives a stated login away", what)
					}
				}
			}
		}
	}
	if kept < 200 {
		t.Errorf("a cache kept %d answers: the test proves nothing", kept)
	}
}

type clientAnswer struct {
	text string // what a client makes settings of
	kept bool   // by a shared cache
}

func answerOf(w *httptest.ResponseRecorder) clientAnswer {
	class := w.Header().Get("Cache-Control")
	return clientAnswer{
		text: fmt.Sprintf("%d %s\n%s", w.Code, w.Header().Get("Content-Type"), w.Body),
		kept: strings.HasPrefix(class, "public") && !strings.Contains(class, "no-cache"),
	}
}

// nginx's cache key has no host by default: only Vary keeps it from giving one domain's
// settings to the next. Behind a proxy, the host may be in X-Forwarded-Host.
func TestSharedCacheKeepsHostsApart(t *testing.T) {
	direct := newTestServer(t, cachedTable)
	behind := newTestServer(t, cachedTable, func(cfg *Config) {
		cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's client
	})
	for _, c := range []struct {
		s                  *Server
		target, host, want string
	}{
		{direct, "/mail/config-v1.1.xml", "autoconfig.a.example", "Host"},
		{direct, "/mail/config-v1.1.xml?emailaddress=jane@a.example", "autoconfig.a.example", "Host"},
		{direct, "/mail/config-v1.1.xml?emailaddress=jane@a.example", "autoconfig.b.example", ""}, // private
		{direct, "/mail/config-v1.1.xml", "autoconfig.mapped.example", ""},
		{direct, "/v1.1/a.example", "autoconfig.b.example", ""}, // the path decides
		{direct, "/profile/icloud.mobileconfig", "a.example", ""},
		{behind, "/mail/config-v1.1.xml", "autoconfig.a.example", "Host, X-Forwarded-Host"},
		{behind, "/v1.1/a.example", "autoconfig.a.example", ""},
	} {
		first := ask(c.s.Public(), "GET", c.target, "", "Host: "+c.host)
		again := ask(c.s.Public(), "GET", c.target, "", "Host: "+c.host, "If-None-Match: *")
		for _, w := range []*httptest.ResponseRecorder{first, again} {
			if got := w.Header().Get("Vary"); got != c.want {
				t.Errorf("%s at %s: status %d, Vary %q, want %q", c.target, c.host, w.Code, got, c.want)
			}
		}
	}
}
