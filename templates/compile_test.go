package templates

import (
	"bytes"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/beevik/etree"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// anyTable adds a service whose logins are not addresses.
const anyTable = testTable + `
  d.test: {provider: free, logins: {jane@d.test: m050a11d}, login: shared-box}
  e.test: free
`

func compiledTable(t testing.TB) *provider.Table {
	return providertest.Table(t, "\nproviders:\n  free:\n    name: Free's \"own\"\n    domains: [free.test]\n"+
		"    imap: [{host: imap.free.test, port: 993, security: tls, username: localpart}]\n"+
		"    smtp: [{host: smtp.free.test, port: 465, security: tls, username: localpart}]\n"+
		"    password: {kind: account}\n    login: {domains: [free.test], any: true}\n"+
		anyTable[len("\nproviders:\n"):])
}

// accountsOf returns all kinds of accounts at every domain of the table, for ordinary
// and hostile addresses.
func accountsOf(t testing.TB, table *provider.Table) []provider.Account {
	locals := []string{"jane", "Jane.Appleseed+News", "o'hara&co", "a=b{c}|d~", "00123", "jane..doe", "jane.", "mark-first", "true"}
	var all []provider.Account
	for _, p := range table.Providers() {
		generic := p.Account()
		all = append(all, generic)
		generic.Domain, generic.Class = p.Identifier, provider.ClassOwn
		all = append(all, generic)
		domains := append([]provider.Domain{providertest.Domain(t, "recognised.test"), providertest.Domain(t, "mark-first-domain.invalid")}, p.Domains...)
		for _, d := range domains {
			m, ok := table.ByDomain(d)
			if !ok {
				m = provider.HostedAt(p, d)
			}
			all = append(all, m.Account(provider.Address{}))
			for _, local := range locals {
				a := providertest.Address(t, local+"@"+d.String())
				all = append(all, m.Account(a), p.AccountWithLogin(a, provider.LoginOf(a)))
				for _, login := range []string{"o'neil&x@" + p.Identifier.String(), "m050a11d", "a|b~c{d}", "x@y"} {
					all = append(all, p.AccountWithLogin(a, providertest.Login(t, login)))
				}
			}
		}
	}
	for d := range table.Hosted() {
		m, _ := table.ByDomain(d)
		all = append(all, m.Account(provider.Address{}))
		for _, local := range locals {
			all = append(all, m.Account(providertest.Address(t, local+"@"+d.String())))
		}
	}
	return all
}

// Compiled templates give the writer's output, byte for byte.
func TestCompiledIsRendered(t *testing.T) {
	table := compiledTable(t)
	compared := 0
	for name, f := range map[string]struct {
		compile func(*provider.Provider) (*Template, error)
		write   func(provider.Account) ([]byte, error)
	}{"autoconfig": {CompileAutoconfig, Autoconfig}, "autodiscover": {CompileAutodiscover, Autodiscover}} {
		compiled := map[*provider.Provider]*Template{}
		for _, p := range table.Providers() {
			tmpl, err := f.compile(p)
			if err != nil {
				t.Fatal(err)
			}
			compiled[p] = tmpl
		}
		for _, a := range accountsOf(t, table) {
			want, err := f.write(a)
			if err != nil {
				t.Fatal(err)
			}
			tmpl := compiled[a.Provider]
			if tmpl.shapes.Of(tmpl.relevant(shapeOf(a))) == nil {
				t.Errorf("%s: an account of shape %+v has no template", name, shapeOf(a))
			}
			got, err := tmpl.Append([]byte("before"), a)
			if err != nil || !bytes.Equal(got, append([]byte("before"), want...)) {
				t.Fatalf("%s of %+v: %v\n%s\nwant\n%s", name, a, err, got, want)
			}
			compared++
		}
	}
	if compared < 1000 {
		t.Errorf("only %d documents were compared", compared)
	}
}

// A filled-in value is escaped as etree escapes it, for every character that an
// address, a domain or a login may contain, and for all others in XML.
func TestEscapeIsEtrees(t *testing.T) {
	check := func(text string) {
		doc := etree.NewDocument()
		doc.CreateElement("a").SetText(text)
		want, err := doc.WriteToString()
		if err != nil {
			t.Fatal(err)
		}
		if got := "<a>" + string(etreeEscape.Append(nil, text)) + "</a>"; got != want {
			t.Fatalf("%q is written as %q, want %q", text, got, want)
		}
	}
	for r := rune(' '); r < 0x7f; r++ {
		check("x" + string(r) + "y")
	}
	var text []rune
	for r := rune(0xa0); r <= 0x10FFFF; r++ {
		if !utf8.ValidRune(r) || unicode.Is(unicode.Noncharacter_Code_Point, r) {
			continue
		}
		if text = append(text, r); len(text) == 4096 {
			check(string(text))
			text = text[:0]
		}
	}
	check(string(text))
}

// A service whose name contains a template mark is served like any other.
func TestMarksInNames(t *testing.T) {
	p := *compiledTable(t).Providers()[0]
	p.Name = "mark-first-incoming mark-other"
	tmpl, err := CompileAutodiscover(&p)
	if err != nil {
		t.Fatal(err)
	}
	a := p.AccountWithLogin(providertest.Address(t, "jane@example.com"), providertest.Login(t, "jane@icloud.com"))
	want, err := Autodiscover(a)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tmpl.Append(nil, a); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n%s", err, got)
	}
}

func BenchmarkCompiledAutodiscover(b *testing.B) {
	table := compiledTable(b)
	a := account(b, table, "jane@icloud.com")
	t, err := CompileAutodiscover(a.Provider)
	if err != nil {
		b.Fatal(err)
	}
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		if dst, err = t.Append(dst[:0], a); err != nil {
			b.Fatal(err)
		}
	}
}

func TestCompiledPointer(t *testing.T) {
	for _, urlOf := range []func(provider.Domain) string{
		func(d provider.Domain) string {
			return "https://autodiscover." + d.String() + "/autodiscover/autodiscover.xml"
		},
		func(provider.Domain) string { return "https://setup.example.net/autodiscover/autodiscover.xml" },
	} {
		tmpl, err := CompileAutodiscoverJSON(urlOf)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"example.com", "xn--mnchen-3ya.test", "mark-first-domain.invalid"} {
			d := providertest.Domain(t, name)
			want, err := AutodiscoverJSON(urlOf(d))
			if got := tmpl.Append(nil, d); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%v, %s, want %s", err, got, want)
			}
		}
	}
}
