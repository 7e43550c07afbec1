package provider

import (
	"errors"
	"fmt"
	"math"
)

// MaxList is the maximum size of a plain list, in bytes: ten million
// domains.
const MaxList = 256 << 20

// readLists reads the lists of the table, then those of the flags; all domains come
// before the first login. Only one file at a time is held in memory.
func (l *loader) readLists(cfg LoadConfig, tables tables) error {
	order := 1 + len(cfg.Tables) + len(cfg.Domains)
	named := l.lists(tables)
	domains := append(named.domains, flagPaths("--domains-file ", cfg.DomainsFiles, order+len(named.domains))...)
	logins := append(named.logins, flagPaths("--logins-file ", cfg.LoginsFiles, order+len(domains)+len(named.logins))...)
	if len(domains) > 0 {
		l.table.listed = &domainList{records: newRecords(), providers: l.table.providers}
	}
	if len(logins) > 0 {
		l.table.listedLogins = &loginList{records: newRecords()}
	}
	if cfg.ReadFile == nil && len(domains)+len(logins) > 0 {
		return errors.New("lists cannot be read here; write the domains in the table")
	}
	complete := true // whether all domains are known
	for i, list := range append(domains, logins...) {
		data, err := cfg.ReadFile(list.path, MaxList)
		src := &source{name: list.path, order: order + i, layer: LayerOwn, data: data}
		switch {
		case err != nil:
			complete = complete && i >= len(domains)
			l.rejectList(list, err)
		case i < len(domains):
			l.readDomainList(src)
		case complete: // a login's domain may be in a list that could not be read
			l.readLoginList(src)
		}
	}
	return nil
}

// rejectList reports a list that cannot be read, where it is named.
func (l *loader) rejectList(list listPath, err error) {
	at := len(l.found)
	l.rejectAt(list.at, "the list cannot be read: %s", err)
	if at < len(l.found) {
		l.found[at].Cause = err
	}
}

// readDomainList reads lines of a domain and the id of its provider.
func (l *loader) readDomainList(src *source) {
	list := l.table.listed
	list.reserve(src.data)
	places := make(map[string]int, len(l.table.providers))
	for i, p := range l.table.providers {
		places[p.ID] = i
	}
	again := repeats{what: "domain"}
	var plain []byte
	for r := range rows(src.data) {
		reject := func(field int, format string, args ...any) {
			l.add(src, r.line, r.column(field), "", format, args...)
		}
		if !list.hasRoom(reject) || !r.isPair(reject, "a domain and the id of its mail service, such as example.com icloud") {
			continue
		}
		var ok bool
		var name string
		if plain, ok = appendPlainDomain(plain[:0], r.fields[0]); ok {
			name = string(plain)
		} else if d, err := ParseDomain(string(r.fields[0])); err == nil {
			name = d.ascii
		} else {
			reject(0, "%s: %s", quote(string(r.fields[0])), err)
		}
		index, known := places[string(r.fields[1])]
		if !known {
			l.providerNamed(string(r.fields[1]), func(format string, args ...any) { reject(1, format, args...) })
		}
		if name == "" || !known {
			continue
		}
		p := l.table.providers[index]
		other, _, taken := list.find(name)
		class, layer := ClassHosted, LayerOwn
		if e, ok := l.table.domains[Domain{ascii: name}]; ok {
			other, class, layer, taken = e.provider, e.class, e.layer, true
		}
		switch {
		case taken && class == ClassOwn && layer < LayerOwn && other != p:
			delete(l.table.domains, Domain{ascii: name})
			l.takeovers.note(other, p, place{src: src, line: r.line, column: r.column(0)}, Domain{ascii: name})
			fallthrough
		case !taken:
			list.add(name, index)
			l.hosts[p] = true
		case other == p:
			again.note(r, 0)
		case class == ClassOwn:
			reject(0, "%s is one of provider %s's own domains; a domain has one provider", name, other.ID)
		default:
			reject(0, "%s is already in the table or a list, with provider %s; a domain has one provider", name, other.ID)
		}
	}
	again.warn(l, src)
}

// readLoginList reads lines of an address, or @ and a domain, and a login.
func (l *loader) readLoginList(src *source) {
	list := l.table.listedLogins
	list.reserve(src.data)
	again := repeats{what: "login"}
	for r := range rows(src.data) {
		// Errors about a login list never quote it.
		reject := func(field int, format string, args ...any) {
			l.add(src, r.line, r.column(field), "", format, args...)
		}
		if !list.hasRoom(reject) || !r.isPair(reject, "an address and its login, or @ with a domain and the login of everybody there") {
			continue
		}
		key, d, err := parseLoginKey(string(r.fields[0]))
		if err != nil {
			reject(0, "%s", err)
			continue
		}
		m, ok := l.table.ByDomain(d)
		if !ok {
			reject(0, "its domain is missing from the tables and lists; add it with its mail service")
			continue
		}
		login, err := m.provider.parseLogin(string(r.fields[1]))
		if err != nil {
			reject(1, "%s", err)
			continue
		}
		stated := login.String()
		before, twice := list.find(key)
		if !twice {
			before, twice = m.logins.stated(key)
		}
		switch {
		case !twice:
			list.add(key, stated)
			l.table.noteLogin(d)
		case before == stated:
			again.note(r, 0)
		default:
			reject(0, "the table or a list already states another login for it; keep one")
		}
	}
	again.warn(l, src)
}

// parseLoginKey reads the address or @domain of a login, and returns the key under which
// the login is stored.
func parseLoginKey(s string) (key string, d Domain, err error) {
	if s != "" && s[0] == '@' {
		if d, err = ParseDomain(s[1:]); err != nil {
			return "", Domain{}, err
		}
		return "@" + d.ascii, d, nil
	}
	a, err := ParseAddress(s)
	if err != nil {
		return "", Domain{}, err
	}
	return a.key(), a.domain, nil
}

// isPair reports whether a row has two fields of sensible length. It rejects the row if
// not.
func (r *row) isPair(reject func(int, string, ...any), what string) bool {
	const maxWord = 1024 // longer than any name, and short enough to check
	switch {
	case r.count > 0 && len(r.fields[0]) > maxWord:
		reject(0, "this word is longer than any name")
		return false
	case r.count > 1 && len(r.fields[1]) > maxWord:
		reject(1, "this word is longer than any name")
		return false
	case r.count < 2:
		reject(1, "incomplete line; write %s", what)
	case r.count > 2:
		reject(1, "too many words in the line; write %s", what)
	}
	return r.count == 2
}

func (r *records) hasRoom(reject func(int, string, ...any)) bool {
	if r.full() {
		reject(0, "the lists are larger than %d GiB in total; serve domains by their MX, with --recognise-mx", (math.MaxUint32+1)>>30)
	}
	return !r.full()
}

// repeats counts the lines of a list that repeat an earlier one. That is
// harmless, and worth one warning.
type repeats struct {
	what         string
	line, column int // of the first
	count        int
}

func (a *repeats) note(r row, field int) {
	if a.count++; a.count == 1 {
		a.line, a.column = r.line, r.column(field)
	}
}

func (a *repeats) warn(l *loader, src *source) {
	message := "this " + a.what + " is in the table or in a list already, with the same content"
	switch {
	case a.count == 0:
		return
	case a.count > 1:
		message += fmt.Sprintf("; so are %d more lines of the file", a.count-1)
	}
	l.table.warnings = append(l.table.warnings, Error{File: src.name, Line: a.line, Column: a.column, Message: message})
}
