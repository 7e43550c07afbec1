package provider_test

import (
	"errors"
	"strings"
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

func TestParseAccountName(t *testing.T) {
	for name, good := range map[string]bool{
		"m050a11d": true, "jane.doe": true, "DOMAIN+jane": true, "a": true, "00123": true, "j@x": true, strings.Repeat("a", 64): true,
		"": false, strings.Repeat("a", 65): false, "jane doe": false, "jöan": false, "a\x00": false, "a\n": false, "a\x7f": false,
		"%u": false, "a<b": false, "a>b": false, "a&b": false, `a"b`: false, "a'b": false, `DOMAIN\jane`: false, "a`b": false,
	} {
		n, err := provider.ParseAccountName(name)
		switch {
		case good && (err != nil || n.String() != name):
			t.Errorf("%q: %v", name, err)
		case !good && (!errors.Is(err, provider.ErrAccountName) || n != (provider.AccountName{})):
			t.Errorf("%q was accepted", name)
		case err != nil && len(name) > 3 && strings.Contains(err.Error(), name):
			t.Errorf("the error quotes the name: %v", err)
		}
	}
}

const anyTable = `
providers:
  hoster:
    name: Hoster
    domains: [hoster.test]
    password: {kind: account}
    imap: [{host: imap.hoster.test, port: 993, security: tls, username: localpart}]
    smtp: [{host: smtp.hoster.test, port: 465, security: tls, username: address}]
    login: {domains: [hoster.test], any: true}
domains:
  d.test:
    provider: hoster
    logins:
      camille.doe@d.test: m050a11d
      joan@d.test: joan@hoster.test
      june@d.test: june@elsewhere.test
  all.test: {provider: hoster, login: shared-box}
`

// TestAnyLogin: an account name is used as it is, an address according to each server's
// rule, and no login is guessed for anybody else.
func TestAnyLogin(t *testing.T) {
	table := providertest.Table(t, anyTable)
	for address, want := range map[string][2]string{
		"camille.doe@d.test": {"m050a11d", "m050a11d"},
		"Joan@d.test":        {"joan", "joan@hoster.test"},
		"june@d.test":        {"june", "june@elsewhere.test"},
		"other@d.test":       {"", ""},
		"any@all.test":       {"shared-box", "shared-box"},
		"jane@hoster.test":   {"jane", "jane@hoster.test"},
	} {
		a := providertest.Account(t, table, address)
		if in, out := a.Incoming.Login.Name.String(), a.Outgoing.Login.Name.String(); in != want[0] || out != want[1] {
			t.Errorf("%s logs in as %q and %q, want %q", address, in, out, want)
		}
	}
}

func TestParseLogin(t *testing.T) {
	hoster, _ := providertest.Table(t, anyTable).Provider("hoster")
	icloud, _ := providertest.Table(t, "").Provider("icloud")
	for _, c := range []struct {
		p     *provider.Provider
		login string
		want  error // nil: accepted
	}{
		{hoster, "m050a11d", nil}, {hoster, "jane@elsewhere.test", nil}, {hoster, "00123", nil}, {hoster, "true", nil},
		{hoster, "", provider.ErrAccountName}, {hoster, "a b", provider.ErrAccountName},
		{icloud, "jane@icloud.com", nil}, {icloud, "jane@gmail.test", provider.ErrLoginElsewhere},
		{icloud, "jane", provider.ErrAddress}, {icloud, "jane doe@icloud.com", provider.ErrAddress},
	} {
		l, err := c.p.ParseLogin(c.login)
		if !errors.Is(err, c.want) || (err == nil) != (l.String() == c.login && c.login != "") || (err == nil) != !l.IsZero() {
			t.Errorf("%s at %s: %q, %v", c.login, c.p.ID, l, err)
		}
	}
}

func TestStatedLoginIs(t *testing.T) {
	jane := providertest.Address(t, "Jane@icloud.com")
	for login, want := range map[string]bool{"jane@icloud.com": true, "jane@me.com": false, "jane": false} {
		if got := providertest.Login(t, login).Is(jane); got != want {
			t.Errorf("%s is %s: %v", login, jane, got)
		}
	}
}

// FuzzParseLogin: an accepted login comes back as it was written, and contains nothing
// that a client would replace or run.
func FuzzParseLogin(f *testing.F) {
	for _, s := range []string{"m050a11d", "jane@icloud.com", "%u", "a b", `DOMAIN\jane`, "true", "\u202ejane", "jöan"} {
		f.Add(s)
	}
	hoster, _ := providertest.Table(f, anyTable).Provider("hoster")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := hoster.ParseLogin(s)
		if (err == nil) == l.IsZero() {
			t.Fatalf("%q is %q, %v", s, l, err)
		}
		if err != nil {
			return
		}
		if again, err := provider.ParseStatedLogin(l.String()); err != nil || again != l {
			t.Errorf("%q became %q, then %q, %v", s, l, again, err)
		}
		if strings.ContainsAny(l.String(), "%<>\"\\ \n\x00") {
			t.Errorf("%q was accepted", s)
		}
	})
}
