package server

import (
	"bytes"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/document"
)

// variations are what proxies, browsers, scanners and attackers add to a request. A
// cache in front keys on host and path; none of these may change an answer that it
// keeps for others, and none may end up in a link.
var variations = []string{
	"X-Forwarded-Host: evil.example.net",
	"X-Forwarded-Host: autoconfig.example.com, evil.example.net",
	"X-Forwarded-Proto: http",
	"X-Forwarded-Proto: evil",
	"X-Forwarded-Scheme: http",
	"X-Forwarded-Ssl: off",
	"X-Forwarded-Port: 1337",
	"X-Forwarded-Prefix: /evil",
	"X-Forwarded-Path: /evil",
	"X-Forwarded-Server: evil.example.net",
	"X-Forwarded-For: 127.0.0.1",
	"X-Real-Ip: 127.0.0.1",
	"True-Client-Ip: 127.0.0.1",
	"Cf-Connecting-Ip: 127.0.0.1",
	"Forwarded: for=127.0.0.1;host=evil.example.net;proto=http",
	"Via: 1.1 evil.example.net",
	"X-Host: evil.example.net",
	"X-Original-Host: evil.example.net",
	"X-Http-Host-Override: evil.example.net",
	"X-Original-Url: /profile/icloud.mobileconfig",
	"X-Rewrite-Url: /profile/icloud.mobileconfig",
	"X-Http-Method-Override: DELETE",
	"X-Http-Method: PUT",
	"X-Method-Override: POST",
	"Origin: https://evil.example.net",
	"Origin: null",
	"Referer: https://evil.example.net/?a=\"><evil>",
	"Access-Control-Request-Method: POST",
	"Accept: text/html",
	"Accept: application/json",
	"Accept: image/png;q=1, */*;q=0",
	"Accept-Language: xx-EVIL",
	"Accept-Encoding: gzip, br, zstd",
	"Accept-Charset: utf-16",
	"Range: bytes=0-3",
	"If-Range: \"x\"",
	"If-Match: \"evil\"",
	"If-None-Match: \"evil\"",
	"If-Modified-Since: Fri, 01 Jan 2038 00:00:00 GMT",
	"If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
	"Cache-Control: no-cache, only-if-cached",
	"Pragma: no-cache",
	"Content-Encoding: gzip",
	"Transfer: evil",
	"Te: trailers",
	"Upgrade: h2c",
	"Upgrade-Insecure-Requests: 1",
	"Authorization: Basic ZXZpbDpldmls",
	"Cookie: lang=evil; session=evil",
	"Dnt: 1",
	"Sec-Fetch-Site: cross-site",
	"User-Agent: <evil>",
	"X-Anchormailbox: evil@icloud.com",
	"X-Mapihttpcapability: 2",
}

// otherHosts must not matter where the address or the path decides.
var otherHosts = []string{
	"", "evil.example.net", "evil.example.net:1337", "autoconfig.evil.example.net.", "ICLOUD.COM", "autodiscover.icloud.com:1",
	"127.0.0.1:8080", "[::1]:8080", "localhost", "example.com", "a'b;c", strings.Repeat("a.", 2000) + "b", "xn--evil-.com", "evil@icloud.com",
}

// hostsBut leaves out the hosts that name the address's own domain: caches may keep
// that answer, so its headers differ.
func hostsBut(own ...string) []string {
	return slices.DeleteFunc(slices.Clone(otherHosts), func(h string) bool { return slices.Contains(own, h) })
}

