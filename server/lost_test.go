package server

import (
	"strings"
	"testing"
)

// TestLostBrowser: a person with a mistyped link gets a page that says where they are; a
// machine at the same path gets nothing that it could take for an answer.
func TestLostBrowser(t *testing.T) {
	s := newTestServer(t, "")
	const browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, tt := range []struct {
		method, path, accept string
		page                 bool
	}{
		{"GET", "/help", browser, true},
		{"GET", "/index.php", browser, true},
		{"GET", "/help", "Accept: */*", false},
		{"GET", "/help", "Accept: text/*", false},
		{"GET", "/help", "Accept: text/html;q=0, */*", false},
		{"GET", "/help", "Accept: application/json, TEXT/HTML; q=0.000", false},
		{"GET", "/help", "Accept: application/json, text/html;q=0.1", true},
		{"GET", "/help", "", false},
		{"POST", "/help", browser, false},
		{"GET", "/mail/config-v1.0.xml", browser, false},
		{"GET", "/Mail/Config/", browser, false},
		{"GET", "/mail", browser, true},
		{"GET", "/mail/", browser, true},
		{"GET", "/mail/inbox", browser, true},
		{"GET", "/.well-known/caldav", browser, false},
		{"GET", "/autodiscover/autodiscover.svc", browser, false},
		{"GET", "/AutoDiscover/x", browser, false},
		{"GET", "/EWS/Exchange.asmx", browser, false},
		{"GET", "/Microsoft-Server-ActiveSync", browser, false},
		{"GET", "/mapi/nspi", browser, false},
		{"GET", "/dav/x", browser, false},
		{"GET", "/profile/nope", "Accept: */*", false},
		{"GET", "/profile/nope", "", false},
		{"GET", "/profile/nope.mobileconfig", "Accept: */*", false},
		{"GET", "/profile/nope.mobileconfig", browser, false},
		{"GET", "/assets/nope", "Accept: */*", false},
		{"GET", "/assets/nope", browser, true},
	} {
		var headers []string
		if tt.accept != "" {
			headers = append(headers, tt.accept)
		}
		w := ask(s.Public(), tt.method, tt.path, "", headers...)
		page := strings.Contains(w.Body.String(), "There is nothing here")
		if w.Code != 404 || page != tt.page || !page && w.Body.Len() > 0 {
			t.Errorf("%s %s with %q: %d, a page: %t", tt.method, tt.path, tt.accept, w.Code, page)
		}
		if page && (w.Header().Get("Vary") != "Accept, Accept-Language" || w.Header().Get("Cache-Control") != "private, no-store" || w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("Referrer-Policy") != "no-referrer") {
			t.Errorf("%s: headers %v", tt.path, w.Header())
		}
	}
}
