package provider_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// TestDNSRecords: an owner who copies a wrong record from the check list stops
// receiving mail.
func TestDNSRecords(t *testing.T) {
	table := providertest.Table(t, `
providers:
  example:
    name: Example Mail
    domains: [example.com]
    mx: [mx.example.com]
    dns:
      mx:
        - {preference: 0, host: MX.example.com.}
      dkim:
        - {selector: S1, target: "{domain}.dkim.example.com."}
    imap:
      - {host: imap.example.com, port: 993, security: tls, username: address}
    smtp:
      - {host: smtp.example.com, port: 465, security: tls, username: address}
    password: {kind: account}
`)
	mx := func(preference uint16, host string) provider.MailExchanger {
		return provider.MailExchanger{Preference: preference, Host: providertest.Domain(t, host)}
	}
	for id, want := range map[string]provider.DNS{
		"icloud": {
			MX:   []provider.MailExchanger{mx(10, "mx01.mail.icloud.com"), mx(10, "mx02.mail.icloud.com")},
			SPF:  "v=spf1 include:icloud.com ~all",
			DKIM: []provider.DKIM{{Selector: "sig1", Target: "sig1.dkim.{domain}.at.icloudmailadmin.com"}},
		},
		"example": {
			MX:   []provider.MailExchanger{mx(0, "mx.example.com")},
			DKIM: []provider.DKIM{{Selector: "s1", Target: "{domain}.dkim.example.com"}},
		},
	} {
		p, _ := table.Provider(id)
		if diff := cmp.Diff(want, p.DNS, cmp.Comparer(func(a, b provider.Domain) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

func TestDKIMTargetOf(t *testing.T) {
	k := provider.DKIM{Selector: "sig1", Target: "sig1.dkim.{domain}.at.icloudmailadmin.com"}
	long := strings.Repeat("a.", 110) + "example.org"
	for domain, want := range map[string]string{
		"example.org":    "sig1.dkim.example.org.at.icloudmailadmin.com",
		"bücher.example": "sig1.dkim.xn--bcher-kva.example.at.icloudmailadmin.com",
		long:             "", // over 253 octets: no record rather than a broken one
	} {
		if got := k.TargetOf(providertest.Domain(t, domain)).String(); got != want {
			t.Errorf("target for %s is %q, want %q", domain, got, want)
		}
	}
}
