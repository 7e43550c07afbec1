package provider_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// service is an entry of a table with servers at a name.
func service(id, host, rest string) string {
	return "  " + id + ":\n    name: The " + id + "\n" +
		"    imap: [{host: imap." + host + ", port: 993, security: tls, username: address}]\n" +
		"    smtp: [{host: smtp." + host + ", port: 465, security: tls, username: address}]\n" +
		"    password: {kind: unstated}\n" + rest
}

const importedHead = "imported: {source: ispdb, commit: c6ad796}\nproviders:\n"

// strangers is an imported table: it is wrong about iCloud, and has three more services.
var strangers = importedHead +
	service("me-com", "wrong.test", "    domains: [me.com, icloud.com, mac.com]\n    mx: [icloud.com, mail.icloud.com]\n") +
	service("first", "first.test", "    domains: [first.test, second.test]\n    mx: [first.test, mx.second.test]\n") +
	service("one", "one.test", "    domains: [one.test]\n    mx: [one.test]\n    help: {webmail: \"https://www.one.test/\"}\n") +
	service("icloud", "wrong.test", "    domains: [wrong.test]\n")

func loadTables(t *testing.T, texts ...string) *provider.Table {
	t.Helper()
	cfg := provider.LoadConfig{Builtin: providertest.BuiltinSource(t)}
	for i, text := range texts {
		cfg.Tables = append(cfg.Tables, provider.Source{Name: string(rune('a'+i)) + ".yaml", Data: []byte(text)})
	}
	table, err := provider.Load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// at returns the provider that has a domain.
func at(t *testing.T, table *provider.Table, domain string) string {
	t.Helper()
	m, ok := table.ByDomain(providertest.Domain(t, domain))
	if !ok {
		return ""
	}
	return m.Provider().ID
}

func TestBuiltinYieldsToNoStranger(t *testing.T) {
	table := loadTables(t, strangers)
	icloud, _ := table.Provider("icloud")
	if got := icloud.Incoming().Host.String(); got != "imap.mail.me.com" || len(icloud.Domains) != 3 || len(icloud.Layers) != 1 {
		t.Errorf("iCloud reads mail at %s and has %v in %v", got, icloud.Domains, icloud.Layers)
	}
	for domain, want := range map[string]string{
		"me.com": "icloud", "icloud.com": "icloud", "first.test": "first", "one.test": "one", "wrong.test": "",
	} {
		if got := at(t, table, domain); got != want {
			t.Errorf("%s is at %q, want %q", domain, got, want)
		}
	}
	if _, ok := table.Provider("me-com"); ok {
		t.Error("an empty entry is served")
	}
	if p, ok := table.ByMX(providertest.Domain(t, "mx01.mail.icloud.com")); !ok || p != icloud {
		t.Errorf("iCloud's exchangers belong to %v", p)
	}
	if p, ok := table.ByMX(providertest.Domain(t, "mx.icloud.com")); ok {
		t.Errorf("an exchanger of an entry that is not served belongs to %s", p.ID)
	}
	if first := table.Providers()[0].ID; first != "icloud" {
		t.Errorf("%s comes first", first)
	}
	want := `a.yaml:25:3: providers.icloud: icloud is a built-in provider; this entry is not used
providers.yaml:15:15: providers.icloud.domains[0]: icloud.com and 2 more domains are at provider icloud here, and no longer at me-com (imported); nothing is left of me-com, so it is not served`
	if diff := cmp.Diff(want, dropLines(table.Notes())); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// dropLines replaces the position in the built-in table, which moves with its comments.
func dropLines(all provider.Errors) string {
	for i := range all {
		if all[i].File == "providers.yaml" {
			all[i].Line, all[i].Column = 15, 15
		}
	}
	return all.Error()
}

// TestOwnHasTheLastWord: an operator's table takes domains from a database and changes
// its entries field by field.
func TestOwnHasTheLastWord(t *testing.T) {
	own := "providers:\n  one: {password: {kind: app-specific}}\ndomains: {first.test: icloud, shop.test: one}\n"
	for name, texts := range map[string][]string{"imported first": {strangers, own}, "own first": {own, strangers}} {
		table := loadTables(t, texts...)
		for domain, want := range map[string]string{"first.test": "icloud", "second.test": "first", "shop.test": "one"} {
			if got := at(t, table, domain); got != want {
				t.Errorf("%s: %s is at %q, want %q", name, domain, got, want)
			}
		}
		first, _ := table.Provider("first")
		if first.Identifier.String() != "second.test" || len(first.Domains) != 1 || len(first.MX) != 2 {
			t.Errorf("%s: what is left of the first: %s, %v, %v", name, first.Identifier, first.Domains, first.MX)
		}
		one, _ := table.Provider("one")
		if one.Password.Kind != provider.PasswordAppSpecific || one.Help.Webmail.IsZero() || one.Incoming().Host.String() != "imap.one.test" {
			t.Errorf("%s: the merged entry is %+v", name, one)
		}
		if diff := cmp.Diff([]provider.Layer{provider.LayerImported, provider.LayerOwn}, one.Layers); diff != "" {
			t.Errorf("%s: layers: %s", name, diff)
		}
		if notes := table.Notes().Error(); !strings.Contains(notes, "first.test is at provider icloud here, and no longer at first (imported)\n") &&
			!strings.HasSuffix(notes, "first.test is at provider icloud here, and no longer at first (imported)") {
			t.Errorf("%s: notes:\n%s", name, notes)
		}
	}
}

// TestEverythingTaken: a service whose only domain the operator's table took still has
// its exchangers.
func TestEverythingTaken(t *testing.T) {
	table := loadTables(t, strangers, "domains: {one.test: icloud}\n")
	p, ok := table.ByMX(providertest.Domain(t, "mx.one.test"))
	if !ok || p.ID != "one" || len(p.Domains) != 0 || p.Identifier.String() != "one.test" {
		t.Errorf("exchangers of one.test: %+v", p)
	}
}

// TestOwnLayers: a later table of the operator's goes on top of an earlier one, and each
// keeps its lists.
func TestOwnLayers(t *testing.T) {
	lists := map[string]string{"x.list": "listed.test icloud\n", "y.list": "other.test icloud\none.test icloud\n"}
	cfg := provider.LoadConfig{
		Builtin: providertest.BuiltinSource(t),
		Tables: []provider.Source{
			{Name: "a.yaml", Data: []byte("domains: {example.com: icloud, example.org: icloud}\ndomains_file: x.list\n")},
			{Name: "b.yaml", Data: []byte("providers:\n" + service("mine", "mine.test", "    domains: [mine.test]\n") + "domains:\n  example.com: mine\ndomains_file: y.list\n")},
			{Name: "c.yaml", Data: []byte(strangers)},
		},
		ReadFile: func(path string, _ int64) ([]byte, error) { return []byte(lists[path]), nil },
	}
	table, err := provider.Load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for domain, want := range map[string]string{
		"example.com": "mine", "example.org": "icloud", "listed.test": "icloud", "other.test": "icloud", "one.test": "icloud",
	} {
		if got := at(t, table, domain); got != want {
			t.Errorf("%s is at %q, want %q", domain, got, want)
		}
	}
	notes := table.Notes().Error()
	for _, want := range []string{
		`"example.com" is in a.yaml, too; this one counts`,
		"y.list:2:1: one.test is at provider icloud here, and no longer at one (imported)",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in the notes:\n%s", want, notes)
		}
	}
	again := table.YAML()
	for _, want := range []string{"x.list", "y.list", "# layer: imported", "# layer: built-in", "# layer: own"} {
		if !strings.Contains(string(again), want) {
			t.Errorf("the printed table does not say %q:\n%s", want, again)
		}
	}
}

// TestDoubleClaimWithinALayer: nobody can know which of the two is meant.
func TestDoubleClaimWithinALayer(t *testing.T) {
	two := func(id string) string {
		return "providers:\n" + service(id, "mail.test", "    domains: [mail.test]\n    mx: [mx.mail.test]\n")
	}
	for name, head := range map[string]string{"own": "", "imported": "imported: {source: ispdb}\n"} {
		_, err := provider.Load(provider.LoadConfig{
			Builtin: providertest.BuiltinSource(t),
			Tables: []provider.Source{
				{Name: "a.yaml", Data: []byte(head + two("one"))},
				{Name: "b.yaml", Data: []byte(head + two("two"))},
			},
		})
		if err == nil || strings.Count(err.Error(), "b.yaml:") != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPrintedLayers: the table command prints several layers as one table that serves
// the same.
func TestPrintedLayers(t *testing.T) {
	table := loadTables(t, strangers, "domains: {first.test: icloud}\n", "builtin: false\noperator: {name: Somebody}\n")
	text := string(table.YAML())
	back := loadTables(t, text)
	if len(back.Notes()) > 0 {
		t.Errorf("the printed table overlaps:\n%v\n%s", back.Notes(), text)
	}
	for _, domain := range []string{"first.test", "second.test", "one.test", "icloud.com", "wrong.test"} {
		if was, is := at(t, table, domain), at(t, back, domain); was != is {
			t.Errorf("%s was at %q and is at %q:\n%s", domain, was, is, text)
		}
	}
	if strings.Contains(text, "imported:") {
		t.Errorf("the printed table claims to be imported:\n%s", text)
	}
}
