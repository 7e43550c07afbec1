package templates

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/clients"
	"mailsetup/internal/clients/androidimport"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// androidServices adds services that differ in how people log in.
var androidServices = strings.Replace(testTable, "domains:\n  shop.test", `  known:
    name: Known
    domains: [known.example]
    imap: [{host: imap.gmail.com, port: 993, security: tls, username: address, auth: [password, oauth2]}]
    smtp: [{host: smtp.gmail.com, port: 465, security: tls, username: address, auth: [oauth2, password]}]
    password: {kind: unstated}
  knownonly:
    name: Known only
    domains: [knownonly.example]
    imap: [{host: outlook.office365.com, port: 993, security: tls, username: address, auth: oauth2}]
    smtp: [{host: smtp.office365.com, port: 587, security: starttls, username: address, auth: oauth2}]
    password: {kind: none}
  halfknown:
    name: Half known
    domains: [halfknown.example]
    imap: [{host: imap.gmail.com, port: 993, security: tls, username: address, auth: [oauth2, password]}]
    smtp: [{host: smtp.halfknown.example, port: 465, security: tls, username: address, auth: [oauth2, password]}]
    password: {kind: unstated}
  elsewhere:
    name: Elsewhere
    domains: [elsewhere.example]
    imap: [{host: imap.gmail.com.elsewhere.example, port: 993, security: tls, username: address, auth: oauth2}]
    smtp: [{host: smtp.gmail.com, port: 465, security: tls, username: address, auth: oauth2}]
    password: {kind: none}
  mixed:
    name: Mixed
    domains: [mixed.example]
    imap: [{host: imap.mixed.example, port: 993, security: tls, username: address, auth: oauth2}]
    smtp: [{host: smtp.mixed.example, port: 465, security: tls, username: address}]
    password: {kind: unstated}
domains:
  shop.test`, 1)

// androidReadings are the two documents and how the app reads each.
var androidReadings = []struct {
	name  string
	write func(provider.Account, string) ([]byte, error)
	read  func([]byte) (androidimport.Account, error)
}{
	{"code", AndroidQR, androidimport.ReadCode},
	{"file", AndroidFile, androidimport.ReadFile},
}

// TestAndroidReads: for every service, every kind of login and the oddest addresses, the
// app ends up with the table's account, or there is no document.
func TestAndroidReads(t *testing.T) {
	table := providertest.Table(t, androidServices)
	locals := []string{"jane", "Jane.Appleseed+News", "o'neil&sons", "a=b", "00123", "-", "{}`|^~", "!#$*/?_", "x" + strings.Repeat("y", 63), "ja..ne", "jane.", "j.a.n.e"}
	names := []string{"", "Jane Appleseed", `Zoë "Z" <&>`, "陳大文", "👩‍💻", `\ / ' ]]>`}
	written, refused := 0, 0
	for _, p := range table.Providers() {
		for i, local := range locals {
			address := providertest.Address(t, local+"@"+p.Identifier.String())
			name := names[i%len(names)]
			accounts := []provider.Account{
				p.Account(),
				provider.HostedAt(p, address.Domain()).Account(address),
				provider.HostedAt(p, providertest.Domain(t, "xn--mnchen-3ya.test")).Account(providertest.Address(t, local+"@xn--mnchen-3ya.test")),
				p.AccountWithLogin(address, providertest.Login(t, "jane.appleseed@icloud.com")),
			}
			for _, a := range accounts {
				for _, r := range androidReadings {
					doc, err := r.write(a, name)
					want, ok := androidWant(t, a)
					if !ok {
						refused++
						if !errors.Is(err, ErrNotImportable) || doc != nil {
							t.Errorf("%s of %s for %q: %v\n%s", r.name, p.ID, local, err, doc)
						}
						continue
					}
					written++
					if err != nil {
						t.Fatalf("%s of %s for %q: %v", r.name, p.ID, local, err)
					}
					got, err := r.read(doc)
					if err != nil {
						t.Fatalf("%s of %s for %q: %v\n%s", r.name, p.ID, local, err, doc)
					}
					want.Address, want.Name, want.RealName = a.Address.String(), a.Address.String(), name
					got.UUID = ""
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s of %s for %q:\n%s", r.name, p.ID, local, diff)
					}
					// A longer code is hard to scan; Thunderbird has the same limit.
					if r.name == "code" && len(doc) > 800 {
						t.Errorf("the code of %s for %q has %d octets", p.ID, local, len(doc))
					}
				}
			}
		}
	}
	if written < 200 || refused < 100 {
		t.Errorf("%d documents were read, %d refused", written, refused)
	}
}

// androidWant is what the app should end up with, decided by the services' names and not
// by the writers' rules.
func androidWant(t *testing.T, a provider.Account) (androidimport.Account, bool) {
	auth := clients.AuthPassword
	switch a.Provider.ID {
	case "elsewhere", "mixed":
		return androidimport.Account{}, false
	case "known", "knownonly":
		auth = clients.AuthOAuth2
	}
	local := a.Address.LocalPart()
	if a.Address.IsZero() || a.Incoming.Login.Kind == provider.LoginUnknown || strings.Contains(local, "..") || strings.HasSuffix(local, ".") {
		return androidimport.Account{}, false
	}
	server := func(e provider.Endpoint) clients.ServerSettings {
		s := clients.ServerSettings{Host: e.Host.String(), Port: int(e.Port), Security: clients.TLS, Auth: auth, Login: e.Login.Name.String(), Stated: true}
		if e.Security == provider.StartTLS {
			s.Security = clients.StartTLS
		}
		if password, err := e.Auth.Password(); auth == clients.AuthPassword && err == nil && password == provider.AuthCRAMMD5 {
			s.Auth = clients.AuthEncrypted
		}
		return s
	}
	return androidimport.Account{Settings: clients.Settings{Incoming: server(a.Incoming), Outgoing: server(a.Outgoing)}}, true
}

func TestGoldenAndroid(t *testing.T) {
	table := table(t)
	for _, who := range []string{"jane@icloud.com", "jane@example.com", "o'hara&co@mail.test"} {
		for _, r := range androidReadings {
			got, err := r.write(account(t, table, who), "Jane Appleseed")
			if err != nil {
				t.Fatal(err)
			}
			_, domain, _ := strings.Cut(who, "@")
			golden(t, "android/"+domain+"."+r.name, got)
		}
	}
}

// TestAndroidUUID: the app recognises an account by its UUID, which may depend only on
// the address, and must not reveal it.
func TestAndroidUUID(t *testing.T) {
	table := table(t)
	icloud, _ := table.Provider("icloud")
	uuid := func(address string) string {
		a := icloud.AccountWithLogin(providertest.Address(t, address), providertest.Login(t, "jane.appleseed@icloud.com"))
		doc, err := AndroidFile(a, "")
		if err != nil {
			t.Fatal(err)
		}
		read, err := androidimport.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		return read.UUID
	}
	const pinned = "ea19f4c6-bf5c-5e1e-b194-f13752f86878"
	if got := uuid("Jane@Example.com"); got != pinned {
		t.Errorf("the UUID of jane@example.com was %s and is now %s: all existing accounts would be duplicated", pinned, got)
	}
	if uuid("john@example.com") == pinned {
		t.Error("two addresses have the same UUID")
	}
	other, err := AndroidFile(icloud.AccountWithLogin(providertest.Address(t, "jane@example.com"), providertest.Login(t, "other@icloud.com")), "Other Name")
	if err != nil || !bytes.Contains(other, []byte(pinned)) {
		t.Errorf("a different login gives a different account: %v", err)
	}
}
