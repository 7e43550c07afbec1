package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"mailsetup/internal/provider"
)

// The canaries: where one of these words leaks, somebody's address or password
// would have leaked too.
const (
	canaryLocal  = "canary.7f3a"
	canaryDomain = "aviary-7f3a.example.net"
	canarySecret = "secret-7f3a"
)

// secretHeaders are what clients send unasked.
var secretHeaders = []string{
	"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(canaryLocal+"@icloud.com:"+canarySecret)),
	"Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+canarySecret)),
	"Cookie: session=" + canarySecret,
	"X-AnchorMailbox: " + canaryLocal + "@icloud.com",
	"Referer: https://setup.example.com/?emailaddress=" + canaryLocal + "@icloud.com",
	"User-Agent: " + canarySecret,
	"X-Forwarded-For: " + canarySecret,
	"X-Request-Id: " + canarySecret,
}

// leaks returns the canary that a text contains, in any of the forms that
// careless code might give it.
func leaks(text string) string {
	lower := strings.ToLower(text)
	for _, word := range []string{canaryLocal, canaryDomain, canarySecret} {
		forms := []string{word, url.QueryEscape(word), fmt.Sprintf("%x", word), strings.ReplaceAll(word, ".", "%2e")}
		for _, form := range forms {
			if strings.Contains(lower, form) {
				return form
			}
		}
	}
	for _, line := range secretHeaders[:2] {
		if credentials := line[strings.LastIndexByte(line, ' ')+1:]; strings.Contains(text, credentials) {
			return credentials
		}
	}
	return ""
}

