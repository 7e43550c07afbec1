package e2e

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/e2e/mailserver"
)

// Just the two steps at the start of the README: a server that ends TLS itself, and the
// records that it prints. A real ACME server must issue its certificates, and real
// clients must accept them and set up an address.
func TestServesWithoutProxy(t *testing.T) {
	if !internet.Isolated() {
		need(t, "the server and the authority would ask the real internet", errNoNamespaces)
	}
	acme := startAuthority(t)
	own := &ownServer{acme: acme, storage: filepath.Join(t.TempDir(), "certificates"), table: keep(t, "providers.yaml", []byte("domains: {}\n"))}
	publish(t, "setup.own.test. 60 IN A "+ownAddress)
	publish(t, string(output(t, os.Getenv(binaryVariable), append([]string{"dns", "own.test", "--format", "zone"}, own.domain()...)...)))
	own.start(t)
	defer own.stop(t)
	names := []string{"setup.own.test", "autoconfig.own.test", "autodiscover.own.test"}
	serials := map[string]string{}
	for _, name := range names {
		serials[name] = own.awaitCertificate(t, name)
	}

	t.Run("Thunderbird", func(t *testing.T) {
		tb := startThunderbirdTrusting(t, "own-tls", [][]byte{acme.Issuer.Raw}, fonts(t))
		defer tb.Close()
		f, err := tb.LookUp(patience(t), "jane@own.test")
		if err != nil {
			t.Fatal(err)
		}
		if diff := unlikeICloud(f, isp+"https", "jane@own.test", "jane@own.test"); diff != "" {
			t.Fatalf("Thunderbird's settings (-want +got):\n%s\nthe server's log:\n%s", diff, own.log(t))
		}
		findInHub(t, tb, "jane@own.test", "jane@own.test", "jane@own.test")
		logInFromHub(t, tb, "jane@own.test", "jane@own.test", "jane@own.test")
	})
	t.Run("Thunderbird that does not trust the authority", func(t *testing.T) {
		// By http it finds the same settings.
		if diff := unlikeICloud(lookUp(t, "jane@own.test"), isp+"http", "jane@own.test", "jane@own.test"); diff != "" {
			t.Errorf("Thunderbird's settings (-want +got):\n%s", diff)
		}
	})
	t.Run("Delta Chat", func(t *testing.T) {
		mail := configureDeltaChat(t, "jane@own.test")
		want := []mailserver.Login{
			{Protocol: "imap", Port: 993, Encryption: mailserver.Implicit, Name: "jane@own.test", OK: true},
			{Protocol: "smtp", Port: 587, Encryption: mailserver.StartTLS, Name: "jane@own.test", OK: true},
		}
		if diff := cmp.Diff(want, successes(mail)); diff != "" {
			t.Errorf("logins (-want +got):\n%s\nthe server's log:\n%s", diff, own.log(t))
		}
	})
	for _, r := range internet.Requests("own.test") {
		// The database that a policy names is also asked, and does not know the domain.
		if !strings.HasPrefix(r.URL, policy.database) {
			t.Errorf("the front, which this test does not use, was asked %s", r.URL)
		}
	}

	t.Run("port 80", own.testPlain)
	t.Run("unknown name", func(t *testing.T) {
		_, err := own.handshake("autoconfig.stranger.test")
		if err == nil || !strings.Contains(err.Error(), "unrecognized name") {
			t.Errorf("an unknown name: %v, want the alert unrecognized_name", err)
		}
	})
	t.Run("doctor", func(t *testing.T) {
		startMailServer(t)
		got := diagnoseWith(t, "own.test", append(own.domain(), "--ca", acme.IssuerRoot)...)
		if problems := got.problems(); problems != nil {
			t.Errorf("the doctor has problems: %v", problems)
		}
		// The logins are unknown.
		if result := got.verdict("Thunderbird"); result != "partly" {
			t.Errorf("the doctor's verdict on Thunderbird is %s, want partly", result)
		}
	})
	t.Run("signed profile", own.testSignedProfile)

	t.Run("a domain is added", func(t *testing.T) {
		later := []string{"later.test", "--format", "zone", "--domain", "later.test=icloud", "--public-url", "https://setup.own.test"}
		publish(t, string(output(t, os.Getenv(binaryVariable), append([]string{"dns"}, later...)...)))
		if err := os.WriteFile(own.table, []byte("domains: {later.test: icloud}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := own.server.process.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"autoconfig.later.test", "autodiscover.later.test"} {
			serials[name] = own.awaitCertificate(t, name)
		}
	})
	t.Run("restart without the authority", func(t *testing.T) {
		own.stop(t)
		acme.stop()
		own.start(t)
		for name, want := range serials {
			got, err := own.handshake(name)
			if err != nil || got != want {
				t.Errorf("%s: certificate %s, %v; before the restart it was %s", name, got, err, want)
			}
		}
	})
}

// testPlain asks by http, as clients do first or last: settings are answered, and
// requests and forms with an address are redirected to https.
func (o *ownServer) testPlain(t *testing.T) {
	tests := []struct {
		name, method, url string
		status            int
		location          string // its prefix
		contains          string
	}{
		{"autoconfig", http.MethodGet, "http://autoconfig.own.test/mail/config-v1.1.xml", 200, "", "imap.mail.me.com"},
		{"Autodiscover, asked where it is", http.MethodGet, "http://autodiscover.own.test/autodiscover/autodiscover.xml", 302,
			"https://autodiscover.own.test/autodiscover/autodiscover.xml", ""},
		{"Autodiscover, asked for settings", http.MethodPost, "http://autodiscover.own.test/autodiscover/autodiscover.xml", 307,
			"https://autodiscover.own.test/autodiscover/autodiscover.xml", ""},
		{"the page", http.MethodGet, "http://setup.own.test/", 308, "https://setup.own.test/", ""},
		{"the page at another name", http.MethodGet, "http://autoconfig.own.test/", 308, "https://setup.own.test/", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(patience(t), tt.method, tt.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := o.client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			location := res.Header.Get("Location")
			if res.StatusCode != tt.status || !strings.HasPrefix(location, tt.location) || !strings.Contains(string(body), tt.contains) {
				t.Errorf("%s, Location %q, want %d, %q and %q in\n%s", res.Status, location, tt.status, tt.location, tt.contains, body)
			}
			if (location != "") != (tt.location != "") {
				t.Errorf("Location %q, want %q", location, tt.location)
			}
		})
	}
}

// testSignedProfile has openssl verify a profile that is signed with the public URL's
// certificate.
func (o *ownServer) testSignedProfile(t *testing.T) {
	openssl := needTool(t, "openssl", "openssl")
	signed := keep(t, "signed.mobileconfig", fetchProfile(t, o.client(), "https://setup.own.test/profile/icloud.mobileconfig"))
	signer := filepath.Join(t.TempDir(), "signer.pem")
	content := output(t, openssl, "cms", "-verify", "-inform", "DER", "-in", signed, "-CAfile", o.acme.IssuerRoot,
		"-purpose", "any", "-binary", "-signer", signer)
	if !strings.Contains(string(content), "imap.mail.me.com") {
		t.Errorf("the signed content is not a profile for iCloud Mail:\n%s", content)
	}
	text, err := os.ReadFile(signer)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatalf("openssl found no signer: %s", text)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(cert.DNSNames, "setup.own.test") {
		t.Errorf("the signer is %v, want setup.own.test", cert.DNSNames)
	}
}
