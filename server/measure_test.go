package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"mailsetup/internal/metrics"
	"mailsetup/internal/mx"
)

// admin asks the admin listener.
func admin(s *Server, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Admin().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8081"+path, nil))
	return w
}

// TestMetricsCount: each outcome is counted under its own name.
func TestMetricsCount(t *testing.T) {
	s := newTestServer(t, "providers:\n"+
		"  signin:\n    name: Sign-in\n    domains: [signin.test]\n    password: {kind: none}\n"+
		"    imap: [{host: imap.signin.test, port: 993, security: tls, username: address, auth: oauth2}]\n"+
		"    smtp: [{host: smtp.signin.test, port: 465, security: tls, username: address, auth: oauth2}]\n")
	form := []string{"Content-Type: application/x-www-form-urlencoded"}
	for _, tt := range []struct {
		probe
		route, client string
		outcome       metrics.Outcome
	}{
		{probe{method: "GET", path: "/mail/config-v1.1.xml", query: "emailaddress=jane@icloud.com",
			headers: []string{"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.7.0"}}, "/mail/config-v1.1.xml", "thunderbird", metrics.Served},
		{probe{method: "GET", path: "/MAIL/config-v1.1.xml", query: "emailaddress=jane@example.net"}, "/mail/config-v1.1.xml", "unnamed", metrics.UnknownDomain},
		{probe{method: "POST", path: "/autodiscover/autodiscover.xml", body: poxRequest("jane@signin.test"),
			headers: []string{"User-Agent: Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.10344; Pro)"}}, "/autodiscover/autodiscover.xml", "outlook", metrics.NoDocument},
		{probe{method: "POST", path: "/autodiscover/autodiscover.xml", body: "<", headers: []string{"User-Agent: curl/8.0"}}, "/autodiscover/autodiscover.xml", "other", metrics.BadRequest},
		{probe{method: "POST", path: "/autodiscover/autodiscover.xml", body: strings.Repeat(" ", maxBody+1)}, "/autodiscover/autodiscover.xml", "unnamed", metrics.TooLarge},
		{probe{method: "GET", path: "/profile.mobileconfig", query: "emailaddress=jane"}, "/profile.mobileconfig", "unnamed", metrics.BadAddress},
		{probe{method: "GET", path: "/profile.mobileconfig", query: "password=x"}, "/profile.mobileconfig", "unnamed", metrics.PasswordSent},
		{probe{method: "POST", path: "/", body: "emailaddress=jane@icloud.com", headers: append(form, "User-Agent: Mozilla/5.0 (X11; Linux x86_64)")}, "/", "browser", metrics.Redirected},
		{probe{method: "GET", path: "/p/x/"}, "/p/:token/", "unnamed", metrics.NotFound},
		{probe{method: "GET", path: "/EWS/Exchange.asmx", headers: []string{"User-Agent: OutlookMobileCloudService-Autodetect/1.0.0"}}, "none", "outlook_cloud", metrics.NotFound},
	} {
		line := fmt.Sprintf("mailsetup_requests_total{client=%q,outcome=%q,route=%q}", tt.client, tt.outcome, tt.route)
		before := count(admin(s, "/metrics").Body.String(), line)
		tt.send(s)
		if after := count(admin(s, "/metrics").Body.String(), line); after != before+1 {
			t.Errorf("%s %s: %s is %d after %d", tt.method, tt.path, line, after, before)
		}
	}
}

// count returns the value of a series; 0 if it does not exist.
func count(text, series string) (n int) {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			_, _ = fmt.Sscan(value, &n)
		}
	}
	return n
}

// TestMetricsHoldNoCanary: no label comes from a request, and no probe adds a series
// beyond the enums.
func TestMetricsHoldNoCanary(t *testing.T) {
	s := newTestServer(t, "domains: {example.com: icloud}", func(cfg *Config) {
		cfg.Asked = 1000
		cfg.Recogniser = mx.New(mx.Config{LookupMX: new(lookups).none})
	})
	for _, domain := range []string{"icloud.com", "example.com", canaryDomain, canaryDomain + "<"} {
		for _, p := range append(probesFor(canaryLocal+"@"+domain), wrongProbes(canaryLocal+"@"+domain)...) {
			p.headers = append(p.headers, secretHeaders...)
			p.send(s)
		}
	}
	for _, path := range []string{"/metrics", "/-/asked"} {
		text := admin(s, path).Body.String()
		if word := leaks(text); word != "" {
			t.Errorf("%s contains %q:\n%s", path, word, linesWith(text, word))
		}
		if len(text) < 1000 {
			t.Errorf("%s: too little to judge: %q", path, text)
		}
	}
	if n := strings.Count(admin(s, "/metrics").Body.String(), "mailsetup_requests_total{"); n > 100 {
		t.Errorf("%d series of requests", n)
	}
}

// TestPromtool has Prometheus's own tool check the metrics, and the alert rules by
// deploy/prometheus/alerts_test.yml.
func TestPromtool(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("MAILSETUP_E2E") == "require" {
			t.Fatal("promtool is missing (Debian package prometheus)")
		}
		t.Skip("promtool is missing (Debian package prometheus): the metrics are not checked")
	}
	s := newTestServer(t, "", func(cfg *Config) { cfg.Recogniser = mx.New(mx.Config{}) })
	describeConnections(s.cfg.Metrics, s.publicLimiter())
	probe{method: "GET", path: "/mail/config-v1.1.xml"}.send(s)
	cmd := exec.Command(tool, "check", "metrics")
	cmd.Stdin = admin(s, "/metrics").Body
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
	for verb, file := range map[string]string{"check": "alerts.yml", "test": "alerts_test.yml"} {
		if out, err := exec.Command(tool, verb, "rules", "../deploy/prometheus/"+file).CombinedOutput(); err != nil {
			t.Errorf("promtool %s rules: %v\n%s", verb, err, out)
		}
	}
}

// TestAsked: an operator sees that Outlook asked, for which of their domains, and
// what it got; nothing about other domains.
func TestAsked(t *testing.T) {
	s := newTestServer(t, "domains: {example.com: icloud}", func(cfg *Config) { cfg.Asked = 3 })
	for _, p := range []probe{
		{method: "GET", path: "/v1.1/forgotten.test"},
		{method: "GET", path: "/mail/config-v1.1.xml", query: "emailaddress=jane@example.com"},
		{method: "POST", path: "/autodiscover/autodiscover.xml", body: poxRequest("jane@example.net")},
		{method: "GET", path: "/"},
	} {
		p.send(s)
	}
	var got struct{ Answers []askedAnswer }
	w := admin(s, "/-/asked")
	if err := json.NewDecoder(w.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, a := range got.Answers {
		lines = append(lines, fmt.Sprint(a.Domain, " ", a.Client, " ", a.Mechanism, " ", a.Outcome, " ", a.Status))
	}
	want := []string{" unnamed page served 200", "unlisted unnamed autodiscover unknown_domain 404", "example.com unnamed autoconfig served 200"}
	if fmt.Sprint(lines) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", lines, want)
	}
	if w := admin(newTestServer(t, ""), "/-/asked"); w.Code != http.StatusNotFound {
		t.Errorf("without --asked: status %d", w.Code)
	}
	if w := (probe{method: "GET", path: "/metrics"}).send(s); w.Code != http.StatusNotFound {
		body, _ := io.ReadAll(w.Body)
		t.Errorf("the public listener answers /metrics: %d %s", w.Code, body)
	}
}
