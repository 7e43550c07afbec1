package profiles

import (
	"strings"
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// People read these before they agree: the texts must name the right password
// and, where the device will ask, the right login.
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
			got, err := describe(tt.account)
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

func TestEither(t *testing.T) {
	var domains []provider.Domain
	for _, want := range []string{"a.test", "a.test or b.test", "a.test, b.test or c.test"} {
		domains = append(domains, providertest.Domain(t, string(rune('a'+len(domains)))+".test"))
		if got := either(domains); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