// TestCanary sends an address and credentials to every route in every way, to be
// answered, refused or met with a fault, and looks for them in the log and in all
// headers of the answers. Web servers' logs are kept for months and read by many.
func TestCanary(t *testing.T) {
	for name, change := range map[string]func(*logBuffer) func(*Config){
		"text": logTo,
		"json": func(b *logBuffer) func(*Config) {
			return func(cfg *Config) {
				cfg.Log = slog.New(slog.NewJSONHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log logBuffer
			s := newTestServer(t, "domains: {example.com: {provider: icloud, logins: {"+canaryLocal+"@example.com: jane@icloud.com}}}",
				change(&log), func(cfg *Config) { cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
			probes := 0
			for _, domain := range []string{"icloud.com", "example.com", canaryDomain, canaryDomain + "<"} {
				for _, p := range append(probesFor(canaryLocal+"@"+domain), wrongProbes(canaryLocal+"@"+domain)...) {
					p.headers = append(p.headers, secretHeaders...)
					w := p.send(s)
					probes++
					checkCanaryHeaders(t, p.name, w)
					if location := w.Header().Get("Location"); strings.HasPrefix(location, "/p/") {
						for _, path := range []string{location, location + "icloud.mobileconfig", location + "x.mobileconfig"} {
							w := probe{method: "GET", path: path, headers: secretHeaders}.send(s)
							probes++
							checkCanaryHeaders(t, "page or profile behind a token", w)
						}
						if strings.Contains(log.String(), strings.Split(location, "/")[2]) {
							t.Errorf("%s: the log contains a token, which opens somebody's page", p.name)
						}
					}
				}
			}
			if word := leaks(log.String()); word != "" {
				t.Errorf("the log holds %q:\n%s", word, linesWith(log.String(), word))
			}
			if n := strings.Count(log.String(), "request"); n < probes*9/10 {
				t.Errorf("%d lines in the log after %d requests: this is not the whole log", n, probes)
			}
		})
	}
}

// wrongProbes are requests that end as errors.
func wrongProbes(address string) []probe {
	form := []string{"Content-Type: application/x-www-form-urlencoded"}
	return []probe{
		{name: "unknown path", method: "GET", path: "/" + address},
		{name: "unknown method", method: "PUT", path: "/mail/config-v1.1.xml", query: "emailaddress=" + address},
		{name: "made-up method", method: strings.ToUpper(canarySecret), path: "/mail/config-v1.1.xml"},
		{name: "made-up method, unknown path", method: strings.ToUpper(canarySecret), path: "/" + address},
		{name: "EWS", method: "POST", path: "/EWS/Exchange.asmx", body: address},
		{name: "ActiveSync", method: "OPTIONS", path: "/Microsoft-Server-ActiveSync", query: "User=" + address},
		{name: "too long", method: "POST", path: "/autodiscover/autodiscover.xml", body: poxRequest(address) + strings.Repeat(" ", maxBody)},
		{name: "broken XML", method: "POST", path: "/autodiscover/autodiscover.xml", body: "<" + address},
		{name: "entities", method: "POST", path: "/autodiscover/autodiscover.xml", body: "<a>&" + canaryLocal + ";</a>"},
		{name: "too long a form", method: "POST", path: "/", body: "emailaddress=" + address + strings.Repeat(" ", maxBody), headers: form},
		{name: "broken form", method: "POST", path: "/", body: "emailaddress=" + address + "&%zz;", headers: form},
		{name: "password", method: "GET", path: "/profile.mobileconfig", query: "emailaddress=" + address + "&password=" + canarySecret},
		{name: "password in the form", method: "POST", path: "/", body: "emailaddress=" + address + "&password=" + canarySecret, headers: form},
		{name: "form of another type", method: "POST", path: "/", body: address, headers: []string{"Content-Type: " + canarySecret}},
		{name: "plain http", method: "GET", path: "/autodiscover/autodiscover.xml", query: "Email=" + address,
			headers: []string{"Host: autodiscover.example.com", "X-Forwarded-Proto: http", "X-Forwarded-Prefix: " + canarySecret}},
		{name: "conditional", method: "GET", path: "/mail/config-v1.1.xml", query: "emailaddress=" + address, headers: []string{"If-None-Match: \"" + canarySecret + "\""}},
	}
}

func checkCanaryHeaders(t *testing.T, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	for name, values := range w.Header() {
		if word := leaks(name + ": " + strings.Join(values, "\n")); word != "" {
			t.Errorf("%s: header %s is %q", what, name, values)
		}
	}
	if w.Code == http.StatusUnauthorized || w.Header().Get("Www-Authenticate") != "" {
		t.Errorf("%s: status %d asks for a password", what, w.Code)
	}
}

func linesWith(text, word string) string {
	var found []string
	for line := range strings.Lines(text) {
		if strings.Contains(strings.ToLower(line), strings.ToLower(word)) {
			found = append(found, line)
		}
	}
	return strings.Join(found[:min(len(found), 5)], "")
}

// Nor may a fault of our own carry the request into the log, whatever the panic
// says and whatever an error quotes.
func TestCanaryPanic(t *testing.T) {
	var log logBuffer
	s := newTestServer(t, "", logTo(&log))
	faults := map[string]handler{
		"panic with a text":   func(x *exchange) error { panic("at " + x.r.URL.RawQuery) },
		"panic with an error": func(x *exchange) error { panic(errors.New(x.r.URL.RawQuery)) },
		"panic of the runtime": func(x *exchange) error {
			var none []int
			return errors.New(x.r.URL.RawQuery[none[len(x.r.URL.RawQuery)]:])
		},
	}
	for name, h := range faults {
		for _, f := range []family{familyAutoconfig, familyAutodiscover, familyJSON, familyPage} {
			e := echo.New()
			e.GET("/fault", s.serve(f, "/fault", h))
			w := ask(e, "GET", "/fault?emailaddress="+canaryLocal+"@icloud.com", "", secretHeaders...)
			if w.Code != http.StatusInternalServerError {
				t.Errorf("%s: status %d", name, w.Code)
			}
			checkCanaryHeaders(t, name, w)
			if word := leaks(w.Body.String()); word != "" {
				t.Errorf("%s: the answer holds %q", name, word)
			}
		}
	}
	if word := leaks(log.String()); word != "" {
		t.Errorf("the log holds %q:\n%s", word, linesWith(log.String(), word))
	}
	if !strings.Contains(log.String(), "panic=") || !strings.Contains(log.String(), "canary_test.go") {
		t.Errorf("the log does not say where the panic happened:\n%s", log.String())
	}
	if w := ask(s.Public(), "GET", "/mail/config-v1.1.xml", "", "Host: icloud.com"); w.Code != 200 {
		t.Errorf("after the faults: status %d", w.Code)
	}
}

// A table maps addresses to logins. A mistake in it is reported with its position
// but without the address, because the report goes to the log and to the admin
// listener.
func TestCanaryTable(t *testing.T) {
	var log logBuffer
	load := func() (*provider.Table, error) {
		return loadOverlay(t, "domains:\n  example.com:\n    provider: icloud\n    logins:\n      "+
			canaryLocal+"@example.com: "+canaryLocal+"@"+canaryDomain+"\n      "+canaryLocal+"@example.org: "+canarySecret+"@icloud.com\n")
	}
	s := newTestServer(t, "", logTo(&log))
	s.cfg.Load = load
	w := ask(s.Admin(), "POST", "/-/reload", "", "Host: localhost")
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "test.yaml:5:") {
		t.Errorf("reload of a table with mistakes: status %d, %s", w.Code, w.Body)
	}
	ready := ask(s.Admin(), "GET", "/readyz", "", "Host: localhost")
	for what, text := range map[string]string{"the log": log.String(), "the answer": w.Body.String(), "readyz": ready.Body.String()} {
		if word := leaks(text); word != "" {
			t.Errorf("%s holds %q:\n%s", what, word, text)
		}
	}
}

// net/http writes to its own log about broken connections and requests.
func TestCanaryServerLog(t *testing.T) {
	var log logBuffer
	s := newTestServer(t, "", logTo(&log))
	address := serveTCP(t, s)
	for _, request := range []string{
		"GET /?emailaddress=" + canaryLocal + "@icloud.com HTTP/9.9\r\n\r\n",
		"GET /" + canaryLocal + " HTTP/1.1\r\nHost: " + canaryLocal + "@<>\r\n\r\n",
		"GET /" + canaryLocal + " HTTP/1.1\r\nHost: a\r\nBad Header " + canarySecret + "\r\n\r\n",
		"GET /" + canaryLocal + "%zz HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /" + canaryLocal + " HTTP/1.1\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + canarySecret + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + strings.Repeat(canarySecret, 5000) + "\r\n\r\n",
	} {
		response, body := exchangeBytes(t, address, []byte(request))
		if response.StatusCode < 400 || response.StatusCode == 401 {
			t.Errorf("status %d for %.60q", response.StatusCode, request)
		}
		if word := leaks(body); word != "" {
			t.Errorf("the answer to %.60q holds %q", request, word)
		}
	}
	if word := leaks(log.String()); word != "" {
		t.Errorf("the log holds %q:\n%s", word, linesWith(log.String(), word))
	}
}

// A log line says what an operator needs: the route, the outcome, the duration
// and the service.
func TestLogLine(t *testing.T) {
	var log bytes.Buffer
	s := newTestServer(t, "domains: {example.com: icloud}", func(cfg *Config) {
		cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "time" || a.Key == "duration_us" {
				return slog.Attr{}
			}
			return a
		}}))
	})
	for _, c := range []struct{ method, target, host, want string }{
		{"GET", "/mail/config-v1.1.xml?emailaddress=jane@icloud.com", "x", "route=/mail/config-v1.1.xml method=GET status=200 domain=own provider=icloud"},
		{"HEAD", "/V1.1/example.com", "x", "route=/v1.1/:domain method=HEAD status=200 domain=hosted provider=icloud"},
		{"GET", "/mail/config-v1.1.xml", "example.net", "route=/mail/config-v1.1.xml method=GET status=404 domain=unknown"},
		{"GET", "/p/abc/", "x", "route=/p/:token/ method=GET status=404 domain=unknown"},
		{"GET", "/nothing/here", "x", "route=none method=GET status=404 domain=unknown"},
		{"PUT", "/v1.1/example.com", "x", "route=/v1.1/:domain method=PUT status=405 domain=unknown"},
		{"BREW", "/", "x", "route=/ method=other status=405 domain=unknown"},
	} {
		log.Reset()
		ask(s.Public(), c.method, c.target, "", "Host: "+c.host)
		if got, want := log.String(), "level=INFO msg=request "+c.want+"\n"; got != want {
			t.Errorf("%s %s:\n got %s want %s", c.method, c.target, got, want)
		}
	}
	// With the log off, nothing is written and nothing is spent on it.
	quiet := newTestServer(t, "")
	if quiet.cfg.Log.Enabled(context.Background(), slog.LevelError) {
		t.Fatal("the discarding log is on")
	}
	ask(quiet.Public(), "GET", "/", "")
}
