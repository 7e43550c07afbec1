package provider

import (
	"iter"
	"slices"
	"strings"
)

// A Table is what an operator serves: mail services, and the domains hosted at
// them. It never changes after loading and is safe for concurrent use; a look-up
// costs the same with one domain and with a million.
type Table struct {
	providers []*Provider // in table order
	byID      map[string]*Provider
	byMX      map[Domain]*Provider // by each suffix
	domains   map[Domain]entry
	hosted    []Domain // in table order
	operator  Operator
	sources   LoadConfig // for YAML
	flags     []Domain   // those of hosted that only a flag gave

	listed       *domainList // nil without lists
	listedLogins *loginList
	warnings     Errors
	notes        Errors
}

// An Operator is the person or company that runs this server, as shown to people.
// Every field may be zero.
type Operator struct {
	Name string
	// Support is where people get help.
	Support Link
	// ShowDomains makes the setup page list the operator's own domains. Hosting
	// companies leave it off: their list would reveal their customers.
	ShowDomains bool
}

// entry is what the table says about one domain; logins is nil for all but the
// few domains that have some, which keeps a million entries small.
type entry struct {
	provider *Provider
	logins   *logins
	class    Class
	layer    Layer
	// listedLogins reports that a list states logins, whether or not there are others.
	listedLogins bool
}

type logins struct {
	domain    StatedLogin             // one login for the whole domain, or zero
	byAddress map[Address]StatedLogin // folded address to login
}

// A Match is a domain that is served. It comes from a look-up in a table or, for a
// recognised domain, from [HostedAt].
type Match struct {
	provider *Provider
	domain   Domain
	class    Class
	logins   *logins
	listed   *loginList // nil if no list states a login in the domain
}

// Provider returns the service that has the domain's mail; nil for the zero Match.
func (m Match) Provider() *Provider { return m.provider }

// Domain returns the domain.
func (m Match) Domain() Domain { return m.domain }

// Class returns whether the domain is the service's own or hosted there.
func (m Match) Class() Class { return m.class }

// Providers returns the mail services in table order.
func (t *Table) Providers() []*Provider { return slices.Clone(t.providers) }

// Operator returns who runs this server.
func (t *Table) Operator() Operator { return t.operator }

// Provider returns the mail service with the given id.
func (t *Table) Provider(id string) (*Provider, bool) {
	p, ok := t.byID[id]
	return p, ok
}

// Hosted yields the operator's own domains, those of the table in its order, then
// those of the lists in theirs.
func (t *Table) Hosted() iter.Seq[Domain] {
	return func(yield func(Domain) bool) {
		for _, d := range t.hosted {
			if !yield(d) {
				return
			}
		}
		t.listed.all()(yield)
	}
}

// OwnCount returns how many domains are the mail services' own.
func (t *Table) OwnCount() (n int) {
	for _, p := range t.providers {
		n += len(p.Domains)
	}
	return n
}

// HostedCount returns how many domains Hosted yields.
func (t *Table) HostedCount() int { return len(t.hosted) + t.listed.len() }

// Notes returns what tables of a higher layer took from those of a lower one.
func (t *Table) Notes() Errors { return slices.Clone(t.notes) }

// Warnings returns what is harmless in the table but may be a mistake.
func (t *Table) Warnings() Errors { return slices.Clone(t.warnings) }

// DomainsWithLogins returns for how many domains the table states logins, which anyone
// who knows an address there can ask for.
func (t *Table) DomainsWithLogins() int {
	n := 0
	for _, e := range t.domains {
		if e.logins != nil || e.listedLogins {
			n++
		}
	}
	if t.listed != nil {
		n += t.listed.withLogins
	}
	return n
}

// ByDomain looks up a domain by exact name, in the table and the lists.
func (t *Table) ByDomain(d Domain) (Match, bool) {
	if e, ok := t.domains[d]; ok {
		m := Match{provider: e.provider, domain: d, class: e.class, logins: e.logins}
		if e.listedLogins {
			m.listed = t.listedLogins
		}
		return m, true
	}
	p, logins, ok := t.listed.find(d.ascii)
	if !ok {
		return Match{}, false
	}
	m := Match{provider: p, domain: d, class: ClassHosted}
	if logins {
		m.listed = t.listedLogins
	}
	return m, true
}

// noteLogin records that a list states a login in a domain.
func (t *Table) noteLogin(d Domain) {
	if e, ok := t.domains[d]; ok {
		e.listedLogins = true
		t.domains[d] = e
		return
	}
	t.listed.noteLogin(d.ascii)
}

// ByMX returns the mail service to which a mail exchanger belongs, by whole
// labels. The longest suffix wins.
func (t *Table) ByMX(host Domain) (*Provider, bool) {
	for suffix, more := host.ascii, true; more; _, suffix, more = strings.Cut(suffix, ".") {
		if p, ok := t.byMX[Domain{ascii: suffix}]; ok {
			return p, true
		}
	}
	return nil, false
}

// ByMXName returns the mail service that has the name itself as a suffix of mail
// exchangers. Some clients ask for an exchanger's name without its first label.
func (t *Table) ByMXName(name Domain) (*Provider, bool) {
	p, ok := t.byMX[name]
	return p, ok
}

// HostedAt returns the match of a domain that is not in the table but known, by
// its mail exchanger, to be hosted at p.
func HostedAt(p *Provider, d Domain) Match {
	return Match{provider: p, domain: d, class: ClassHosted}
}

// Account resolves the match for an address, or without one for the zero
// Address. The address's own domain must be m.domain.
func (m Match) Account(a Address) Account {
	kind := LoginUnknown
	login, stated := m.login(a)
	switch {
	case stated:
		kind = LoginStated
	case m.provider.IsLogin(m.domain):
		kind, login = LoginFromAddress, LoginOf(a)
	}
	acc := m.provider.account(kind, a, login)
	acc.Domain, acc.Class = m.domain, m.class
	return acc
}

// HasStatedLogins reports whether the operator's table or a list states any login in the
// domain.
func (m Match) HasStatedLogins() bool { return m.logins != nil || m.listed != nil }

// login returns the login that is stated for an address: one for the address
// itself takes precedence over one for its domain.
func (m Match) login(a Address) (StatedLogin, bool) {
	if m.logins == nil && m.listed == nil {
		return StatedLogin{}, false
	}
	if !a.IsZero() {
		if m.logins != nil {
			if l, ok := m.logins.byAddress[a.Folded()]; ok {
				return l, true
			}
		}
		if l, ok := m.listedLogin(a.key()); ok {
			return l, true
		}
	}
	if m.logins != nil && !m.logins.domain.IsZero() {
		return m.logins.domain, true
	}
	return m.listedLogin("@" + m.domain.ascii)
}

// listedLogin returns what the lists state. The text was parsed when the list
// was loaded, so it is a login.
func (m Match) listedLogin(key string) (StatedLogin, bool) {
	text, ok := m.listed.find(key)
	if !ok {
		return StatedLogin{}, false
	}
	login, err := m.provider.ParseLogin(text)
	return login, err == nil
}

// stated returns the login for a key in the form used by lists.
func (l *logins) stated(key string) (login string, ok bool) {
	if l == nil {
		return "", false
	}
	if key[0] == '@' {
		return l.domain.String(), !l.domain.IsZero()
	}
	a, err := ParseAddress(key)
	if err != nil {
		return "", false
	}
	one, ok := l.byAddress[a]
	return one.String(), ok
}
