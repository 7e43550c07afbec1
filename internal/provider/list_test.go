package provider

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A listedTable is the text of a table, with the lists that it and the flags name.
type listedTable struct {
	yaml            string
	files           map[string]string
	domains, logins []string // by flags
	flags           []string // --domain
}

func (l listedTable) load(t testing.TB) (*Table, error) {
	t.Helper()
	cfg := LoadConfig{
		Builtin:      builtin(t),
		Domains:      l.flags,
		DomainsFiles: l.domains,
		LoginsFiles:  l.logins,
		ReadFile: func(path string, maxSize int64) ([]byte, error) {
			text, ok := l.files[path]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
			}
			if int64(len(text)) > maxSize {
				t.Fatalf("%s is larger than %d octets", path, maxSize)
			}
			return []byte(text), nil
		},
	}
	if l.yaml != "" {
		cfg.Tables = []Source{{Name: "etc/own.yaml", Data: []byte(l.yaml)}}
	}
	return Load(cfg)
}

func (l listedTable) mustLoad(t testing.TB) *Table {
	t.Helper()
	table, err := l.load(t)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func loginAt(t *testing.T, table *Table, address string) string {
	t.Helper()
	a, err := ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	m, ok := table.ByDomain(a.Domain())
	if !ok {
		t.Fatalf("%s is not served", a.Domain())
	}
	return m.Account(a).Outgoing.Login.Name.String()
}

// TestLists: a line of a list means what the same entry of domains: means.
func TestLists(t *testing.T) {
	table := listedTable{
		yaml: "domains:\n  table.example: {provider: icloud, logins: {both@table.example: yaml@icloud.com}}\n" +
			"domains_file: [a.list, /abs/b.list]\nlogins_file: logins.list\n",
		files: map[string]string{
			"etc/a.list":  "\ufeff# ours\r\nOne.Example. icloud\r\n\r\n  b\u00fccher.example\ticloud   # with an umlaut\r\n",
			"/abs/b.list": "two.example icloud\n",
			"flag.list":   "three.example icloud",
			"etc/logins.list": "Jane@one.example jane.appleseed@icloud.com\n@one.example all@icloud.com\n" +
				"listed@table.example listed@icloud.com\n",
			"flag.logins": "@flag.example flag@icloud.com\n@three.example three@icloud.com\n",
		},
		flags:   []string{"flag.example=icloud"},
		domains: []string{"flag.list"},
		logins:  []string{"flag.logins"},
	}.mustLoad(t)

	var hosted []string
	for d := range table.Hosted() {
		hosted = append(hosted, d.String())
		m, ok := table.ByDomain(d)
		if !ok || m.class != ClassHosted || m.domain != d || m.provider.ID != "icloud" {
			t.Errorf("%s: %+v, %v", d, m, ok)
		}
	}
	want := []string{"table.example", "flag.example", "one.example", "xn--bcher-kva.example", "two.example", "three.example"}
	if diff := cmp.Diff(want, hosted); diff != "" {
		t.Errorf("hosted (-want +got):\n%s", diff)
	}
	if n := table.HostedCount(); n != len(want) {
		t.Errorf("HostedCount is %d", n)
	}
	if n := table.DomainsWithLogins(); n != 4 {
		t.Errorf("DomainsWithLogins is %d", n)
	}
	for address, want := range map[string]string{
		"jane@one.example":     "jane.appleseed@icloud.com",
		"JANE@ONE.example":     "jane.appleseed@icloud.com",
		"other@one.example":    "all@icloud.com",
		"both@table.example":   "yaml@icloud.com",
		"listed@table.example": "listed@icloud.com",
		"x@table.example":      "",
		"x@two.example":        "",
		"x@three.example":      "three@icloud.com",
		"x@flag.example":       "flag@icloud.com",
	} {
		if got := loginAt(t, table, address); got != want {
			t.Errorf("login of %s: %q, want %q", address, got, want)
		}
	}
	if w := table.Warnings(); len(w) > 0 {
		t.Errorf("warnings: %v", w)
	}
	for _, d := range []string{"four.example", "ne.example", "one.exampl"} {
		parsed, err := ParseDomain(d)
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := table.ByDomain(parsed); ok {
			t.Errorf("%s: %+v", d, m)
		}
	}
}

func TestListMistakes(t *testing.T) {
	tests := []struct {
		name  string
		table listedTable
		want  string
	}{
		{"domains", listedTable{
			files: map[string]string{"d": "one.example icloud\nno_domain icloud\n\none.example iclod\n x.example\na.example icloud now\nicloud.com other\nbücher..example  nobody\n192.0.2.1 icloud\njane@one.example icloud\n"},
			yaml:  "domains_file: /d\n", domains: []string{"d"},
		}.with("/d", ""), `d:2:1: "no_domain": invalid domain name: use only letters, digits, dots, and hyphens inside a label; host names have no underscores: use the name in the server's certificate
d:4:13: unknown provider "iclod" (did you mean "icloud"?)
d:5:11: incomplete line; write a domain and the id of its mail service, such as example.com icloud
d:6:11: too many words in the line; write a domain and the id of its mail service, such as example.com icloud
d:7:12: unknown provider "other"; the table has icloud
d:8:1: "bücher..example": invalid domain name: use only letters, digits, dots, and hyphens inside a label
d:8:18: unknown provider "nobody"; the table has icloud
d:9:1: "192.0.2.1": invalid domain name: it is an IP address
d:10:1: "...@...": invalid domain name: use only letters, digits, dots, and hyphens inside a label`},
		{"two providers", listedTable{
			yaml: otherProvider + "domains: {table.example: other}\n",
			files: map[string]string{
				"d": "table.example icloud\nicloud.com other\none.example other\none.example icloud\n", "e": "one.example icloud\n",
			}, domains: []string{"d", "e"},
		}, `d:1:1: table.example is already in the table or a list, with provider other; a domain has one provider
d:4:1: one.example is already in the table or a list, with provider other; a domain has one provider
e:1:1: one.example is already in the table or a list, with provider other; a domain has one provider`},
		{"logins", listedTable{
			files:   map[string]string{"d": "one.example icloud\n", "l": "jane@one.example jane@icloud.com\nJANE@one.example joe@icloud.com\njane@two.example jane@icloud.com\nno address@icloud.com\nx@one.example secret\nx@one.example secret@example.com\n@one.example\n@one..example a@icloud.com\n@two.example a@icloud.com\n"},
			domains: []string{"d"}, logins: []string{"l"},
		}, `l:2:1: the table or a list already states another login for it; keep one
l:3:1: its domain is missing from the tables and lists; add it with its mail service
l:4:1: invalid email address: missing @
l:5:15: the login must be an address at the provider: invalid email address: missing @; if account names are logins, set login: {any: true} for provider icloud
l:6:15: logins of provider icloud are addresses at icloud.com, me.com, mac.com; use the person's address there, or add the login's domain to the provider's login.domains
l:7:13: incomplete line; write an address and its login, or @ with a domain and the login of everybody there
l:8:1: invalid domain name: a label is empty
l:9:1: its domain is missing from the tables and lists; add it with its mail service`},
		{"table and list", listedTable{
			yaml:   "domains: {one.example: {provider: icloud, login: all@icloud.com, logins: {jane@one.example: jane@icloud.com}}}\n",
			files:  map[string]string{"l": "jane@one.example joe@icloud.com\n@one.example joe@icloud.com\n"},
			logins: []string{"l"},
		}, `l:1:1: the table or a list already states another login for it; keep one
l:2:1: the table or a list already states another login for it; keep one`},
		{"names", listedTable{yaml: "domains_file: []\nlogins_file: {a: b}\n"},
			`etc/own.yaml:1:15: domains_file: the list is empty; add the file's name
etc/own.yaml:2:14: logins_file: this must be a single value, not a mapping`},
		{"unreadable", listedTable{
			yaml:    "domains_file: [none.list, /d]\nlogins_file: gone.list\nwrong: 1\n",
			files:   map[string]string{"/d": "no_domain icloud\n", "l": "jane@may-be-in-none.example jane@icloud.com\n"},
			domains: []string{"lost.list"}, logins: []string{"l", "lost.logins"},
		}, `etc/own.yaml:1:16: domains_file[0]: the list cannot be read: open etc/none.list: file does not exist
etc/own.yaml:2:14: logins_file: the list cannot be read: open etc/gone.list: file does not exist
etc/own.yaml:3:1: wrong: unknown key "wrong"; known keys here: imported, builtin, operator, providers, domains, domains_file, logins_file
/d:1:1: "no_domain": invalid domain name: use only letters, digits, dots, and hyphens inside a label; host names have no underscores: use the name in the server's certificate
--domains-file lost.list: the list cannot be read: open lost.list: file does not exist
--logins-file lost.logins: the list cannot be read: open lost.logins: file does not exist`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.table.load(t)
			if diff := cmp.Diff(tt.want, fmt.Sprint(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A server reads a list again that was still changing, so it must see that in the error.
func TestUnreadableListKeepsItsCause(t *testing.T) {
	_, err := listedTable{yaml: "domains_file: none.list\nwrong: 1\n", domains: []string{"lost.list"}}.load(t)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

const otherProvider = `providers:
  other:
    name: Other
    short_name: Other
    domains: [other.example]
    password: {kind: account}
    imap: [{host: imap.other.example, port: 993, security: tls, username: address}]
    smtp: [{host: smtp.other.example, port: 465, security: tls, username: address}]
`

func (l listedTable) with(path, text string) listedTable {
	l.files[path] = text
	return l
}

// TestManyMistakes: a file of the wrong kind costs little memory or time.
func TestManyMistakes(t *testing.T) {
	_, err := listedTable{
		files:   map[string]string{"d": strings.Repeat("wrong\n", 1_000_000), "l": strings.Repeat("wrong\n", 1_000_000)},
		domains: []string{"d"}, logins: []string{"l"},
	}.load(t)
	lines := strings.Split(fmt.Sprint(err), "\n")
	if len(lines) != maxFound+1 || lines[maxFound] != "... and 1999900 more mistakes, 2000000 in all" {
		t.Errorf("%d lines, the last one is %q", len(lines), lines[len(lines)-1])
	}
}

// TestEndlessWords: a file without line ends is one mistake, which is not quoted
// in full.
func TestEndlessWords(t *testing.T) {
	long := strings.Repeat("x", 32<<20)
	_, err := listedTable{
		files:   map[string]string{"d": long + " icloud\nexample.com " + long, "l": long},
		domains: []string{"d"}, logins: []string{"l"},
	}.load(t)
	want := "d:1:1: this word is longer than any name\nd:2:13: this word is longer than any name\nl:1:1: this word is longer than any name"
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestListIsTable: a line means what the same entry of domains: means, and is
// refused if that is refused.
func TestListIsTable(t *testing.T) {
	names := []string{"a.example", "A.EXAMPLE.", "b\u00fccher.example", "xn--bcher-kva.example", "x_y.example", "127.1", "a..b", "icloud.com", "xn--a.example", "\u200bzero.example", "single", "sub.a.example"}
	locals := []string{"jane", "JANE", "j.", "o'neil", "a..b", ""}
	logins := []string{"jane@icloud.com", "jane@me.com", "jane@example.com", "12@icloud.com", "jane"}
	good, bad := 0, 0
	for i := range len(names) * len(locals) * len(logins) {
		name, local, login := names[i%len(names)], locals[i/len(names)%len(locals)], logins[i/len(names)/len(locals)]
		address := local + "@" + name
		entry := fmt.Sprintf("logins: {%q: %s}", address, login)
		if local == "" {
			entry = "login: " + login
		}
		yaml, yamlErr := listedTable{yaml: fmt.Sprintf("domains: {%q: {provider: icloud, %s}}\n", name, entry)}.load(t)
		list, listErr := listedTable{
			files:   map[string]string{"d": name + " icloud\n", "l": address + " " + login + "\n"},
			domains: []string{"d"}, logins: []string{"l"},
		}.load(t)
		if (yamlErr == nil) != (listErr == nil) {
			t.Fatalf("%s %s: the table says %v, the list %v", address, login, yamlErr, listErr)
		}
		if yamlErr != nil {
			bad++
			continue
		}
		good++
		d, err := ParseDomain(name)
		if err != nil {
			t.Fatal(err)
		}
		asked := Address{local: "jane", domain: d}
		inYAML, ok := yaml.ByDomain(d)
		inList, ok2 := list.ByDomain(d)
		if !ok || !ok2 || inYAML.class != inList.class || inYAML.HasStatedLogins() != inList.HasStatedLogins() ||
			inYAML.Account(asked).Outgoing.Login != inList.Account(asked).Outgoing.Login ||
			inYAML.Account(Address{}).Outgoing.Login != inList.Account(Address{}).Outgoing.Login {
			t.Fatalf("%s %s: the table has %+v, the list %+v", address, login, inYAML, inList)
		}
	}
	if good < 40 || bad < 100 {
		t.Errorf("%d good, %d bad: the test compares too little", good, bad)
	}
}

// TestRepeatedLines: repeated lines give one warning, however many there are.
func TestRepeatedLines(t *testing.T) {
	table := listedTable{
		yaml: "domains: {table.example: icloud}\n",
		files: map[string]string{
			"d": "one.example icloud\n ONE.example icloud\none.example icloud\ntable.example icloud\n",
			"e": "one.example icloud\nicloud.com icloud\n",
			"l": "a@one.example a@icloud.com\nA@one.example a@icloud.com\n",
		},
		domains: []string{"d", "e"}, logins: []string{"l"},
	}.mustLoad(t)
	want := `d:2:2: this domain is in the table or in a list already, with the same content; so are 2 more lines of the file
e:1:1: this domain is in the table or in a list already, with the same content; so are 1 more lines of the file
l:2:1: this login is in the table or in a list already, with the same content`
	if diff := cmp.Diff(want, table.Warnings().Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := table.HostedCount(); n != 2 {
		t.Errorf("HostedCount is %d", n)
	}
}

// TestManyListed: the index finds each of many domains, across several files and
// whether or not it has just grown.
func TestManyListed(t *testing.T) {
	l := listedTable{files: make(map[string]string)}
	const files, each = 7, 3001
	for f := range files {
		var domains, logins strings.Builder
		for i := range each {
			fmt.Fprintf(&domains, "d%d-%d.example icloud\n", f, i)
			fmt.Fprintf(&logins, "u@d%d-%d.example u%[1]d-%[2]d@icloud.com\n", f, i)
		}
		d, n := fmt.Sprint("d", f), fmt.Sprint("l", f)
		l.files[d], l.files[n] = domains.String(), logins.String()
		l.domains, l.logins = append(l.domains, d), append(l.logins, n)
	}
	table := l.mustLoad(t)
	if n := table.HostedCount(); n != files*each {
		t.Fatalf("HostedCount is %d", n)
	}
	for f := range files {
		for i := range each {
			if got, want := loginAt(t, table, fmt.Sprintf("U@d%d-%d.example", f, i)), fmt.Sprintf("u%d-%d@icloud.com", f, i); got != want {
				t.Fatalf("%q, want %q", got, want)
			}
		}
	}
	if got := table.listedLogins.count; got != files*each {
		t.Errorf("%d logins", got)
	}
	n := 0
	for key, login := range table.listedLogins.all() {
		if local, _, _ := strings.Cut(login, "@"); !strings.HasPrefix(key, "u@d"+local[1:]) {
			t.Fatalf("%s: %s", key, login)
		}
		n++
	}
	if n != files*each || table.DomainsWithLogins() != n {
		t.Errorf("%d logins yielded, %d domains", n, table.DomainsWithLogins())
	}
}

// TestPlainDomainVerdict: the fast path accepts nothing that ParseDomain refuses,
// and changes no name.
func TestPlainDomainVerdict(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b", "0", "9", "-", ".", "xn--", "x", "com", "example", "A", "_", "ü", "127", "0x", "1f", strings.Repeat("l", 60)}
	accepted := 0
	for range 200_000 {
		var s string
		for range 1 + rnd.IntN(8) {
			s += pieces[rnd.IntN(len(pieces))]
		}
		if checkPlainDomain(t, s) {
			accepted++
		}
	}
	if accepted < 1000 {
		t.Errorf("only %d names were accepted: the test proves nothing", accepted)
	}
	if got, ok := appendPlainDomain(nil, []byte("mail.example.com")); !ok || string(got) != "mail.example.com" {
		t.Error("the common case takes the slow path")
	}
}

func checkPlainDomain(t *testing.T, s string) bool {
	t.Helper()
	name, ok := appendPlainDomain(nil, []byte(s))
	if !ok {
		return false
	}
	if d, err := ParseDomain(s); err != nil || d.ascii != string(name) {
		t.Errorf("%q: accepted as %q, but ParseDomain says %q, %v", s, name, d, err)
	}
	return true
}

func manyDomains(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "customer-%d.example icloud\n", i)
	}
	return b.String()
}

func BenchmarkByListedDomain(b *testing.B) {
	for _, n := range []int{1, 1_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			table := listedTable{files: map[string]string{"d": manyDomains(n)}, domains: []string{"d"}}.mustLoad(b)
			asked := slices.Collect(table.Hosted())
			rand.Shuffle(len(asked), func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
			for i, d := range asked { // as in a request, the name itself is at hand
				asked[i].ascii = strings.Clone(d.ascii)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, ok := table.ByDomain(asked[i]); !ok {
					b.Fatal(asked[i])
				}
				if i++; i == len(asked) {
					i = 0
				}
			}
		})
	}
}

func BenchmarkLoadLists(b *testing.B) {
	l := listedTable{files: map[string]string{"d": manyDomains(1_000_000)}, domains: []string{"d"}}
	b.ReportAllocs()
	for b.Loop() {
		l.mustLoad(b)
	}
}
