package provider

import (
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A Source is the text of one table and its name in errors.
type Source struct {
	Name string // usually the file's name as the operator gave it
	Data []byte
}

// LoadConfig is the input of Load.
type LoadConfig struct {
	// Builtin is the table built into the program.
	Builtin Source
	// Tables are further ones. Those with the key imported: are layered below Builtin,
	// all others above it, each over those before it in the list. If two have the same
	// provider, mappings are merged field by field, while lists and single values of the
	// upper one replace those of the lower. An own table with builtin: false removes
	// Builtin.
	Tables []Source
	// Domains are further hosted domains, each as DOMAIN=PROVIDER.
	Domains []string
	// DomainsFiles and LoginsFiles are plain lists from flags. They come after those
	// that the tables name with domains_file and logins_file.
	DomainsFiles, LoginsFiles []string
	// ReadFile reads a list of at most maxSize bytes. It may be nil if there
	// are no lists.
	ReadFile func(path string, maxSize int64) ([]byte, error)
}

// Load makes a table. Its error is of type [Errors] and contains every mistake in all
// sources, unless one of them is not YAML: then only that is reported. A list that cannot
// be read is a mistake, too, and wraps the error of ReadFile. The table keeps the sources,
// so their bytes must not be changed.
func Load(cfg LoadConfig) (*Table, error) {
	l := loader{
		table: &Table{
			byMX:    make(map[Domain]*Provider),
			byID:    make(map[string]*Provider),
			domains: make(map[Domain]entry),
			sources: cfg,
		},
		mxLayers: make(map[Domain]Layer),
		hosts:    make(map[*Provider]bool),
	}
	var listErr error
	if tables, ok := l.parseAll(cfg); ok {
		l.readRoot(tables.merge())
		for i, flag := range cfg.Domains {
			l.readFlag(flag, i)
		}
		listErr = l.readLists(cfg, tables)
		l.settle()
		l.table.notes = slices.Concat(l.noteReplaced(tables), l.takeovers.notes(l.table), noteRestated(tables.own))
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	if listErr != nil {
		return nil, listErr
	}
	return l.table, nil
}

// A loader fills a table and collects its mistakes.
type loader struct {
	findings
	table *Table

	claims    []claim
	mxLayers  map[Domain]Layer   // of byMX
	hosts     map[*Provider]bool // those that host the operator's domains
	takeovers takeovers
}

// maxProviders is many times the number of services in Thunderbird's database.
// Each entry takes half a kilobyte, even if it is wrong.
const maxProviders = 10_000

// readRoot reads the merged tables.
func (l *loader) readRoot(root value) {
	fields := l.mapping(root, "imported", "builtin", "operator", "providers", "domains", "domains_file", "logins_file")
	l.flag(fields["builtin"])
	l.table.operator = l.readOperator(fields["operator"])
	if providers := fields["providers"]; l.isKind(providers, yaml.MappingNode) {
		n := 0
		for p := range providers.fields() {
			if n++; n > maxProviders {
				l.rejectKey(p, "the table has more than %d mail services; remove those that nobody needs", maxProviders)
				break
			}
			l.readProvider(p)
		}
	}
	l.settleClaims()
	if len(l.table.providers) == 0 && len(l.found) == 0 {
		l.require(root, nil, "providers", "at least one mail service, or no builtin: false, so that the built-in ones are served")
	}
	// The program's own services come first, then the operator's; a database has many.
	slices.SortStableFunc(l.table.providers, func(a, b *Provider) int { return cmp.Compare(a.place(), b.place()) })
	if domains := fields["domains"]; l.isKind(domains, yaml.MappingNode) {
		for d := range domains.fields() {
			l.readHosted(d)
		}
	}
}

// place returns the position of a service among others.
func (p *Provider) place() int {
	if p.Layers[0] == LayerImported {
		return 1
	}
	return 0
}

func (l *loader) readOperator(v value) Operator {
	fields := l.mapping(v, "name", "support", "show_domains")
	l.require(v, fields, "name", "who runs this server, as people know them")
	return Operator{
		Name:        l.line(fields["name"], maxName),
		Support:     l.link(fields["support"]),
		ShowDomains: l.flag(fields["show_domains"]),
	}
}

// readFlag reads DOMAIN=PROVIDER, which means the same as a line of domains:.
func (l *loader) readFlag(flag string, i int) {
	shown := flag
	if strings.Contains(flag, "@") || strings.ContainsFunc(flag, invisible) {
		shown = "..." // may be an address
	}
	src := &source{name: flagSource + shown, order: 1 + len(l.table.sources.Tables) + i, layer: LayerOwn}
	at := place{src: src}
	reject := func(format string, args ...any) { l.rejectAt(at, format, args...) }
	name, id, ok := strings.Cut(flag, "=")
	if !ok {
		reject("write DOMAIN=PROVIDER, such as example.com=icloud")
		return
	}
	d, err := ParseDomain(name)
	if err != nil {
		reject("%s: %s", quote(name), err)
	}
	p := l.providerNamed(id, reject)
	if d.IsZero() || p == nil {
		return
	}
	if e, ok := l.table.domains[d]; ok && e.provider == p {
		return // a harmless repetition
	}
	if l.host(d, p, nil, at) {
		l.table.flags = append(l.table.flags, d)
	}
}
