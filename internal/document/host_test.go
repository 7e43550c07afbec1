package document_test

import (
	"testing"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// One label is removed, not two: otherwise autoconfig.autodiscover.D, which no
// client asks, would need a certificate as well.
func TestMailDomain(t *testing.T) {
	for host, want := range map[string]string{
		"autoconfig.icloud.com":              "icloud.com",
		"autodiscover.icloud.com":            "icloud.com",
		"ua-auto-config.icloud.com":          "icloud.com",
		"AutoDiscover.iCloud.com":            "icloud.com",
		"icloud.com":                         "icloud.com",
		"www.icloud.com":                     "www.icloud.com",
		"autoconfig.autodiscover.icloud.com": "autodiscover.icloud.com",
		"autoconfigicloud.com":               "autoconfigicloud.com",
		"autoconfig.com":                     "autoconfig.com",
	} {
		if got := document.MailDomain(providertest.Domain(t, host)).String(); got != want {
			t.Errorf("MailDomain(%q) = %q, want %q", host, got, want)
		}
	}
	if d := document.MailDomain(provider.Domain{}); !d.IsZero() {
		t.Errorf("MailDomain of nothing is %q", d)
	}
}
