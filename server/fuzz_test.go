package server

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// fuzzTable has a domain of each kind: built-in, hosted, with stated logins, and
// of another service.
const fuzzTable = `
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
  mapped.example: {provider: icloud, logins: {jane@mapped.example: jane@icloud.com}}
`

// hostsOf finds the mail servers that a document names, whatever its format.
var hostsOf = regexp.MustCompile(`(?:<hostname>|<Server>|MailServerHostName</key>\s*<string>)([^<]*)<`)

// FuzzServer sends arbitrary requests to the whole server. No answer is a 5xx, asks for a
// password, or is malformed; a document names only the table's mail servers; log and
// headers contain nothing secret from the request; and a fresh server gives the same
// answer.
func FuzzServer(f *testing.F) {
	canary := canaryLocal + "@a.example"
	for _, host := range []string{"autoconfig.a.example", "autodiscover.b.example", "mapped.example", "", "[::1]:80", "evil.example"} {
		for _, path := range []string{
			"/mail/config-v1.1.xml?emailaddress=", "/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=", "/v1.1/a.example?", "/profile/icloud.mobileconfig?",
			"/profile.mobileconfig?emailaddress=", "/autodiscover/autodiscover.json?Protocol=AutodiscoverV1&Email=", "/?", "/p/x/?", "/assets/x?",
		} {
			f.Add("GET", path+canary, host, "", "X-Forwarded-Host", "evil.example")
		}
	}
	f.Add("POST", "/autodiscover/autodiscover.xml", "autodiscover.a.example", poxRequest(canary), "Content-Type", "text/xml")
	f.Add("POST", "/autodiscover/autodiscover.xml", "autodiscover.a.example", poxRequest("x@b.example"), "Authorization", canarySecret)
	f.Add("POST", "/", "autoconfig.a.example", "emailaddress="+canary, "Content-Type", "application/x-www-form-urlencoded")
	f.Add("POST", "/", "autoconfig.a.example", "Password="+canarySecret, "Cookie", canarySecret)
	f.Add("HEAD", "/mail/config-v1.1.xml?emailaddress=jane@mapped.example", "", "", "If-None-Match", "*")

	key := func(cfg *Config) { cfg.TokenKey = bytes.Repeat([]byte{7}, TokenKeySize) }
	var log logBuffer
	warm := newTestServer(f, fuzzTable, logTo(&log), key)
	table := warm.state.Load().table
	ofTable := map[string]bool{}
	for _, p := range table.Providers() {
		ofTable[p.Incoming().Host.String()], ofTable[p.Outgoing().Host.String()] = true, true
	}
	f.Fuzz(func(t *testing.T, method, target, host, body, name, value string) {
		r, err := http.NewRequest(method, "http://x/", strings.NewReader(body))
		if err != nil || !strings.HasPrefix(target, "/") {
			t.Skip("net/http would not pass this request on")
		}
		if r.URL, err = url.ParseRequestURI(target); err != nil {
			t.Skip("refused by net/http")
		}
		send := func(s *Server) *httptest.ResponseRecorder {
			r := r.Clone(t.Context())
			r.Body, r.RequestURI, r.Host, r.RemoteAddr = io.NopCloser(strings.NewReader(body)), target, host, "127.0.0.1:1"
			r.Header.Set(name, value)
			w := httptest.NewRecorder()
			s.Public().ServeHTTP(w, r)
			return w
		}
		w := send(warm)
		if w.Code >= 500 || w.Code == http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != "" {
			t.Errorf("status %d", w.Code)
		}
		if method != http.MethodHead && w.Code == http.StatusOK {
			if err := parses(w.Header().Get("Content-Type"), w.Body.Bytes()); err != nil {
				t.Errorf("the body cannot be read: %v\n%s", err, w.Body)
			}
			for _, m := range hostsOf.FindAllStringSubmatch(w.Body.String(), -1) {
				if !ofTable[m[1]] {
					t.Errorf("a document names %q, which is not in the table", m[1])
				}
			}
		}
		checkCanaryHeaders(t, "any request", w)
		if word := leaks(log.String()); word != "" {
			t.Errorf("the log contains %q", word)
		}
		log.Reset()
		again := send(newTestServer(t, fuzzTable, key))
		// A page's link contains the time and a random nonce, an Autodiscover error the
		// time.
		was, is := errorTime.ReplaceAll(w.Body.Bytes(), nil), errorTime.ReplaceAll(again.Body.Bytes(), nil)
		if w.Code != again.Code || w.Header().Get("Location") == "" && !bytes.Equal(was, is) {
			t.Errorf("another answer from a fresh server: %d and %d\n%s\n%s", w.Code, again.Code, w.Body, again.Body)
		}
	})
}

// errorTime matches the time of day in an Autodiscover error.
var errorTime = regexp.MustCompile(` Time="[0-9:.]*"`)

// parses reads a body to its end by its media type.
func parses(mediaType string, body []byte) error {
	switch {
	case strings.Contains(mediaType, "xml") || strings.Contains(mediaType, "aspen"):
		d := xml.NewDecoder(bytes.NewReader(body))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	case strings.Contains(mediaType, "json"):
		return json.Unmarshal(body, new(any))
	}
	return nil
}
