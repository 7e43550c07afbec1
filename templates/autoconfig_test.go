package templates

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/provider"
)

// The ISPDB's own entry, ispdb/me.com.xml, contains the same in its own order.
func TestAutoconfigICloudEqualsISPDB(t *testing.T) {
	doc, err := Autoconfig(account(t, table(t), "icloud.com"))
	if err != nil {
		t.Fatal(err)
	}
	service := parse(t, doc).all("emailProvider")[0]
	var got [][]string
	for _, tag := range []string{"incomingServer", "outgoingServer"} {
		var server []string
		for _, n := range service.all(tag)[0].Nodes {
			server = append(server, n.Text)
		}
		got = append(got, server)
	}
	want := [][]string{
		{"imap.mail.me.com", "993", "SSL", "%EMAILLOCALPART%", "password-cleartext"},
		{"smtp.mail.me.com", "587", "STARTTLS", "%EMAILADDRESS%", "password-cleartext"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if descr := service.text("documentation", "descr"); !strings.Contains(descr, "app-specific password") {
		t.Errorf("the help does not name the app-specific password: %q", descr)
	}
}

// Without a known login, jane@example.com must be refused under her own address
// and not tried as iCloud's jane, who is somebody else.
func TestAutoconfigLogins(t *testing.T) {
	table := table(t)
	for _, tt := range []struct{ who, in, out string }{
		{"icloud.com", "%EMAILLOCALPART%", "%EMAILADDRESS%"},
		{"jane@icloud.com", "%EMAILLOCALPART%", "%EMAILADDRESS%"},
		{"mac.com", "%EMAILLOCALPART%", "%EMAILADDRESS%"},
		{"example.com", "%EMAILADDRESS%", "%EMAILADDRESS%"},
		{"john@example.com", "%EMAILADDRESS%", "%EMAILADDRESS%"},
		{"jane@example.com", "jane.appleseed", "jane.appleseed@icloud.com"},
		{"JANE@Example.com", "jane.appleseed", "jane.appleseed@icloud.com"},
		{"example.org", "family", "family@me.com"},
		{"john@example.org", "family", "family@me.com"},
		{"jane@hosted.test", "%EMAILADDRESS%", "%EMAILADDRESS%"},
	} {
		doc, err := Autoconfig(account(t, table, tt.who))
		if err != nil {
			t.Fatal(err)
		}
		service := parse(t, doc).all("emailProvider")[0]
		in, out := service.text("incomingServer", "username"), service.text("outgoingServer", "username")
		if in != tt.in || out != tt.out {
			t.Errorf("%s: logins %q and %q, want %q and %q", tt.who, in, out, tt.in, tt.out)
		}
	}
}

// One document is for everybody in a domain, so that caches may keep it and
// nobody learns which mailboxes exist.
func TestAutoconfigDependsOnTheDomainOnly(t *testing.T) {
	table := table(t)
	for _, pair := range [][2]string{
		{"icloud.com", "jane@icloud.com"},
		{"icloud.com", "me.com"},
		{"example.com", "john@example.com"},
		{"mail.test", "o'hara&co@mail.test"},
		{"hosted.test", "jane@hosted.test"},
	} {
		first, err := Autoconfig(account(t, table, pair[0]))
		if err != nil {
			t.Fatal(err)
		}
		second, err := Autoconfig(account(t, table, pair[1]))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(first), string(second)); diff != "" {
			t.Errorf("%v differ:\n%s", pair, diff)
		}
	}
}

// A provider's generic account, without address or domain, lists the provider's
// own domains.
func TestAutoconfigGeneric(t *testing.T) {
	table := table(t)
	want, err := Autoconfig(account(t, table, "icloud.com"))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := table.Provider("icloud")
	got, err := Autoconfig(p.Account())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

// The help page is the one about servers, or else the one about passwords.
func TestAutoconfigHelp(t *testing.T) {
	table := table(t)
	for _, tt := range []struct{ who, url string }{
		{"icloud.com", "https://support.apple.com/102525"},
		{"mail.test", "https://help.mail.test/?topic=password&lang=en"},
		{"bare.test", ""},
	} {
		doc, err := Autoconfig(account(t, table, tt.who))
		if err != nil {
			t.Fatal(err)
		}
		var got string
		for _, help := range parse(t, doc).all("emailProvider", "documentation") {
			got += attr(help, "url")
		}
		if got != tt.url {
			t.Errorf("%s: help at %q, want %q", tt.who, got, tt.url)
		}
	}
}

// A value that the format cannot express is found at start, not by a client.
func TestAutoconfigRefusesWhatItCannotExpress(t *testing.T) {
	table := table(t)
	for name, change := range impossible {
		a := account(t, table, "jane@icloud.com")
		change(&a)
		if doc, err := Autoconfig(a); err == nil {
			t.Errorf("%s: written anyway:\n%s", name, doc)
		}
	}
	a := account(t, table, "jane@icloud.com")
	p := *a.Provider
	p.Password.Kind = 0
	a.Provider = &p
	if _, err := Autoconfig(a); err == nil {
		t.Error("password kind 0 is written anyway")
	}
	a.Outgoing.Username = 0
	if _, err := Autoconfig(a); err == nil {
		t.Error("username 0 is written anyway")
	}
}

// impossible are accounts that no writer can express.
var impossible = map[string]func(*provider.Account){
	"protocol 0":          func(a *provider.Account) { a.Incoming.Protocol = 0 },
	"protocol 3":          func(a *provider.Account) { a.Outgoing.Protocol = 3 },
	"security 0":          func(a *provider.Account) { a.Incoming.Security = 0 },
	"security 3":          func(a *provider.Account) { a.Outgoing.Security = 3 },
	"auth 0":              func(a *provider.Account) { a.Incoming.Auth = provider.Auths{} },
	"auth 3":              func(a *provider.Account) { a.Outgoing.Auth = provider.Auths{4} },
	"login kind 0":        func(a *provider.Account) { a.Incoming.Login.Kind = 0 },
	"login kind 4":        func(a *provider.Account) { a.Outgoing.Login.Kind = 4 },
	"an empty mapped one": func(a *provider.Account) { a.Incoming.Login = provider.Login{Kind: provider.LoginStated} },
}