func TestHostSpoofing(t *testing.T) {
	var public document.PublicURL
	var err error
	if public, err = document.ParsePublicURL("https://setup.example.com"); err != nil {
		t.Fatal(err)
	}
	withURL := newTestServer(t, "domains: {example.com: icloud}", func(cfg *Config) { cfg.PublicURL = public })
	without := newTestServer(t, "domains: {example.com: icloud}")
	for _, c := range []struct {
		name, method, target, body string
		hosts                      []string
	}{
		{"autoconfig by address", "GET", "/mail/config-v1.1.xml?emailaddress=jane@icloud.com", "", hostsBut("ICLOUD.COM", "autodiscover.icloud.com:1")},
		{"autoconfig by Host", "GET", "/mail/config-v1.1.xml", "", []string{"autoconfig.icloud.com"}},
		{"hosted by address", "GET", "/mail/config-v1.1.xml?emailaddress=jane@example.com", "", hostsBut("example.com")},
		{"ISPDB", "GET", "/v1.1/icloud.com", "", otherHosts},
		{"ISPDB, unknown", "GET", "/v1.1/example.org", "", otherHosts},
		{"POX", "POST", "/autodiscover/autodiscover.xml", poxRequest("jane@icloud.com"), otherHosts},
		{"POX by GET", "GET", "/autodiscover/autodiscover.xml?Email=jane@icloud.com", "", otherHosts},
		{"JSON", "GET", "/autodiscover/autodiscover.json?Email=jane@icloud.com&Protocol=AutodiscoverV1", "", otherHosts},
		{"JSON, other protocol", "GET", "/autodiscover/autodiscover.json?Email=jane@icloud.com&Protocol=EWS", "", otherHosts},
		{"generic profile", "GET", "/profile/icloud.mobileconfig", "", otherHosts},
		{"profile by address", "GET", "/profile.mobileconfig?emailaddress=jane@icloud.com", "", otherHosts},
		{"profile, bad address", "GET", "/profile.mobileconfig?emailaddress=jane", "", otherHosts},
		{"page", "GET", "/", "", otherHosts},
		{"nothing there", "GET", "/ews/exchange.asmx", "", otherHosts},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, s := range []*Server{withURL, without} {
				want := rawAnswer(ask(s.Public(), c.method, c.target, c.body, "Host: "+c.hosts[0]))
				if strings.Contains(want, "evil") {
					t.Fatalf("the answer itself contains the word evil:\n%s", want)
				}
				for _, host := range c.hosts {
					compareAnswers(t, "Host: "+host, want, ask(s.Public(), c.method, c.target, c.body, "Host: "+host))
				}
				for _, line := range variations {
					compareAnswers(t, line, want, ask(s.Public(), c.method, c.target, c.body, "Host: "+c.hosts[0], line))
				}
				compareAnswers(t, "all at once", want, ask(s.Public(), c.method, c.target, c.body, append([]string{"Host: " + c.hosts[0]}, variations...)...))
			}
		})
	}
}

func compareAnswers(t *testing.T, what, want string, w *httptest.ResponseRecorder) {
	t.Helper()
	if diff := cmp.Diff(want, rawAnswer(w)); diff != "" {
		t.Errorf("%.80s changes the answer (-want +got):\n%s", what, diff)
	}
}

// rawAnswer is the whole answer as it goes over the wire.
func rawAnswer(w *httptest.ResponseRecorder) string {
	var b bytes.Buffer
	w.Result().Write(&b)
	return b.String()
}

// Where the Host does decide, it is only a key and is never copied: every spelling
// of it gives the same bytes.
func TestHostSpellings(t *testing.T) {
	s := newTestServer(t, "domains: {example.com: icloud}")
	for _, target := range []string{
		"/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml", "/autodiscover/autodiscover.xml",
		"/autodiscover/autodiscover.json?Protocol=AutodiscoverV1",
	} {
		for _, domain := range []string{"icloud.com", "example.com"} {
			want := rawAnswer(ask(s.Public(), "GET", target, "", "Host: "+domain))
			if !strings.Contains(want, "200 OK") {
				t.Fatalf("%s at %s: %s", target, domain, want)
			}
			for _, host := range []string{
				"autoconfig." + domain, "autodiscover." + domain, "ua-auto-config." + domain, strings.ToUpper(domain),
				domain + ".", domain + ":443", "AutoConfig." + domain + ".:65535",
			} {
				compareAnswers(t, target+" at "+host, want, ask(s.Public(), "GET", target, "", "Host: "+host))
			}
		}
	}
}
