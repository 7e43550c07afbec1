package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// TestBuiltinTable pins the facts about iCloud Mail that people's accounts
// depend on (https://support.apple.com/102525).
func TestBuiltinTable(t *testing.T) {
	table := providertest.Table(t, "")
	p, ok := table.Provider("icloud")
	if !ok {
		t.Fatal("iCloud is not in the table")
	}
	in, out := p.Incoming(), p.Outgoing()
	if got := fmt.Sprint(in.Host, in.Port, in.Security, in.Username, in.Auth.All()); got != "imap.mail.me.com 993 tls localpart [password]" {
		t.Errorf("IMAP is %s", got)
	}
	if got := fmt.Sprint(out.Host, out.Port, out.Security, out.Username, out.Auth.All()); got != "smtp.mail.me.com 587 starttls address [password]" {
		t.Errorf("SMTP is %s", got)
	}
	if len(p.IMAP) != 1 || len(p.SMTP) != 2 || p.SMTP[1].Port != 465 {
		t.Errorf("the alternatives are %+v and %+v", p.IMAP[1:], p.SMTP[1:])
	}
	if got := fmt.Sprint(p.Domains); got != "[icloud.com me.com mac.com]" || fmt.Sprint(p.LoginDomains) != got {
		t.Errorf("domains %v, logins at %v", p.Domains, p.LoginDomains)
	}
	if p.Password.Kind != provider.PasswordAppSpecific || p.Password.Limit != 25 || !p.Password.TwoFactor || !p.Password.RevokedWithAccount {
		t.Errorf("the password is %+v", p.Password)
	}
	if table.HostedCount() != 0 || table.Operator() != (provider.Operator{}) {
		t.Error("the built-in table names an operator or somebody's domain")
	}
}

// TestByDomain: a domain that is not literally in the table gets no settings.
func TestByDomain(t *testing.T) {
	table := providertest.Table(t, hosted)
	for domain, want := range map[string]string{
		"icloud.com": "icloud own", "ME.COM.": "icloud own", "mac.com": "icloud own",
		"example.com": "icloud hosted", "Example.COM": "icloud hosted",
		"selfhost.test": "selfhost own", "self.test": "selfhost hosted",
		// near misses
		"www.icloud.com": "", "mail.icloud.com": "", "icloud.com.example": "", "xicloud.com": "", "icloud.co": "",
		"іcloud.com": "", "iclοud.com": "", "ícloud.com": "", "ıcloud.com": "", "mail.example.com": "",
	} {
		got := ""
		if m, ok := table.ByDomain(providertest.Domain(t, domain)); ok {
			got = m.Provider().ID + " " + m.Class().String()
			if m.Domain() != providertest.Domain(t, domain) {
				t.Errorf("%s became %s", domain, m.Domain())
			}
		}
		if got != want {
			t.Errorf("%s is %q, want %q", domain, got, want)
		}
	}
	if _, ok := table.ByDomain(provider.Domain{}); ok {
		t.Error("the zero domain is served")
	}
	// A service's own domain with logins is not one of the operator's domains.
	var names []string
	for d := range table.Hosted() {
		names = append(names, d.String())
	}
	if got := strings.Join(names, " "); got != "example.com example.org example.net self.test" || table.HostedCount() != 4 {
		t.Errorf("the operator's domains are %s", got)
	}
	if n := table.DomainsWithLogins(); n != 3 {
		t.Errorf("logins are stated for %d domains", n)
	}
	for domain, want := range map[string]bool{"example.com": false, "example.org": true, "example.net": true, "icloud.com": true, "me.com": false} {
		if m, _ := table.ByDomain(providertest.Domain(t, domain)); m.HasStatedLogins() != want {
			t.Errorf("%s maps logins: %v", domain, m.HasStatedLogins())
		}
	}
}

// TestByMX: a mail exchanger belongs to a service by whole labels, or strangers
// could pose as iCloud's hosts.
func TestByMX(t *testing.T) {
	table := providertest.Table(t, `
providers:
  gateway:
    name: Gateway
    domains: [gateway.test]
    mx: [icloud.com, gateway.test]
    imap: [{host: imap.gateway.test, port: 993, security: tls, username: address}]
    smtp: [{host: smtp.gateway.test, port: 465, security: tls, username: address}]
    password: {kind: account}
`)
	for host, want := range map[string]string{
		"mx01.mail.icloud.com": "icloud", "MX02.mail.icloud.com.": "icloud", "mail.icloud.com": "icloud",
		"mx.icloud.com": "gateway", "notmail.icloud.com": "gateway", // the longest suffix wins
		"mx.gateway.test":         "gateway",
		"mail.icloud.com.example": "", "xgateway.test": "", "example.com": "",
	} {
		got := ""
		if p, ok := table.ByMX(providertest.Domain(t, host)); ok {
			got = p.ID
		}
		if got != want {
			t.Errorf("%s belongs to %q, want %q", host, got, want)
		}
	}
	if _, ok := table.ByMX(provider.Domain{}); ok {
		t.Error("the zero domain belongs to a service")
	}
}

// BenchmarkByMX shows that a look-up costs the same with many suffixes.
func BenchmarkByMX(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			suffixes := make([]string, n)
			for i := range suffixes {
				suffixes[i] = fmt.Sprintf("mx%d.gateway.test", i)
			}
			table := providertest.Table(b, fmt.Sprintf(`
providers:
  gateway:
    name: Gateway
    domains: [gateway.test]
    mx: [%s]
    imap: [{host: imap.gateway.test, port: 993, security: tls, username: address}]
    smtp: [{host: smtp.gateway.test, port: 465, security: tls, username: address}]
    password: {kind: account}
`, strings.Join(suffixes, ", ")))
			found := providertest.Domain(b, "in.eu."+suffixes[n-1])
			missing := providertest.Domain(b, "in.eu.mx.example.com")
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := table.ByMX(found); !ok {
					b.Fatal("not found")
				}
				if _, ok := table.ByMX(missing); ok {
					b.Fatal("found")
				}
			}
		})
	}
}

// TestTableIsImmutable: nobody who holds a table can change what others see.
func TestTableIsImmutable(t *testing.T) {
	table := providertest.Table(t, "")
	list := table.Providers()
	list[0] = nil
	if slices.Contains(table.Providers(), nil) {
		t.Error("Providers exposes its own slice")
	}
	if _, ok := table.Provider("nobody"); ok {
		t.Error("an unknown id has a provider")
	}
}
