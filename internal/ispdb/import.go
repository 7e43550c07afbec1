package ispdb

import (
	"cmp"
	"errors"
	"regexp"
	"slices"

	"mailsetup/internal/provider"
)

// Source is the name of the database in tables: imported.source and origin.source.
const Source = "ispdb"

// A Database is the content of the database as it was found.
type Database struct {
	Files []File
	// Commit is the version; "" if it is unknown.
	Commit string
}

// A File is one file of the database.
type File struct {
	// Name is its name without folders.
	Name string
	Data []byte
	// Fault says why Data could not be read; NoReason if it was.
	Fault Reason
	// Changed is the day of its last change; zero if it is unknown.
	Changed provider.Date
}

// A Table is the result of an import.
type Table struct {
	Commit string
	Files  int // read, with those left out
	// Providers are the services by id. Their layers are not set.
	Providers []*provider.Provider
	Report    Report
}

// Domains counts the domains and names of exchangers of all services.
func (t *Table) Domains() int {
	n := 0
	for _, p := range t.Providers {
		n += len(p.MX)
	}
	return n
}

// Import makes a table. The order of the files does not matter.
func Import(db Database) *Table {
	t := &Table{Commit: db.Commit, Files: len(db.Files), Report: Report{Ignored: make(map[string]int)}}
	files := slices.SortedStableFunc(slices.Values(db.Files), func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	m := merger{ids: make(map[string]bool), domains: make(map[provider.Domain]bool)}
	for _, f := range files {
		c := conversion{file: f, commit: db.Commit}
		list, why := c.convert()
		detail := ""
		if why == NoReason {
			list, why = m.claim(&c, list)
		}
		if why == NoReason {
			if detail = refusal(list); detail != "" {
				why = RefusedByTable
			}
		}
		if why != NoReason {
			t.Report.LeftOut = append(t.Report.LeftOut, LeftOut{File: f.Name, Domains: c.domains, Why: why, Detail: detail})
			continue
		}
		m.settle(list)
		t.Providers = append(t.Providers, list...)
		t.Report.Taken++
		t.Report.Losses = append(t.Report.Losses, c.losses...)
		t.Report.Warnings = append(t.Report.Warnings, c.warnings...)
		for name, n := range c.ignored {
			t.Report.Ignored[name] += n
		}
	}
	slices.SortFunc(t.Providers, byID)
	return t
}

func byID(a, b *provider.Provider) int { return cmp.Compare(a.ID, b.ID) }

// A merger makes sure that each id and each domain has one owner: the first file in the
// order of names.
type merger struct {
	ids     map[string]bool
	domains map[provider.Domain]bool // and exchangers
}

// claim removes from the services of a file the domains that others already have.
func (m *merger) claim(c *conversion, list []*provider.Provider) ([]*provider.Provider, Reason) {
	for _, p := range list {
		if m.ids[p.ID] {
			return nil, IDTaken
		}
		p.Domains = m.free(c, p.Domains)
		p.MX = m.free(c, p.MX)
		if len(p.MX) == 0 {
			return nil, DomainTaken
		}
		p.Identifier = c.identifier(p.Domains, p.MX)
		p.LoginDomains = loginDomains(p)
	}
	return list, NoReason
}

func (m *merger) free(c *conversion, list []provider.Domain) []provider.Domain {
	return slices.DeleteFunc(slices.Clone(list), func(d provider.Domain) bool {
		if m.domains[d] {
			c.lose("domain "+d.String(), DomainTaken)
		}
		return m.domains[d]
	})
}

func (m *merger) settle(list []*provider.Provider) {
	for _, p := range list {
		m.ids[p.ID] = true
		for _, d := range slices.Concat(p.Domains, p.MX) {
			m.domains[d] = true
		}
	}
}

// refusal asks the table's own loader, which decides. It returns "" or the first
// mistake.
func refusal(list []*provider.Provider) string {
	text := (&Table{Providers: list}).YAML()
	_, err := Load("imported table", text)
	if err == nil {
		return ""
	}
	if all, ok := errors.AsType[provider.Errors](err); ok {
		return all[0].Message // its position is in a text that nobody sees
	}
	return err.Error()
}

// ErrNotImported: the table is an operator's own.
var ErrNotImported = errors.New("this table was not imported: it has no imported: with source and commit")

var importedHead = regexp.MustCompile(`(?m)^imported:`)

// Load reads a single imported table and returns its services by id. Errors contain the
// given name. They are [ErrNotImported] or those of [provider.Load].
func Load(name string, text []byte) ([]*provider.Provider, error) {
	if !importedHead.Match(text) {
		return nil, ErrNotImported // an own table may be incomplete by itself
	}
	t, err := provider.Load(provider.LoadConfig{
		Builtin: provider.Source{Name: "nothing built in", Data: []byte("providers: {}\n")},
		Tables:  []provider.Source{{Name: name, Data: text}},
	})
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(slices.Values(t.Providers()), byID), nil
}
