package profiles

import (
	"bytes"
	"encoding/xml"
	"testing"
	"unicode/utf8"

	"mailsetup/internal/language"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// Compiled templates give the writer's output, byte for byte.
func TestCompiledIsRendered(t *testing.T) {
	table := providertest.Table(t, agreementTable)
	names := []PersonName{{}, personName(t, "Jane Appleseed"), personName(t, `O'Hara & "Sons" <x>`), personName(t, "mark-first person"), personName(t, "Ægir 李 👩‍👩‍👧 \u200f")}
	locals := []string{"jane", "Jane.Appleseed+News", "o'hara&co", "a=b{c}|d~", "00123", "jane..doe", "jane.", "mark-first"}
	languages := language.All()
	compared := 0
	for _, p := range table.Providers() {
		tmpl, err := Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		accounts := []provider.Account{p.Account()}
		for _, d := range append([]provider.Domain{providertest.Domain(t, "hosted.example.net"), providertest.Domain(t, "mark-first-address.invalid")}, p.Domains...) {
			m := provider.HostedAt(p, d)
			accounts = append(accounts, m.Account(provider.Address{}))
			for _, local := range locals {
				a := providertest.Address(t, local+"@"+d.String())
				accounts = append(accounts, m.Account(a), p.AccountWithLogin(a, provider.LoginOf(a)))
				for _, login := range []string{"o'neil&x@" + p.Identifier.String(), "m050a11d", "x@y"} {
					accounts = append(accounts, p.AccountWithLogin(a, providertest.Login(t, login)))
				}
			}
		}
		for _, a := range accounts {
			for _, name := range names {
				person := Person{name, languages[compared%len(languages)]}
				want, err := Mail(a, person)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := tmpl.Append([]byte("before"), a, person); err != nil || !bytes.Equal(got, append([]byte("before"), want...)) {
					t.Fatalf("the profile of %+v for %+v:\n%s\nwant\n%s", a, person, got, want)
				}
				compared++
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d profiles were compared", compared)
	}
}

// A filled-in value is escaped as the encoder escapes it, for every character that a
// name may contain.
func TestEscapeIsTheEncoders(t *testing.T) {
	check := func(text string) {
		var want bytes.Buffer
		if err := xml.EscapeText(&want, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := string(plistEscape.Append(nil, text)); got != want.String() {
			t.Fatalf("%q is written as %q, want %q", text, got, &want)
		}
	}
	var text []rune
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) || refusedInName(r) {
			continue
		}
		if text = append(text, r); len(text) == 512 {
			check(string(text))
			text = text[:0]
		}
	}
	check(string(text))
}

func BenchmarkCompiledMail(b *testing.B) {
	a := providertest.Account(b, providertest.Table(b, ""), "jane@icloud.com")
	tmpl, err := Compile(a.Provider)
	if err != nil {
		b.Fatal(err)
	}
	name := personName(b, "Jane Appleseed")
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = tmpl.Append(dst[:0], a, Person{Name: name})
	}
}
