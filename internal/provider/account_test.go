package provider_test

import (
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

const hosted = `
domains:
  example.com: icloud
  example.org:
    provider: icloud
    logins:
      jane@example.org: jane.appleseed@icloud.com
      Joan@example.org: joan@me.com
  example.net:
    provider: icloud
    login: family@mac.com
    logins: {june@example.net: june@icloud.com}
  icloud.com:
    provider: icloud
    logins: {alias@icloud.com: jane.appleseed@icloud.com}
  self.test: selfhost
providers:
  selfhost:
    name: Selfhost
    domains: [selfhost.test]
    imap:
      - {host: mail.selfhost.test, port: 993, security: tls, username: address}
    smtp:
      - {host: mail.selfhost.test, port: 465, security: tls, username: address}
    password: {kind: account}
`

// TestAccountLogins: the login decides whether an account works, and a guessed
// one may belong to somebody else.
func TestAccountLogins(t *testing.T) {
	table := providertest.Table(t, hosted)
	for _, tt := range []struct {
		address    string
		class      provider.Class
		kind       provider.LoginKind
		imap, smtp string
	}{
		// iCloud: the name for IMAP, the address for SMTP.
		{"jane@icloud.com", provider.ClassOwn, provider.LoginFromAddress, "jane", "jane@icloud.com"},
		{"Jane.Doe@ME.com", provider.ClassOwn, provider.LoginFromAddress, "Jane.Doe", "Jane.Doe@me.com"},
		// A customer's domain: the login is unknown unless the table states it.
		{"jane@example.com", provider.ClassHosted, provider.LoginUnknown, "", ""},
		{"jane@example.org", provider.ClassHosted, provider.LoginStated, "jane.appleseed", "jane.appleseed@icloud.com"},
		{"JANE@Example.ORG", provider.ClassHosted, provider.LoginStated, "jane.appleseed", "jane.appleseed@icloud.com"},
		{"joan@example.org", provider.ClassHosted, provider.LoginStated, "joan", "joan@me.com"},
		{"june@example.org", provider.ClassHosted, provider.LoginUnknown, "", ""},
		{"jane+tag@example.org", provider.ClassHosted, provider.LoginUnknown, "", ""},
		// One login for a whole domain, with an exception.
		{"anybody@example.net", provider.ClassHosted, provider.LoginStated, "family", "family@mac.com"},
		{"June@example.net", provider.ClassHosted, provider.LoginStated, "june", "june@icloud.com"},
		// An alias at one of iCloud's own domains.
		{"alias@icloud.com", provider.ClassOwn, provider.LoginStated, "jane.appleseed", "jane.appleseed@icloud.com"},
		// A service where every address is its own login.
		{"jane@selfhost.test", provider.ClassOwn, provider.LoginFromAddress, "jane@selfhost.test", "jane@selfhost.test"},
		{"jane@self.test", provider.ClassHosted, provider.LoginFromAddress, "jane@self.test", "jane@self.test"},
	} {
		a := providertest.Account(t, table, tt.address)
		if a.Class != tt.class || a.Incoming.Login.Kind != tt.kind || a.Outgoing.Login.Kind != tt.kind {
			t.Errorf("%s: %v, logins of kind %d and %d, want %v and %d", tt.address, a.Class, a.Incoming.Login.Kind, a.Outgoing.Login.Kind, tt.class, tt.kind)
		}
		if in, out := a.Incoming.Login.Name, a.Outgoing.Login.Name; in.String() != tt.imap || out.String() != tt.smtp {
			t.Errorf("%s logs in as %q and %q, want %q and %q", tt.address, in, out, tt.imap, tt.smtp)
		}
		if a.Private() != (tt.kind == provider.LoginStated) {
			t.Errorf("%s: Private is %v; a cache would give one person's login to another", tt.address, a.Private())
		}
		if want := tt.imap != "" && tt.imap == tt.smtp; a.LoginsEqual() != want {
			t.Errorf("%s: LoginsEqual is %v", tt.address, !want)
		}
		if a.Address.Folded() != providertest.Address(t, tt.address).Folded() || a.Domain != a.Address.Domain() {
			t.Errorf("%s became an account of %s at %s", tt.address, a.Address, a.Domain)
		}
	}
}

// TestAccountOfNobody: without an address, the login is empty but its rule is
// kept.
func TestAccountOfNobody(t *testing.T) {
	table := providertest.Table(t, hosted)
	for domain, want := range map[string]provider.LoginKind{
		"icloud.com":  provider.LoginFromAddress,
		"example.com": provider.LoginUnknown,
		"example.org": provider.LoginUnknown, // has stated logins, but no address was given
		"self.test":   provider.LoginFromAddress,
	} {
		m, ok := table.ByDomain(providertest.Domain(t, domain))
		if !ok {
			t.Fatalf("%s is not served", domain)
		}
		a := m.Account(provider.Address{})
		if got := a.Incoming.Login; got.Kind != want || !got.Name.IsZero() {
			t.Errorf("%s: IMAP login %+v, want kind %d and no name", domain, got, want)
		}
		if got := a.Outgoing.Login; got.Kind != want || !got.Name.IsZero() {
			t.Errorf("%s: SMTP login %+v, want kind %d and no name", domain, got, want)
		}
	}
	p, _ := table.Provider("icloud")
	if a := p.Account(); a.Incoming.Login.Kind != provider.LoginFromAddress || !a.Domain.IsZero() || !a.Address.IsZero() || !a.Outgoing.Login.Name.IsZero() {
		t.Errorf("the account of nobody in particular is %+v", a)
	}
}

// TestAccountWithLogin: the setup page asks the owner of a custom domain for
// their Apple address, and the profile contains it.
func TestAccountWithLogin(t *testing.T) {
	p, _ := providertest.Table(t, "").Provider("icloud")
	custom, login := providertest.Address(t, "jane@example.com"), providertest.Address(t, "jane.appleseed@me.com")
	a := p.AccountWithLogin(custom, provider.LoginOf(login))
	if a.Address != custom || a.Class != provider.ClassHosted || a.Incoming.Login.Name.String() != "jane.appleseed" || a.Outgoing.Login.Name.String() != "jane.appleseed@me.com" || !a.Private() {
		t.Errorf("got %+v", a)
	}
	if a := p.AccountWithLogin(login, provider.LoginOf(login)); a.Class != provider.ClassOwn {
		t.Errorf("an Apple address is %v", a.Class)
	}
	if !p.IsLogin(login.Domain()) || p.IsLogin(custom.Domain()) {
		t.Error("the wrong address counts as a login")
	}
}

// TestHostedAt: the login is also unknown for a domain that is recognised by
// its MX alone.
func TestHostedAt(t *testing.T) {
	p, _ := providertest.Table(t, "").Provider("icloud")
	m := provider.HostedAt(p, providertest.Domain(t, "example.com"))
	a := m.Account(providertest.Address(t, "jane@example.com"))
	if a.Class != provider.ClassHosted || a.Incoming.Login.Kind != provider.LoginUnknown || m.HasStatedLogins() {
		t.Errorf("got %+v", a)
	}
}
