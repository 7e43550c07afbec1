package provider_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// loadErrors loads a table that has mistakes and returns them.
func loadErrors(t *testing.T, overlay string, domains ...string) provider.Errors {
	t.Helper()
	cfg := provider.LoadConfig{Builtin: providertest.BuiltinSource(t), Domains: domains}
	if overlay != "" {
		cfg.Tables = []provider.Source{{Name: "own.yaml", Data: []byte(overlay)}}
	}
	table, err := provider.Load(cfg)
	if table != nil || err == nil {
		t.Fatalf("Load returned %v, %v", table, err)
	}
	errs, ok := errors.AsType[provider.Errors](err)
	if !ok {
		t.Fatalf("the error is a %T", err)
	}
	return errs
}

// TestDomainFlags: --domain means the same as a line of domains:, and its
// mistakes name the flag.
func TestDomainFlags(t *testing.T) {
	for _, tt := range []struct {
		overlay string
		flags   []string
		want    string
	}{
		{"", []string{"example.com"}, "--domain example.com: write DOMAIN=PROVIDER, such as example.com=icloud"},
		{"", []string{""}, "--domain : write DOMAIN=PROVIDER, such as example.com=icloud"},
		{"", []string{"example.com=iclod"}, `--domain example.com=iclod: unknown provider "iclod" (did you mean "icloud"?)`},
		{"", []string{"example=icloud"}, `--domain example=icloud: "example": invalid domain name: it has no dot`},
		{"", []string{"exa mple.com=cloud"}, "--domain exa mple.com=cloud: \"exa mple.com\": invalid domain name: use only letters, digits, dots, and hyphens inside a label\n" +
			`--domain exa mple.com=cloud: unknown provider "cloud" (did you mean "icloud"?)`},
		{"", []string{"jane@example.com=icloud"}, `--domain ...: "...@...": invalid domain name: use only letters, digits, dots, and hyphens inside a label`},
		{"", []string{"example.com\n"}, "--domain ...: write DOMAIN=PROVIDER, such as example.com=icloud"},
		{hosted, []string{"self.test=icloud"}, "--domain self.test=icloud: self.test is in the table already, at provider selfhost; a domain has one provider"},
		{hosted, []string{"new.test=icloud", "new.test=selfhost"}, "--domain new.test=selfhost: new.test is in the table already, at provider icloud; a domain has one provider"},
		{"operator: {}\n", []string{"x=icloud"}, "own.yaml:1:1: operator.name: missing: who runs this server, as people know them\n" +
			`--domain x=icloud: "x": invalid domain name: it has no dot`},
	} {
		if diff := cmp.Diff(tt.want, loadErrors(t, tt.overlay, tt.flags...).Error()); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.flags, diff)
		}
	}

	table, err := provider.Load(provider.LoadConfig{
		Builtin: providertest.BuiltinSource(t),
		Tables:  []provider.Source{{Name: "own.yaml", Data: []byte(hosted)}},
		// New, given twice, in the file with logins, a service's own domain.
		Domains: []string{"Bücher.test=icloud", "bücher.test=icloud", "example.org=icloud", "icloud.com=icloud"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := table.HostedCount(); n != 5 {
		t.Errorf("the table has %d domains", n)
	}
	if a := providertest.Account(t, table, "jane@xn--bcher-kva.test"); a.Provider.ID != "icloud" || a.Class != provider.ClassHosted {
		t.Errorf("the flag made %+v", a)
	}
	if a := providertest.Account(t, table, "jane@example.org"); !a.Private() {
		t.Error("a flag that repeats a line of the file has removed its logins")
	}
}

// TestErrorsOfAllSources: the built-in table's mistakes come first, then those of
// the operator's table, then those of the flags. A text that is not YAML gives
// only that error.
func TestErrorsOfAllSources(t *testing.T) {
	for _, tt := range []struct{ builtin, overlay, want string }{
		{"providers: {icloud: {}}\n", "operator: 1\n", "built-in own.yaml --domain"},
		{"{", "operator: 1\n", "built-in"},
		{"{", "}", "built-in own.yaml"},
	} {
		_, err := provider.Load(provider.LoadConfig{
			Builtin: provider.Source{Name: "built-in", Data: []byte(tt.builtin)},
			Tables:  []provider.Source{{Name: "own.yaml", Data: []byte(tt.overlay)}},
			Domains: []string{"example.net"},
		})
		errs, _ := errors.AsType[provider.Errors](err)
		var files []string
		for _, e := range errs {
			file, _, _ := strings.Cut(e.File, " ")
			files = append(files, file)
		}
		if got := strings.Join(slices.Compact(files), " "); got != tt.want {
			t.Errorf("%q and %q: mistakes in %s, want %s:\n%v", tt.builtin, tt.overlay, got, tt.want, err)
		}
	}
}

// TestOverlayMerges: an operator's table states only what differs.
func TestOverlayMerges(t *testing.T) {
	plain, _ := providertest.Table(t, "").Provider("icloud")
	table := providertest.Table(t, `
operator: {name: Example School, support: "https://www.example.org/help", show_domains: true}
providers:
  icloud:
    short_name: Apple
    mx: [mail.icloud.com, mx.example.com]
    smtp:
      - {host: smtp.mail.me.com, port: 465, security: tls, username: address}
    password: {limit: 30}
    guide:
      de: [{topic: trouble, title: Hilfe, text: Keine.}]
`)
	p, _ := table.Provider("icloud")
	if p.ShortName != "Apple" || p.Name != plain.Name {
		t.Errorf("names %q and %q", p.Name, p.ShortName)
	}
	if fmt.Sprint(p.MX) != "[mail.icloud.com mx.example.com]" || len(p.SMTP) != 1 || p.SMTP[0].Port != 465 {
		t.Errorf("lists are not replaced: %v, %v", p.MX, p.SMTP)
	}
	if p.Password.Limit != 30 || p.Password.Link != plain.Password.Link || !p.Password.TwoFactor {
		t.Errorf("the password is not merged: %+v", p.Password)
	}
	if len(p.Guide["de"]) != 1 || len(p.Guide["en"]) != len(plain.Guide["en"]) {
		t.Errorf("the guide is not merged: %v", p.Guide)
	}
	if o := table.Operator(); o.Name != "Example School" || o.Support.String() != "https://www.example.org/help" || !o.ShowDomains {
		t.Errorf("the operator is %+v", o)
	}
	if again, _ := providertest.Table(t, "").Provider("icloud"); again.ShortName != "iCloud" {
		t.Error("an overlay has changed the built-in table")
	}
}

// TestMergedPositions: a mistake is reported in the file that contains it.
func TestMergedPositions(t *testing.T) {
	errs := loadErrors(t, "providers:\n  icloud:\n    login: {domains: [example.com]}\n    domains: [example.com]\ndomains:\n  me.com: {provider: icloud, login: jane@me.com}\n")
	if len(errs) != 1 || errs[0].File != "own.yaml" || errs[0].Line != 6 || errs[0].Column != 37 {
		t.Errorf("got %v", errs)
	}
}

// TestHugeFiles: a table of 8 MiB may be read, one octet more may not, and a
// file with the same mistake in each line does not fill memory and screen.
func TestHugeFiles(t *testing.T) {
	// A bad octet at the end shows that the size was accepted, without the
	// seconds that YAML takes for so much text.
	most := append(bytes.Repeat([]byte("#\n"), 4<<20-1), "#\xff"...)
	cfg := provider.LoadConfig{Builtin: providertest.BuiltinSource(t), Tables: []provider.Source{{Name: "own.yaml", Data: most}}}
	if _, err := provider.Load(cfg); err == nil || !strings.HasPrefix(err.Error(), "own.yaml:4194304:2: this is not UTF-8") {
		t.Errorf("8 MiB: %.200v", err)
	}
	cfg.Tables[0].Data = append(most, '\n')
	if _, err := provider.Load(cfg); err == nil || err.Error() != "own.yaml: the file is larger than 8 MiB; list domains in bulk in a plain file, with --domains-file" {
		t.Errorf("one octet more: %.200v", err)
	}
	errs := loadErrors(t, "domains:\n"+strings.Repeat("  example.com: icloud\n", 5000))
	lines := strings.Split(errs.Error(), "\n")
	if len(lines) != 101 || lines[100] != "... and 4899 more mistakes, 4999 in all" || lines[99] != `own.yaml:102:3: domains["example.com"]: duplicate key, first used on line 2; keep one` {
		t.Errorf("%d lines, at last %q", len(lines), lines[len(lines)-1])
	}
	errs = loadErrors(t, "domains:\n"+strings.Repeat("  example.com: icloud\n", 201))
	if text := errs.Error(); !strings.HasSuffix(text, "\n... and 100 more mistakes, 200 in all") {
		t.Errorf("ends in %q", text[len(text)-100:])
	}
}

// TestCostlyFiles: a file that would take too much memory is refused before it is
// parsed, and the error says what to do; these took 963 MB and 15 seconds.
func TestCostlyFiles(t *testing.T) {
	for name, data := range map[string]string{
		"a list":                  "[" + strings.Repeat("a,", 4<<20-2) + "a]",
		"1.5 million wrong lines": "domains:\n" + strings.Repeat(" a:\n", 1_500_000),
		"directives":              strings.Repeat("%TAG !a! b\n", 10_000),
		"cut off":                 strings.Repeat("{a: ", 1<<20),
	} {
		cfg := provider.LoadConfig{Builtin: providertest.BuiltinSource(t), Tables: []provider.Source{{Name: "own.yaml", Data: []byte(data)}}}
		if _, err := provider.Load(cfg); err == nil || err.Error() != "own.yaml: the file would take more than 256 MiB of memory as YAML; list domains in bulk in a plain file, with --domains-file" {
			t.Errorf("%s: %.200v", name, err)
		}
	}
	text := "providers:\n"
	for i := range 10_001 {
		text += fmt.Sprintf(" a%d: b\n", i)
	}
	if errs := loadErrors(t, text); !strings.Contains(errs.Error(), "more mistakes, 10") {
		t.Errorf("too many providers: %.200v", errs)
	}
}

// TestManyDomains: a hoster's table, ten times the size of the first.
func TestManyDomains(t *testing.T) {
	const n = 100_000
	cfg := provider.LoadConfig{Builtin: providertest.BuiltinSource(t), Tables: []provider.Source{{Name: "own.yaml", Data: manyDomains(n)}}}
	table, err := provider.Load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if table.HostedCount() != n {
		t.Fatalf("%d domains were loaded", table.HostedCount())
	}
	for _, i := range []int{0, 1, n / 2, n - 1} {
		if m, ok := table.ByDomain(providertest.Domain(t, fmt.Sprintf("d%d.example.com", i))); !ok || m.Class() != provider.ClassHosted {
			t.Errorf("domain %d is %+v", i, m)
		}
	}
	if _, ok := table.ByDomain(providertest.Domain(t, fmt.Sprintf("d%d.example.com", n))); ok {
		t.Error("a domain too many")
	}
}

// manyDomains writes a table with n domains, every hundredth with logins.
func manyDomains(n int) []byte {
	var b bytes.Buffer
	b.WriteString("domains:\n")
	for i := range n {
		if i%100 == 99 {
			fmt.Fprintf(&b, "  d%d.example.com: {provider: icloud, logins: {jane@d%[1]d.example.com: jane%[1]d@icloud.com}}\n", i)
		} else {
			fmt.Fprintf(&b, "  d%d.example.com: icloud\n", i)
		}
	}
	return b.Bytes()
}

func BenchmarkLoad(b *testing.B)     { benchmarkLoad(b, 0) }
func BenchmarkLoad100k(b *testing.B) { benchmarkLoad(b, 100_000) }

func benchmarkLoad(b *testing.B, n int) {
	cfg := provider.LoadConfig{Builtin: providertest.BuiltinSource(b)}
	if n > 0 {
		cfg.Tables = []provider.Source{{Name: "own.yaml", Data: manyDomains(n)}}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := provider.Load(cfg); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkByDomain: a look-up costs the same with one domain and with many.
func BenchmarkByDomain(b *testing.B) {
	for _, n := range []int{1, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			cfg := provider.LoadConfig{Builtin: providertest.BuiltinSource(b), Tables: []provider.Source{{Name: "own.yaml", Data: manyDomains(n)}}}
			table, err := provider.Load(cfg)
			if err != nil {
				b.Fatal(err)
			}
			// Few enough to stay in the processor's cache, so that this measures
			// the look-up and not the memory.
			var asked []provider.Domain
			for i := range min(n, 64) {
				asked = append(asked, providertest.Domain(b, fmt.Sprintf("d%d.example.com", i*(n/min(n, 64)))))
			}
			i := 0
			for b.Loop() {
				if _, ok := table.ByDomain(asked[i%len(asked)]); !ok {
					b.Fatal("not found")
				}
				i++
			}
		})
	}
}
