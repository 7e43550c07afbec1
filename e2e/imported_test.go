package e2e

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mailsetup/e2e/mailserver"
	"mailsetup/e2e/thunderbird"
)

// importedTable is below the built-in table in the server under test.
const importedTable = "testdata/imported.yaml"

// With an imported table, mailsetup replaces Thunderbird's database for all of its
// services, whatever their servers and login methods. Thunderbird signs in with OAuth 2 at
// the hosts that it knows, and uses the next method elsewhere.
func TestThunderbirdFindsImportedSettings(t *testing.T) {
	server := func(kind, host string, port int, socket, auth, login string) thunderbird.Server {
		return thunderbird.Server{Type: kind, Hostname: host, Port: port, SocketType: socket, Auth: auth, Username: login}
	}
	for _, tt := range []struct {
		address    string
		imap, smtp thunderbird.Server
	}{
		{"jane@imported-tls.test",
			server("imap", "imap.imported-tls.test", 993, "SSL", "passwordCleartext", "jane@imported-tls.test"),
			server("smtp", "smtp.imported-tls.test", 465, "SSL", "passwordCleartext", "jane@imported-tls.test")},
		{"jane@imported-starttls.test",
			server("imap", "mail.imported-starttls.test", 143, "alwaysSTARTTLS", "passwordCleartext", "jane"),
			server("smtp", "mail.imported-starttls.test", 587, "alwaysSTARTTLS", "passwordCleartext", "jane")},
		{"jane@imported-cram.test",
			server("imap", "imap.imported-cram.test", 993, "SSL", "passwordEncrypted", "jane@imported-cram.test"),
			server("smtp", "smtp.imported-cram.test", 587, "alwaysSTARTTLS", "passwordEncrypted", "jane@imported-cram.test")},
		{"jane@imported-either.test",
			server("imap", "imap.imported-either.test", 993, "SSL", "passwordCleartext", "jane@imported-either.test"),
			server("smtp", "smtp.imported-either.test", 465, "SSL", "passwordCleartext", "jane@imported-either.test")},
		{"jane@imported-gmail.test",
			server("imap", "imap.gmail.com", 993, "SSL", "OAuth2", "jane@imported-gmail.test"),
			server("smtp", "smtp.gmail.com", 465, "SSL", "OAuth2", "jane@imported-gmail.test")},
		{"jane@imported-signin.test",
			server("imap", "outlook.office365.com", 993, "SSL", "OAuth2", "jane@imported-signin.test"),
			server("smtp", "smtp.office365.com", 587, "alwaysSTARTTLS", "OAuth2", "jane@imported-signin.test")},
		// Customers of the services, by their mail exchangers.
		{"jane@imported-customer.test",
			server("imap", "imap.gmail.com", 993, "SSL", "OAuth2", "jane@imported-customer.test"),
			server("smtp", "smtp.gmail.com", 465, "SSL", "OAuth2", "jane@imported-customer.test")},
	} {
		t.Run(tt.address, func(t *testing.T) {
			got := lookUp(t, tt.address)
			want := thunderbird.Finding{Found: true, Source: database, Incoming: tt.imap, Outgoing: tt.smtp, Alternatives: []thunderbird.Server{}}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(thunderbird.Finding{}, "ID", "Name", "Domains")); diff != "" {
				t.Errorf("Thunderbird's settings (-want +got):\n%s\nit asked %s", diff, asked(tt.address))
			}
		})
	}
}

// According to the rules, Thunderbird cannot set up OAuth 2 at hosts that it does not
// know, where there is no other method.
func TestThunderbirdFindsNoUseForUnknownOAuth2(t *testing.T) {
	if f := lookUp(t, "jane@imported-elsewhere.test"); f.Found || f.AsksAbout != "" {
		t.Errorf("Thunderbird has found %+v", f)
	}
}

// Gmail with an imported table, from a person's view: the Account Hub shows OAuth 2 and
// continues to Google's sign-in page with the address filled in.
func TestThunderbirdSignsInAtGmail(t *testing.T) {
	tb := startThunderbird(t, "signin", fonts(t))
	defer tb.Close()
	const address = "jane@imported-gmail.test"
	screen, err := tb.OpenAccountHub(patience(t), "Jane Appleseed", address)
	if err != nil {
		t.Fatal(err)
	}
	want := thunderbird.Screen{
		Step: "emailConfigFoundSubview",
		Incoming: thunderbird.Server{Type: "imap", Hostname: "imap.gmail.com", Port: 993,
			SocketType: "SSL/TLS", Auth: "OAuth2", Username: address},
		Outgoing: thunderbird.Server{Type: "smtp", Hostname: "smtp.gmail.com", Port: 465,
			SocketType: "SSL/TLS", Auth: "OAuth2", Username: address},
		Protocols: []string{"imap"},
	}
	if diff := cmp.Diff(want, screen, cmpopts.IgnoreFields(thunderbird.Screen{}, "Notice", "Box")); diff != "" {
		t.Fatalf("the Account Hub shows (-want +got):\n%s\nnotice: %s", diff, screen.Notice)
	}
	mail, err := mailserver.Start(mailserver.Config{Listen: internet.Listen, TLS: internet.Authority.ServerConfig(), Password: password, OAuth2: true})
	if err != nil {
		t.Fatal(err)
	}
	defer mail.Close()
	page, err := tb.SignIn(patience(t))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	if q := u.Query(); u.Host != "accounts.google.com" || q.Get("login_hint") != address || q.Get("response_type") != "code" {
		t.Errorf("people sign in at %s", page)
	}
}
