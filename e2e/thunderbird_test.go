package e2e

import (
	"context"
	"errors"

	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mailsetup/e2e/thunderbird"
)

// However Thunderbird gets mailsetup's answer, it must end up with the same
// servers, with the login that mailsetup knows and no other.
func TestThunderbirdFindsSettings(t *testing.T) {
	tests := []struct {
		name, address string
		source        string
		imap, smtp    string // the logins
	}{
		{"autoconfig by https", "jane@icloud.com", isp + "https", "jane", "jane@icloud.com"},
		{"autoconfig by http alone", "jane@me.com", isp + "http", "jane", "jane@me.com"},
		{"the database that a policy names", "jane@mac.com", database, "jane", "jane@mac.com"},
		{"an address with a plus", "jane+news@icloud.com", isp + "https", "jane+news", "jane+news@icloud.com"},

		{"a mapped login", "jane@example.com", isp + "https", "jane.appleseed", "jane.appleseed@icloud.com"},
		{"a mapped login of an address with a plus", "jane+news@example.com", isp + "https", "jane.news", "jane.news@me.com"},
		// Somebody who is not in the map must not get the login of whoever has
		// the same local part at icloud.com.
		{"an unmapped address next to mapped ones", "jane.doe@example.com", isp + "https", "jane.doe@example.com", "jane.doe@example.com"},
		{"no mapped login", "jane@example.org", isp + "https", "jane@example.org", "jane@example.org"},

		{".well-known alone", "jane@well-known.test", isp + "https", "jane@well-known.test", "jane@well-known.test"},
		{"Autodiscover alone", "jane@autodiscover.test", exchange + "1", "jane.appleseed", "jane.appleseed@icloud.com"},
		{"the mail exchanger's name in the database", "jane@mx-only.test", database, "jane@mx-only.test", "jane@mx-only.test"},
		{"a domain beyond ASCII", "jane@xn--bcher-kva.test", isp + "https", "jane@xn--bcher-kva.test", "jane@xn--bcher-kva.test"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := unlikeICloud(lookUp(t, tt.address), tt.source, tt.imap, tt.smtp); diff != "" {
				t.Errorf("Thunderbird's settings (-want +got):\n%s\nit asked %s", diff, asked(tt.address))
			}
		})
	}
}

// A domain that mailsetup recognises by its mail exchanger needs no line in the
// table.
func TestThunderbirdFindsSettingsOfRecognisedDomain(t *testing.T) {
	if !internet.Isolated() {
		need(t, "the server's resolver would ask the real internet", errNoNamespaces)
	}
	const address = "jane@recognised.test"
	if diff := unlikeICloud(lookUp(t, address), isp+"https", address, address); diff != "" {
		t.Errorf("Thunderbird's settings (-want +got):\n%s\nit asked %s", diff, asked(address))
	}
}

// For an unknown domain, Thunderbird must get a 404 from every URL, or it would
// wait, or mistake a page for settings.
func TestThunderbirdFindsNothingForUnknownDomain(t *testing.T) {
	const address = "jane@unknown.test"
	if f := lookUp(t, address); f.Found || f.AsksAbout != "" {
		t.Errorf("Thunderbird has found %+v", f)
	}
	if wrong := notRefused(address); len(wrong) > 0 {
		t.Errorf("these were not answered by 404: %v", wrong)
	}
	urls := map[string]bool{}
	for _, r := range internet.Requests("unknown.test") {
		u, err := url.Parse(r.URL)
		if err != nil {
			t.Fatal(err)
		}
		u.RawQuery = ""
		urls[r.Method+" "+u.String()] = true
	}
	for _, want := range []string{
		"GET https://autoconfig.unknown.test/mail/config-v1.1.xml",
		"GET http://autoconfig.unknown.test/mail/config-v1.1.xml",
		"GET https://unknown.test/.well-known/autoconfig/mail/config-v1.1.xml",
		"GET http://unknown.test/.well-known/autoconfig/mail/config-v1.1.xml",
		"GET " + policy.database + "unknown.test",
		"POST https://autodiscover.unknown.test/autodiscover/autodiscover.xml",
	} {
		if !urls[want] {
			t.Errorf("Thunderbird has not asked %s", want)
		}
	}
}

