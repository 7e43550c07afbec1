package e2e

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"mailsetup/e2e/world"
)

// mailHosts are the names of iCloud's mail servers in the built-in table, and of
// Gmail's.
var mailHosts = []string{"imap.mail.me.com", "smtp.mail.me.com", "imap.gmail.com", "smtp.gmail.com"}

// sites are the mail domains of the world, one for each way in which an owner can
// publish the server, and some whose front spoils its answers.
var sites = []world.Site{
	{Domain: "icloud.com", Autoconfig: true, WellKnown: true, Autodiscover: true, Listed: true},
	// Thunderbird never asks icloud.com itself over http: the name is on the list of
	// domains that browsers reach only by TLS.
	{Domain: "me.com", Autoconfig: true, PlainOnly: true},
	{Domain: "mac.com", Listed: true},

	{Domain: "example.com", Autoconfig: true, WellKnown: true, Autodiscover: true, Listed: true},
	{Domain: "example.org", Autoconfig: true, WellKnown: true, Autodiscover: true, Listed: true},
	{Domain: "well-known.test", WellKnown: true},
	{Domain: "autodiscover.test", Autodiscover: true},
	{Domain: "xn--bcher-kva.test", Autoconfig: true},

	// In no table; at iCloud by their mail exchanger.
	{Domain: "mx-only.test", MX: "mx01.mail.icloud.com"},
	{Domain: "recognised.test", MX: "mx02.mail.icloud.com", Autoconfig: true},

	// At services of an imported table.
	{Domain: "imported-tls.test", Listed: true},
	{Domain: "imported-starttls.test", Listed: true},
	{Domain: "imported-cram.test", Listed: true},
	{Domain: "imported-either.test", Listed: true},
	{Domain: "imported-gmail.test", Listed: true},
	{Domain: "imported-signin.test", Listed: true},
	{Domain: "imported-elsewhere.test", Listed: true},
	{Domain: "imported-customer.test", MX: "mx.imported-gmail.test"},
	{Domain: "accounts.google.com"},

	// All names lead to the server, which does not know the domain.
	{Domain: "unknown.test", Autoconfig: true, WellKnown: true, Autodiscover: true, Listed: true},

	// Served by nginx from the files of an export, and not served at all.
	{Domain: "exported.test", Autoconfig: true, WellKnown: true, Autodiscover: true, Listed: true, Upstream: exportServer},
	{Domain: "exported-own.test", Autoconfig: true, Upstream: exportServer},
	{Domain: "exported-http.test", Autoconfig: true, PlainOnly: true, Upstream: exportServer},
	{Domain: "exported-well-known.test", WellKnown: true, Upstream: exportServer},
	{Domain: "exported-listed.test", Listed: true, Upstream: exportServer},
	{Domain: "exported-autodiscover.test", Autodiscover: true, Upstream: exportServer},
	{Domain: "exported-posted.test", Autodiscover: true, Upstream: exportServer},
	{Domain: "exported-nothing.test", Autoconfig: true, WellKnown: true, Autodiscover: true, Listed: true, Upstream: exportServer},
	{Domain: "rolled-out.test"},

	// For the doctor. It does not check the database, to which a mail exchanger would
	// lead Thunderbird.
	{Domain: "checked.test", Autoconfig: true, Autodiscover: true},
	{Domain: "checked-http.test", Autoconfig: true, Autodiscover: true, PlainOnly: true},
	{Domain: "checked-type.test", Autoconfig: true, Autodiscover: true, Spoil: octetStream},
	{Domain: "checked-page.test", Autoconfig: true, Autodiscover: true, Spoil: catchAll},
	{Domain: "checked-ssl-off.test", Autodiscover: true, Spoil: sslOff},
	{Domain: "checked-circle.test", Autoconfig: true, Autodiscover: true, Spoil: circle},
	{Domain: "checked-password.test", Autoconfig: true, Spoil: wantsPassword},
	{Domain: "checked-xml.test", Autoconfig: true, Autodiscover: true, Spoil: cutOff},
	{Domain: "checked-site.test", Autoconfig: true, WellKnown: true, Autodiscover: true, Spoil: hosterAtSite},
	{Domain: "checked-site-only.test", WellKnown: true, Spoil: hosterAtSite},
	{Domain: "checked-relative.test", Autoconfig: true, Spoil: relativeOnce},

	{Domain: "ssl-off.test", Autodiscover: true, Spoil: sslOff},
	{Domain: "octet-stream.test", Autoconfig: true, Spoil: octetStream},
	{Domain: "catch-all.test", Autoconfig: true, WellKnown: true, Spoil: catchAll},
	{Domain: "random.test", Autoconfig: true, Spoil: randomIdentifiers},
}

// sslOff writes STARTTLS as "SSL off", as many Autodiscover servers have done.
func sslOff(_ *http.Response, body []byte) []byte {
	i := bytes.LastIndex(body, []byte("<SSL>on</SSL>"))
	if i < 0 {
		return body
	}
	return append(body[:i:i], bytes.Replace(body[i:], []byte("on"), []byte("off"), 1)...)
}

// octetStream gives documents the media type that is many web servers' default.
func octetStream(r *http.Response, body []byte) []byte {
	r.Header.Set("Content-Type", "application/octet-stream")
	return body
}

// catchAll answers every unknown path with its home page.
func catchAll(r *http.Response, _ []byte) []byte {
	r.StatusCode, r.Status = http.StatusOK, "200 OK"
	r.Header.Set("Content-Type", "text/html")
	return []byte("<!DOCTYPE html><title>Welcome</title>")
}

// circle redirects every request to itself, as a proxy does that mistakes https for
// http.
func circle(r *http.Response, _ []byte) []byte {
	redirect(r, "https://"+r.Request.Host+r.Request.URL.RequestURI())
	return nil
}

// relativeOnce redirects a GET to the same document with a relative URL.
func relativeOnce(r *http.Response, body []byte) []byte {
	if r.Request.Method != http.MethodGet || r.Request.URL.Query().Has("again") {
		return body
	}
	redirect(r, r.Request.URL.Path+"?again=1&"+r.Request.URL.RawQuery)
	return nil
}

func redirect(r *http.Response, to string) {
	r.StatusCode, r.Status = http.StatusFound, "302 Found"
	r.Header.Set("Location", to)
}

// wantsPassword protects the settings with a password, as web servers protect
// folders.
func wantsPassword(r *http.Response, _ []byte) []byte {
	r.StatusCode, r.Status = http.StatusUnauthorized, "401 Unauthorized"
	r.Header.Set("WWW-Authenticate", `Basic realm="site"`)
	return nil
}

// cutOff drops the end of every document.
func cutOff(_ *http.Response, body []byte) []byte { return body[:len(body)/2] }

// hosterAtSite answers at the domain's own web site with the settings of another mail
// server, as web hosters' panels do.
func hosterAtSite(r *http.Response, body []byte) []byte {
	if strings.HasPrefix(r.Request.Host, "auto") {
		return body
	}
	return bytes.ReplaceAll(body, []byte("imap.mail.me.com"), []byte("mail.hoster.test"))
}

var uuid = regexp.MustCompile(`[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`)

// randomIdentifiers gives a profile new identifiers at every download.
func randomIdentifiers(_ *http.Response, body []byte) []byte {
	return uuid.ReplaceAllFunc(body, func([]byte) []byte {
		var b [16]byte
		rand.Read(b[:])
		return fmt.Appendf(nil, "%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	})
}
