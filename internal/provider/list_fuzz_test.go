package provider

import (
	"regexp"
	"strings"
	"testing"
)

func FuzzPlainDomain(f *testing.F) {
	for _, s := range []string{"example.com", "a.0x1", "xn--a.example", "a..b", "-a.b", "a.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkPlainDomain(t, s) })
}

// FuzzLists: a pair of lists gives a table or mistakes at positions that exist, and no
// mistake in a login list reveals an address.
var localPart = regexp.MustCompile(`\S@`)

func FuzzLists(f *testing.F) {
	f.Add("one.example icloud\n", "jane@one.example jane@icloud.com\n@one.example x@icloud.com")
	f.Add("one.example icloud\r\n# x\n\x00 \xff\nb\u00fccher.example icloud", "@ @\n a b c\n")
	f.Add("0", "0 0")
	f.Fuzz(func(t *testing.T, domains, logins string) {
		table, err := listedTable{
			files:   map[string]string{"d": domains, "l": logins},
			domains: []string{"d"}, logins: []string{"l"},
		}.load(t)
		if err != nil {
			for _, e := range err.(Errors) {
				text := map[string]string{"d": domains, "l": logins}[e.File]
				if e.Line < 1 || e.Line > strings.Count(text, "\n")+1 || e.Column < 1 {
					t.Errorf("no such position: %v", e)
				}
				// Error texts have a space before each @ of their own, and "...@..."
				// instead of an address.
				if localPart.MatchString(strings.ReplaceAll(e.Message, "...@...", "")) {
					t.Errorf("this may reveal an address: %v", e)
				}
			}
			return
		}
		n := 0
		for d := range table.Hosted() {
			n++
			if m, ok := table.ByDomain(d); !ok || m.domain != d {
				t.Errorf("%s is not found", d)
			}
			if back, err := ParseDomain(d.String()); err != nil || back != d {
				t.Errorf("%s is not canonical", d)
			}
		}
		if n != table.HostedCount() {
			t.Errorf("%d domains, HostedCount is %d", n, table.HostedCount())
		}
		for key, login := range table.listedLogins.all() {
			if key[0] == '@' {
				key = "somebody" + key
			}
			a, err := ParseAddress(key)
			if err != nil {
				t.Fatal(err)
			}
			m, ok := table.ByDomain(a.Domain())
			if !ok || !m.HasStatedLogins() {
				t.Fatalf("no logins at %s", a.Domain())
			}
			if stated, ok := m.login(a); !ok || a.local != "somebody" && stated.String() != login {
				t.Errorf("a different login than the list states")
			}
		}
	})
}