// The README's policies.json must do what the README says.
func TestThunderbirdObeysPolicy(t *testing.T) {
	if !internet.Isolated() {
		need(t, "the policy's place belongs to the real machine", errNoNamespaces)
	}
	value, active, err := sharedThunderbird(t).Preference(patience(t), databasePreference)
	if err != nil {
		t.Fatal(err)
	}
	if !active || value != policy.database {
		t.Errorf("policy active: %t, %s = %q, want %q", active, databasePreference, value, policy.database)
	}
}

// Thunderbird's own names for sources of settings.
const (
	isp      = "xml-from-isp-"     // and the scheme
	database = "xml-from-db"       // also by way of the mail exchanger
	exchange = "exchange-from-url" // and the number of the URL
)

// unlikeICloud compares a finding with iCloud Mail's settings and two logins. It
// returns "" if they are the same and nothing else is offered.
func unlikeICloud(got thunderbird.Finding, source, imap, smtp string) string {
	want := thunderbird.Finding{
		Found:  true,
		Source: source,
		// Names for people differ by source and are not compared.
		ID: got.ID, Name: got.Name, Domains: got.Domains,
		Incoming: thunderbird.Server{Type: "imap", Hostname: "imap.mail.me.com", Port: 993,
			SocketType: "SSL", Auth: "passwordCleartext", Username: imap},
		Outgoing: thunderbird.Server{Type: "smtp", Hostname: "smtp.mail.me.com", Port: 587,
			SocketType: "alwaysSTARTTLS", Auth: "passwordCleartext", Username: smtp},
		Alternatives: []thunderbird.Server{},
	}
	return cmp.Diff(want, got)
}

// notRefused returns the requests for an address's domain that were answered with
// anything but 404.
func notRefused(address string) []string {
	return slices.DeleteFunc(asked(address), func(r string) bool { return strings.HasPrefix(r, "404 ") })
}

// asked returns the requests for an address's domain, each with its status.
func asked(address string) []string {
	_, domain, _ := strings.Cut(address, "@")
	var list []string
	for _, r := range internet.Requests(domain) {
		list = append(list, strconv.Itoa(r.Status)+" "+r.Method+" "+r.URL)
	}
	slices.Sort(list)
	return list
}

func lookUp(t *testing.T, address string) thunderbird.Finding {
	t.Helper()
	f, err := sharedThunderbird(t).LookUp(patience(t), address)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// patience is how long a test waits for a program. No test asserts how long it
// takes.
func patience(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// thunderbirds holds the one Thunderbird that does all look-ups: they leave
// nothing behind that could affect a look-up for another domain.
var thunderbirds struct {
	sync.Mutex
	shared *thunderbird.Thunderbird
}

func sharedThunderbird(t *testing.T) *thunderbird.Thunderbird {
	t.Helper()
	thunderbirds.Lock()
	defer thunderbirds.Unlock()
	if thunderbirds.shared == nil {
		thunderbirds.shared = startThunderbird(t, "thunderbird")
	}
	return thunderbirds.shared
}

func closeThunderbird() error {
	if thunderbirds.shared == nil {
		return nil
	}
	return thunderbirds.shared.Close()
}

// startThunderbird starts a Thunderbird in its own folder below scratch. The
// caller must close it.
func startThunderbird(t *testing.T, name string, environment ...string) *thunderbird.Thunderbird {
	t.Helper()
	return startThunderbirdTrusting(t, name, nil, environment...)
}

// startThunderbirdTrusting is startThunderbird with additional authorities, in
// DER.
func startThunderbirdTrusting(t *testing.T, name string, roots [][]byte, environment ...string) *thunderbird.Thunderbird {
	t.Helper()
	binary, err := thunderbird.Installed()
	need(t, "Thunderbird is missing (Debian package thunderbird)", err)
	cfg := thunderbird.Config{
		Binary:      binary,
		Dir:         filepath.Join(scratch, name),
		Roots:       append([][]byte{internet.Authority.Certificate.Raw}, roots...),
		Proxy:       internet.Proxy,
		Environment: environment,
	}
	if !internet.Isolated() {
		cfg.Preferences = map[string]any{databasePreference: policy.database}
		cfg.MX = map[string]string{}
		for _, s := range sites {
			if s.MX != "" {
				cfg.MX[s.Domain] = s.MX
			}
		}
	}
	tb, err := thunderbird.Start(patience(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("Thunderbird %s", tb.Version)
	return tb
}

var errNoNamespaces = errors.New("this needs namespaces, which the system does not allow")
