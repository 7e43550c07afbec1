package profiles

import (
	"slices"
	"strings"
	"testing"

	"howett.net/plist"

	"mailsetup/internal/clients/appleprofile"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// The test vector in RFC 9562, appendix A.4.
func TestUUIDv5(t *testing.T) {
	dns := [16]byte{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}
	if got, want := uuidV5(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

type ids struct{ profile, profileUUID, mail, mailUUID string }

func idsOf(t testing.TB, a provider.Account) ids {
	t.Helper()
	type named struct{ PayloadIdentifier, PayloadUUID string }
	var profile struct {
		named
		PayloadContent []named
	}
	body := render(t, a, PersonName{})
	if _, err := plist.Unmarshal(body, &profile); err != nil {
		t.Fatal(err)
	}
	if _, err := plist.Unmarshal(body, &profile.named); err != nil {
		t.Fatal(err)
	}
	mail := profile.PayloadContent[0]
	return ids{profile.PayloadIdentifier, profile.PayloadUUID, mail.PayloadIdentifier, mail.PayloadUUID}
}

// These four strings are on people's devices. They are not in golden files,
// because -update must not be able to change them: with different ones, a new
// profile would be installed next to the old one or delete its account.
func TestIdentityIsPinned(t *testing.T) {
	table := providertest.Table(t, "")
	jane := providertest.Account(t, table, "jane@icloud.com")
	for _, tt := range []struct {
		account provider.Account
		want    ids
	}{
		{jane, ids{
			"mailsetup.icloud.1ab67182aa8e12e230acf1d89d1384c3", "af9ee61a-427f-5bbb-bb9f-0ba79e8bda61",
			"mailsetup.icloud.1ab67182aa8e12e230acf1d89d1384c3.mail", "d42583cb-3949-5f7b-87b8-858c028153f5",
		}},
		{jane.Provider.Account(), ids{
			"mailsetup.icloud.generic", "9071d72a-d197-51b5-9480-d2c8cdb16755",
			"mailsetup.icloud.generic.mail", "4fcd4193-1a49-5d2d-bb5d-a1bd40c9c562",
		}},
	} {
		if got := idsOf(t, tt.account); got != tt.want {
			t.Errorf("identity\n got %q\nwant %q", got, tt.want)
		}
	}
}

// A renewed profile must find the account that it renews even if the service
// has moved, the domain has been given a login, or the person typed capitals.
func TestIdentityOutlastsChanges(t *testing.T) {
	table := providertest.Table(t, "")
	p, _ := table.Provider("icloud")
	jane := providertest.Address(t, "jane@example.com")
	want := idsOf(t, provider.HostedAt(p, jane.Domain()).Account(jane))

	moved := *p
	moved.Name, moved.ShortName = "Other Mail", "Other"
	moved.Domains = []provider.Domain{providertest.Domain(t, "harbour.test")}
	moved.IMAP = slices.Clone(p.IMAP)
	moved.IMAP[0].Host, moved.IMAP[0].Port = providertest.Domain(t, "imap.harbour.test"), 143
	for name, a := range map[string]provider.Account{
		"other servers and name": provider.HostedAt(&moved, jane.Domain()).Account(jane),
		"login given":            p.AccountWithLogin(jane, providertest.Login(t, "jane.appleseed@icloud.com")),
		"capitals":               provider.HostedAt(p, jane.Domain()).Account(providertest.Address(t, "JANE@Example.COM")),
	} {
		if got := idsOf(t, a); got != want {
			t.Errorf("%s: identity\n got %q\nwant %q", name, got, want)
		}
	}

	other := *p
	other.ID = "other"
	if got := idsOf(t, provider.HostedAt(&other, jane.Domain()).Account(jane)); got == want {
		t.Error("another provider has the same identity")
	}
}

// Every local part of up to four of these characters, at two domains: two
// accounts must never share an identity, or installing one would remove the
// other (a_b@ and a.b@ collide in other servers). Two spellings of one account
// must always share it.
func TestIdentityPerAccount(t *testing.T) {
	const alphabet = "aA._+-"
	table := providertest.Table(t, "")
	owner := map[string]provider.Address{}    // any identifier or UUID -> account
	identity := map[provider.Address]string{} // account -> identifier
	var locals func(prefix string)
	try := func(address string) {
		a, err := provider.ParseAddress(address)
		if err != nil {
			return // a..a and the like
		}
		m, _ := table.ByDomain(a.Domain())
		got := idsOf(t, m.Account(a))
		for _, id := range []string{got.profile, got.profileUUID, got.mail, got.mailUUID} {
			if other, taken := owner[id]; taken && other != a.Folded() {
				t.Fatalf("%s and %s share %s", a, other, id)
			}
			owner[id] = a.Folded()
		}
		if have, ok := identity[a.Folded()]; ok && have != got.profile {
			t.Fatalf("%s has the identities %s and %s", a, have, got.profile)
		}
		identity[a.Folded()] = got.profile
	}
	locals = func(prefix string) {
		for _, c := range alphabet {
			local := prefix + string(c)
			try(local + "@icloud.com")
			try(local + "@me.com")
			if len(local) < 4 {
				locals(local)
			}
		}
	}
	locals("")
	if len(identity) < 900 {
		t.Errorf("only %d accounts were tried", len(identity))
	}
}

// Identifiers appear in device inventories, which others than the owner of the
// mailbox can read.
func TestIdentityHidesAddress(t *testing.T) {
	a := providertest.Account(t, providertest.Table(t, ""), "somebody@icloud.com")
	got := idsOf(t, a)
	for _, id := range []string{got.profile, got.mail} {
		if strings.Contains(id, "somebody") {
			t.Errorf("the address can be read in %s", id)
		}
		if err := appleprofile.Check(render(t, a, PersonName{})); err != nil {
			t.Error(err) // the form of identifiers among others
		}
	}
	if got.mail != got.profile+".mail" {
		t.Errorf("inner identifier %s, outer %s", got.mail, got.profile)
	}
}
