package profiles

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"howett.net/plist"

	"mailsetup/internal/clients/appleprofile"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

var update = flag.Bool("update", false, "write the golden files")

// testProviders covers what the built-in table does not: STARTTLS for reading, TLS for
// sending, CRAM-MD5, the account's own password, addresses that are always logins, and a
// name with markup.
const testProviders = `
providers:
  harbour:
    name: Harbour & <Sons>
    domains: [harbour.test]
    imap:
      - {host: imap.harbour.test, port: 143, security: starttls, username: address, auth: cram-md5}
    smtp:
      - {host: smtp.harbour.test, port: 465, security: tls, username: address, auth: cram-md5}
    password: {kind: account, url: "https://harbour.test/password"}
  both:
    name: Both Mail
    id: both.test
    mx: [mx.both.test]
    imap: [{host: imap.both.test, port: 993, security: tls, username: address, auth: [oauth2, password]}]
    smtp: [{host: smtp.both.test, port: 465, security: tls, username: address, auth: [oauth2, cram-md5, password]}]
    password: {kind: unstated}
domains:
  example.com:
    provider: icloud
    logins: {jane@example.com: jane.appleseed@icloud.com}
`

func personName(t testing.TB, s string) PersonName {
	t.Helper()
	n, err := ParsePersonName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func render(t testing.TB, a provider.Account, name PersonName) []byte {
	t.Helper()
	out, err := Mail(a, Person{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The mail payload as a map, read by the library's decoder.
func decodeMail(t testing.TB, data []byte) map[string]any {
	t.Helper()
	var profile struct{ PayloadContent []map[string]any }
	if _, err := plist.Unmarshal(data, &profile); err != nil {
		t.Fatal(err)
	}
	if len(profile.PayloadContent) != 1 {
		t.Fatalf("%d payloads, want 1", len(profile.PayloadContent))
	}
	return profile.PayloadContent[0]
}

func TestMailGolden(t *testing.T) {
	jane := personName(t, "Jane Appleseed")
	for _, p := range providertest.Table(t, testProviders).Providers() {
		own := providertest.Address(t, "jane@"+p.Identifier.String())
		login := providertest.Address(t, "jane.appleseed@"+p.Identifier.String())
		custom := providertest.Address(t, "jane@example.com")
		at := func(a provider.Address) provider.Account {
			return provider.HostedAt(p, a.Domain()).Account(a)
		}
		for _, tt := range []struct {
			name    string
			account provider.Account
			person  PersonName
		}{
			{"generic", p.Account(), PersonName{}},
			{"personal", at(own), PersonName{}},
			{"name", at(own), jane},
			{"custom-domain", at(custom), PersonName{}},
			{"custom-domain-login", p.AccountWithLogin(custom, provider.LoginOf(login)), jane},
		} {
			t.Run(p.ID+"/"+tt.name, func(t *testing.T) {
				got := render(t, tt.account, tt.person)
				if found := appleprofile.Check(got); found != nil {
					t.Errorf("Apple's schema:\n%v", found)
				}
				golden := filepath.Join("testdata", p.ID+"-"+tt.name+".mobileconfig")
				if *update {
					if err := os.WriteFile(golden, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatalf("%v (write it with: go test ./profiles -update)", err)
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", golden, diff)
				}
			})
		}
	}
}

// What an iPhone enters for jane@icloud.com, key by key. A surplus key is as wrong as a
// missing one: PreventMove, for example, locks mail in.
func TestMailICloud(t *testing.T) {
	table := providertest.Table(t, testProviders)
	want := map[string]any{
		"EmailAccountDescription": "jane@icloud.com",
		"EmailAccountType":        "EmailTypeIMAP",
		"EmailAddress":            "jane@icloud.com",

		"IncomingMailServerAuthentication": "EmailAuthPassword",
		"IncomingMailServerHostName":       "imap.mail.me.com",
		"IncomingMailServerPortNumber":     uint64(993),
		"IncomingMailServerUseSSL":         true,
		"IncomingMailServerUsername":       "jane",

		"OutgoingMailServerAuthentication":       "EmailAuthPassword",
		"OutgoingMailServerHostName":             "smtp.mail.me.com",
		"OutgoingMailServerPortNumber":           uint64(587),
		"OutgoingMailServerUseSSL":               true,
		"OutgoingMailServerUsername":             "jane@icloud.com",
		"OutgoingPasswordSameAsIncomingPassword": true,

		"SMIMEEnableEncryptionPerMessageSwitch":          true,
		"SMIMEEncryptByDefaultUserOverrideable":          true,
		"SMIMEEncryptionCertificateUUIDUserOverrideable": true,
		"SMIMESigningCertificateUUIDUserOverrideable":    true,
		"SMIMESigningUserOverrideable":                   true,

		"PayloadDisplayName": "iCloud Mail",
		"PayloadType":        "com.apple.mail.managed",
		"PayloadVersion":     uint64(1),
	}
	for _, tt := range []struct {
		name    string
		account provider.Account
		change  map[string]any // nil: the key is absent
	}{
		{"own domain", providertest.Account(t, table, "jane@icloud.com"), nil},
		{"upper case and plus stay as typed", providertest.Account(t, table, "Jane.A+x@ME.com"), map[string]any{
			"EmailAccountDescription": "Jane.A+x@me.com", "EmailAddress": "Jane.A+x@me.com",
			"IncomingMailServerUsername": "Jane.A+x", "OutgoingMailServerUsername": "Jane.A+x@me.com",
		}},
		{"hosted domain, login in the table", providertest.Account(t, table, "jane@example.com"), map[string]any{
			"EmailAccountDescription": "jane@example.com", "EmailAddress": "jane@example.com",
			"IncomingMailServerUsername": "jane.appleseed", "OutgoingMailServerUsername": "jane.appleseed@icloud.com",
		}},
		{"hosted domain, login unknown: the device asks", providertest.Account(t, table, "joe@example.com"), map[string]any{
			"EmailAccountDescription": "joe@example.com", "EmailAddress": "joe@example.com",
			"IncomingMailServerUsername": nil, "OutgoingMailServerUsername": nil,
		}},
		{"generic: the device asks for everything", providertest.Account(t, table, "jane@icloud.com").Provider.Account(), map[string]any{
			"EmailAccountDescription": "iCloud Mail", "EmailAddress": nil,
			"IncomingMailServerUsername": nil, "OutgoingMailServerUsername": nil,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := merge(want, tt.change)
			got := decodeMail(t, render(t, tt.account, PersonName{}))
			delete(got, "PayloadIdentifier") // identity_test.go
			delete(got, "PayloadUUID")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("payload (-want +got):\n%s", diff)
			}
		})
	}
}

func merge(base, change map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range base {
		out[k] = v
	}
	for k, v := range change {
		out[k] = v
		if v == nil {
			delete(out, k)
		}
	}
	return out
}

// For a hosted domain without an address, the profile has the generic identifier and must
// not contain a login that is stated for one person.
func TestMailWithoutAddressIsGeneric(t *testing.T) {
	table := providertest.Table(t, `
domains:
  example.org: {provider: icloud, login: jane.appleseed@icloud.com}
`)
	m, ok := table.ByDomain(providertest.Domain(t, "example.org"))
	if !ok {
		t.Fatal("example.org is not served")
	}
	a := m.Account(provider.Address{})
	if !a.Private() {
		t.Fatal("the account has no mapped login")
	}
	if diff := cmp.Diff(string(render(t, m.Provider().Account(), PersonName{})), string(render(t, a, PersonName{}))); diff != "" {
		t.Errorf("not the generic profile (-want +got):\n%s", diff)
	}
}

// A value that this package does not know must stop the server's start, not turn into a
// profile without TLS.
func TestMailUnknownEnum(t *testing.T) {
	good := providertest.Account(t, providertest.Table(t, ""), "jane@icloud.com").Provider
	for name, spoil := range map[string]func(*provider.Provider){
		"incoming security": func(p *provider.Provider) { p.IMAP[0].Security = 0 },
		"outgoing security": func(p *provider.Provider) { p.SMTP[0].Security = 99 },
		"incoming auth":     func(p *provider.Provider) { p.IMAP[0].Auth = provider.Auths{} },
		"outgoing auth":     func(p *provider.Provider) { p.SMTP[0].Auth = provider.Auths{99} },
		"incoming username": func(p *provider.Provider) { p.IMAP[0].Username = 99 },
		"outgoing username": func(p *provider.Provider) { p.SMTP[0].Username = 0 },
		"password kind":     func(p *provider.Provider) { p.Password.Kind = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			p := *good
			p.IMAP = append([]provider.MailServer(nil), good.IMAP...)
			p.SMTP = append([]provider.MailServer(nil), good.SMTP...)
			spoil(&p)
			if out, err := Mail(p.Account(), Person{}); err == nil || out != nil {
				t.Errorf("got %d bytes and error %v, want an error alone", len(out), err)
			}
		})
	}
}

// Names come back as they were typed, whatever markup or script they contain.
func TestMailNameRoundTrip(t *testing.T) {
	a := providertest.Account(t, providertest.Table(t, ""), "jane@icloud.com")
	for _, name := range roundTripNames {
		out := render(t, a, personName(t, name))
		if found := appleprofile.Check(out); found != nil {
			t.Errorf("%q: %v", name, found)
		}
		if got := decodeMail(t, out)["EmailAccountName"]; got != name {
			t.Errorf("name %q came back as %q", name, got)
		}
	}
}

var roundTripNames = []string{
	"Jane Appleseed",
	"Smith & Sons",
	`a</string><key>IncomingPassword</key><string>`,
	`<>'"&amp;&#0;]]>`,
	"<!-- -->",
	"Zoë 👩\u200d👩\u200d👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
	"רחל \u200f(א)\u200e",
	"جين می\u200cخواهم",
	strings.Repeat("ü", 256),
	strings.Repeat("👋", 256),
}

// The file name ends up in download lists and server logs.
func TestFileName(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9-]+\.mobileconfig$`)
	for _, p := range providertest.Table(t, testProviders).Providers() {
		if got := FileName(p); !form.MatchString(got) || !strings.HasPrefix(got, p.ID) {
			t.Errorf("file name %q", got)
		}
	}
}

// Phone companies have given out addresses with dots in a row or at the end.
func TestMailDottedAddresses(t *testing.T) {
	table := providertest.Table(t, testProviders)
	for _, address := range []string{"jane..doe@icloud.com", "jane.@icloud.com", "j...@icloud.com"} {
		payload := decodeMail(t, render(t, providertest.Account(t, table, address), PersonName{}))
		local, _, _ := strings.Cut(address, "@")
		if payload["EmailAddress"] != address || payload["IncomingMailServerUsername"] != local || payload["OutgoingMailServerUsername"] != address {
			t.Errorf("%s: %v", address, payload)
		}
	}
}

// TestNoProfileWithOAuth2Alone: Apple's mail payload cannot express OAuth 2, so a device
// would ask for a password that the service refuses.
func TestNoProfileWithOAuth2Alone(t *testing.T) {
	for _, auth := range []string{"imap", "smtp"} {
		table := providertest.Table(t, strings.Replace(`
providers:
  signin:
    name: Sign-in Mail
    domains: [signin.test]
    imap: [{host: imap.signin.test, port: 993, security: tls, username: address}]
    smtp: [{host: smtp.signin.test, port: 465, security: tls, username: address}]
    password: {kind: unstated}
`, auth+": [{", auth+": [{auth: oauth2, ", 1))
		a := providertest.Account(t, table, "jane@signin.test")
		if out, err := Mail(a, Person{}); !errors.Is(err, provider.ErrOAuth2Only) {
			t.Errorf("%s: %v\n%s", auth, err, out)
		}
		if _, err := Compile(a.Provider); !errors.Is(err, provider.ErrOAuth2Only) {
			t.Errorf("%s, compiled: %v", auth, err)
		}
	}
}
