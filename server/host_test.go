package server

import (
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"mailsetup/internal/document"
)

// For clients that send no address, the Host is all there is. A form of it that
// the server cannot read leaves them without settings.
func TestHostDomain(t *testing.T) {
	for host, want := range map[string]string{
		"icloud.com":                      "icloud.com",
		"iCloud.COM":                      "icloud.com",
		"icloud.com.":                     "icloud.com",
		"icloud.com:8080":                 "icloud.com",
		"icloud.com.:443":                 "icloud.com",
		"icloud.com:":                     "icloud.com",
		"autoconfig.icloud.com":           "autoconfig.icloud.com",
		"bücher.example.com":              "xn--bcher-kva.example.com",
		"BÜCHER.example.com:443":          "xn--bcher-kva.example.com",
		"xn--bcher-kva.example.com":       "xn--bcher-kva.example.com",
		"":                                "",
		".":                               "",
		":8080":                           "",
		"localhost":                       "",
		"localhost:8080":                  "",
		"com":                             "",
		"192.0.2.1":                       "",
		"192.0.2.1:80":                    "",
		"[2001:db8::1]":                   "",
		"[2001:db8::1]:80":                "",
		"2001:db8::1":                     "",
		"icloud..com":                     "",
		"icloud.com:80:80":                "",
		"-icloud.com":                     "",
		"icloud.com/":                     "",
		"icloud.com\x00":                  "",
		"jane@icloud.com":                 "",
		"icloud.com, icloud.com":          "",
		"_dmarc.icloud.com":               "",
		"<x>.icloud.com":                  "",
		strings.Repeat("a.", 130) + "com": "",
		strings.Repeat("a", 100_000):      "",
	} {
		if got := hostDomain(host).String(); got != want {
			t.Errorf("hostDomain(%.60q) = %q, want %q", host, got, want)
		}
	}
}

// A header that anybody can send must not choose the domain or the scheme.
func TestReadForwarded(t *testing.T) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct {
		name    string
		peer    string
		headers []string
		host    string
		plain   bool
	}{
		{"no headers", "127.0.0.1:9", nil, "", false},
		{"trusted", "127.0.0.1:9", []string{"X-Forwarded-Host: a.example", "X-Forwarded-Proto: http"}, "a.example", true},
		{"trusted, IPv6", "[::1]:9", []string{"X-Forwarded-Host: a.example"}, "a.example", false},
		{"trusted, IPv4 in IPv6", "[::ffff:127.0.0.1]:9", []string{"X-Forwarded-Host: a.example"}, "a.example", false},
		{"the last of a list", "127.0.0.1:9", []string{"X-Forwarded-Host: evil.example , a.example"}, "a.example", false},
		{"the last header", "127.0.0.1:9", []string{"X-Forwarded-Host: evil.example", "X-Forwarded-Host: a.example"}, "a.example", false},
		{"an empty one", "127.0.0.1:9", []string{"X-Forwarded-Host: ", "X-Forwarded-Proto: "}, "", false},
		{"https", "127.0.0.1:9", []string{"X-Forwarded-Proto: https"}, "", false},
		{"nonsense", "127.0.0.1:9", []string{"X-Forwarded-Proto: httpx"}, "", false},
		{"not trusted", "192.0.2.1:9", []string{"X-Forwarded-Host: a.example", "X-Forwarded-Proto: http"}, "", false},
		{"a peer without an address", "@", []string{"X-Forwarded-Host: a.example"}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "http://example.com/", nil)
			r.RemoteAddr = c.peer
			for _, line := range c.headers {
				name, value, _ := strings.Cut(line, ": ")
				r.Header.Add(name, value)
			}
			f := readForwarded(r, loopback, false)
			if f.host != c.host || f.plainHTTP != c.plain {
				t.Errorf("host %q, plain %v; want %q, %v", f.host, f.plainHTTP, c.host, c.plain)
			}
			if f := readForwarded(r, nil, false); f.host != "" || f.plainHTTP {
				t.Errorf("with no trusted proxy: host %q, plain %v", f.host, f.plainHTTP)
			}
		})
	}
}

// FuzzHostDomain: any Host gives either a canonical name or none.
func FuzzHostDomain(f *testing.F) {
	for _, s := range []string{"icloud.com", "Autoconfig.iCloud.com.:443", "bücher.example", "[::1]:80", "xn--a", "a.\u00ad.b", ":", "1.2.3.4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, host string) {
		d := hostDomain(host)
		if d.IsZero() {
			return
		}
		name := d.String()
		if len(name) > 253 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
			t.Errorf("hostDomain(%q) = %q, not a canonical name", host, name)
		}
		for _, same := range []string{name, name + ".", name + ":443", strings.ToUpper(name) + ".:80"} {
			if got := hostDomain(same); got != d {
				t.Errorf("hostDomain(%q) = %q, but of %q it is %q", same, got, host, d)
			}
		}
		if m := document.MailDomain(d); m.IsZero() || !d.Within(m) {
			t.Errorf("document.MailDomain(%q) = %q", d, m)
		}
	})
}

func TestForwardedFor(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	for value, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "203.0.113.7:4711": "203.0.113.7", "::ffff:203.0.113.7": "203.0.113.7",
		"2001:db8::1": "2001:db8::1", "[2001:db8::1]:443": "2001:db8::1", "[2001:db8::1]": "2001:db8::1",
		"10.0.0.1, 203.0.113.9:1": "203.0.113.9", "unknown": "192.0.2.1", "": "192.0.2.1", "203.0.113.7:x": "192.0.2.1",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "[::ffff:192.0.2.1]:5000"
		r.Header.Set("X-Forwarded-For", value)
		if got := readForwarded(r, trusted, false).client.String(); got != want {
			t.Errorf("%q is %s, want %s", value, got, want)
		}
	}
}
