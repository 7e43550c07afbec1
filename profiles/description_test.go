package profiles

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"howett.net/plist"

	"mailsetup/internal/language"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// People read these texts before they agree: they must name the right password and, where
// the device will ask, the right login.
func TestDescription(t *testing.T) {
	table := providertest.Table(t, testProviders)
	icloud, _ := table.Provider("icloud")
	harbour, _ := table.Provider("harbour")
	for _, tt := range []struct {
		name    string
		account provider.Account
		want    []string
		not     []string
	}{
		{"app-specific password", providertest.Account(t, table, "jane@icloud.com"),
			[]string{"jane@icloud.com", "iCloud Mail", "app-specific password", "https://account.apple.com/ under Sign-In and Security", "Two-factor authentication"},
			[]string{"user name"}},
		{"unknown login", providertest.Account(t, table, "joe@example.com"),
			[]string{"the part before the @ of your address at icloud.com, me.com or mac.com for incoming mail", "the whole of it for outgoing mail"}, nil},
		{"generic", icloud.Account(), []string{"Sets up an account at iCloud Mail", "user name"}, nil},
		{"account password", harbour.Account(),
			[]string{"enter the whole of your e-mail address.", "enter the password of your account", "https://harbour.test/password."},
			[]string{"app-specific", "Two-factor", "under"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := describe(tt.account, language.English)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not in %q", want, got)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(got, not) {
					t.Errorf("%q is in %q", not, got)
				}
			}
		})
	}
}

// TestDescriptionLanguages: in every language a profile has the same values as in English,
// and only its words change. A device would take a profile with another identifier for
// another account.
func TestDescriptionLanguages(t *testing.T) {
	table := providertest.Table(t, strings.Replace(testProviders, "providers:\n", `providers:
  quay:
    name: Quay Mail
    domains: [quay.test]
    imap: [{host: imap.quay.test, port: 993, security: tls, username: address}]
    smtp: [{host: smtp.quay.test, port: 465, security: tls, username: localpart}]
    login: {domains: [quay.test, pier.test]}
    password: {kind: unstated}
`, 1))
	jane := PersonName{name: "Jane"}
	for _, p := range table.Providers() {
		if !p.TakesPassword() {
			continue
		}
		hosted := provider.HostedAt(p, providertest.Domain(t, "hosted.example.net"))
		own := providertest.Address(t, "jane@"+p.Identifier.String())
		for _, a := range []provider.Account{
			hosted.Account(providertest.Address(t, "jane@hosted.example.net")), p.AccountWithLogin(own, provider.LoginOf(own)), p.Account(),
		} {
			english := decodeProfile(t, render(t, a, jane))
			values := valuesIn(p, a, english["PayloadDescription"].(string))
			said := map[string]language.Language{}
			for _, l := range language.All() {
				body, err := Mail(a, Person{jane, l})
				if err != nil {
					t.Fatal(err)
				}
				got := decodeProfile(t, body)
				text := got["PayloadDescription"].(string)
				for _, v := range values {
					if !strings.Contains(text, v) {
						t.Errorf("%s, %s lacks %q: %s", p.ID, l, v, text)
					}
				}
				if strings.Contains(text, "  ") || strings.ContainsAny(text, "{}\n") || strings.TrimSpace(text) != text {
					t.Errorf("%s, %s: %q", p.ID, l, text)
				}
				if other, twice := said[text]; twice && !a.Address.IsZero() {
					t.Errorf("%s: %s says the same as %s: %s", p.ID, l, other, text)
				}
				said[text] = l
				if got["PayloadDescription"] = english["PayloadDescription"]; !cmp.Equal(got, english) {
					t.Errorf("%s, %s (-English +got):\n%s", p.ID, l, cmp.Diff(english, got))
				}
			}
			if generic := a.Address.IsZero(); generic != (len(said) == 1) {
				t.Errorf("%s has %d descriptions of %q", p.ID, len(said), a.Address)
			}
		}
	}
}

// valuesIn returns the values that an English description contains.
func valuesIn(p *provider.Provider, a provider.Account, text string) (values []string) {
	facts := []string{a.Address.String(), p.Name, p.Password.Section, p.Password.Link.String()}
	for _, d := range p.LoginDomains {
		facts = append(facts, d.String())
	}
	for _, fact := range facts {
		if strings.Contains(text, fact) {
			values = append(values, fact)
		}
	}
	return values
}

func decodeProfile(t testing.TB, body []byte) (profile map[string]any) {
	t.Helper()
	if _, err := plist.Unmarshal(body, &profile); err != nil {
		t.Fatal(err)
	}
	return profile
}
