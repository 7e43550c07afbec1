package world

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"golang.org/x/net/proxy"
)

// newTestWorld makes a world without privileges, with a server under test that
// returns what the front sent it.
func newTestWorld(t *testing.T, cfg Config) *World {
	t.Helper()
	w, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	l, err := net.Listen("tcp", w.Upstream())
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(rw, "%s://%s%s", r.Header.Get("X-Forwarded-Proto"), r.Host, r.URL.RequestURI())
	})}
	t.Cleanup(func() { server.Close() })
	go server.Serve(l)
	return w
}

// A client finds what a site's owner has published, and nothing else.
func TestSitesAreWhatTheirOwnersPublish(t *testing.T) {
	w := newTestWorld(t, Config{
		Sites: []Site{
			{Domain: "all.test", Autoconfig: true, Autodiscover: true, WellKnown: true, Listed: true},
			{Domain: "plain.test", Autoconfig: true, PlainOnly: true},
			{Domain: "none.test"},
		},
		Hosts:     []string{"imap.hoster.test"},
		Directory: "database.test",
	})
	const autoconfig, wellKnown = "/mail/config-v1.1.xml?a=b", "/.well-known/autoconfig/mail/config-v1.1.xml"
	const passed, refused, unreachable = "passed on", "refused", "unreachable"
	for url, want := range map[string]string{
		"https://autoconfig.all.test" + autoconfig:   passed,
		"http://autoconfig.all.test" + autoconfig:    passed,
		"https://autodiscover.all.test/x":            passed,
		"https://all.test" + wellKnown:               passed,
		"https://all.test/":                          refused,
		"http://autoconfig.plain.test" + autoconfig:  passed,
		"https://autoconfig.plain.test" + autoconfig: unreachable,
		"https://none.test" + wellKnown:              refused,
		"https://autoconfig.none.test" + autoconfig:  unreachable,
		"https://database.test/v1.1/all.test":        passed,
		"https://database.test/v1.1/none.test":       refused,
		"https://database.test/v1.1/mail.other.test": passed,
		"https://imap.hoster.test/":                  refused,
	} {
		got := unreachable
		if res, err := w.Client().Get(url); err == nil {
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			switch {
			case res.StatusCode == http.StatusNotFound:
				got = refused
			case string(body) == url:
				got = passed
			default:
				got = string(body)
			}
		}
		if got != want {
			t.Errorf("%s is %s, want %s", url, got, want)
		}
	}
}

// A client that only knows the proxy reaches the same world.
func TestProxy(t *testing.T) {
	w := newTestWorld(t, Config{Sites: []Site{{Domain: "all.test", Autoconfig: true}}})
	mail, err := w.Listen("127.0.0.1:993")
	if err != nil {
		t.Fatal(err)
	}
	defer mail.Close()
	dialer, err := proxy.SOCKS5("tcp", w.Proxy, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for target, reachable := range map[string]bool{
		"autoconfig.all.test:80":  true,
		"autoconfig.all.test:443": true,
		"all.test:993":            true,
		"all.test:994":            false,
		"other.test:80":           false,
	} {
		c, err := dialer.Dial("tcp", target)
		if err == nil {
			c.Close()
		}
		if (err == nil) != reachable {
			t.Errorf("%s: %v, want reachable %t", target, err, reachable)
		}
	}
}
