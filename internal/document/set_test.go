package document_test

import (
	"errors"
	"strings"
	"testing"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
	"mailsetup/templates"
)

// An account of another table has no documents here: its servers may be different.
func TestSetKnowsItsOwnTable(t *testing.T) {
	table := providertest.Table(t, "domains: {example.com: icloud}")
	set, err := document.NewSet(table, document.PublicURL{})
	if err != nil {
		t.Fatal(err)
	}
	other, _ := providertest.Table(t, "").Provider("icloud")
	for _, f := range document.Formats {
		for _, p := range table.Providers() {
			a := provider.HostedAt(p, providertest.Domain(t, "example.com")).Account(provider.Address{})
			if f.Personal() {
				if body, err := set.Append(nil, f, a); !errors.Is(err, templates.ErrNotImportable) || len(body) > 0 {
					t.Errorf("%s for nobody: %q, %v", f, body, err)
				}
				a = p.AccountWithLogin(providertest.Address(t, "jane@example.com"), providertest.Login(t, "jane.appleseed@icloud.com"))
			}
			if body, err := set.Append([]byte("before"), f, a); err != nil || !strings.HasPrefix(string(body), "before") || len(body) < 50 {
				t.Errorf("%s: %q, %v", f, body, err)
			}
		}
		if body, err := set.Append(nil, f, other.Account()); err == nil {
			t.Errorf("%s of another table: %q", f, body)
		}
	}
}

// TestPointer: with a public URL all clients are led there, otherwise to the domain's
// own name.
func TestPointer(t *testing.T) {
	public, err := document.ParsePublicURL("https://setup.example.net:8443")
	if err != nil {
		t.Fatal(err)
	}
	table := providertest.Table(t, "domains: {example.com: icloud}")
	m, _ := table.ByDomain(providertest.Domain(t, "example.com"))
	for base, url := range map[string]document.PublicURL{
		"https://setup.example.net:8443":   public,
		"https://autodiscover.example.com": {},
	} {
		set, err := document.NewSet(table, url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := set.Append(nil, document.JSON, m.Account(provider.Address{}))
		if want := `"Url":"` + base + document.AutodiscoverPath + `"`; err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%q, %v; want %s", body, err, want)
		}
	}
}
