package provider

import (
	"iter"
	"slices"
)

// A Table is what an operator serves: mail services, and the domains hosted at
// them. It never changes after loading and is safe for concurrent use; a look-up
// costs the same with one domain and with a million.
type Table struct {
	providers []*Provider // in table order
	byID      map[string]*Provider
	domains   map[Domain]entry
	hosted    []Domain // in table order
	operator  Operator
	sources   LoadConfig // for YAML
	flags     []Domain   // those of hosted that only a flag gave
}

// An Operator is who runs this server, as people are told. Both fields may be
// zero.
type Operator struct {
	Name string
	// Support is where people get help.
	Support Link
}

// entry is what the table says about one domain; logins is nil for all but the
// few domains that have some, which keeps a million entries small.
type entry struct {
	provider *Provider
	logins   *logins
	class    Class
}

type logins struct {
	domain    Address             // one login for the whole domain, or zero
	byAddress map[Address]Address // folded address to login
}

// A Match is a domain that the table serves.
type Match struct {
	Provider *Provider
	Domain   Domain
	Class    Class
	logins   *logins
}

// Providers returns the mail services in table order.
func (t *Table) Providers() []*Provider { return slices.Clone(t.providers) }

// Operator returns who runs this server.
func (t *Table) Operator() Operator { return t.operator }

// Provider returns the mail service with the given id.
func (t *Table) Provider(id string) (*Provider, bool) {
	p, ok := t.byID[id]
	return p, ok
}

// Hosted yields the operator's own domains in table order.
func (t *Table) Hosted() iter.Seq[Domain] { return slices.Values(t.hosted) }

// HostedCount returns how many domains Hosted yields.
func (t *Table) HostedCount() int { return len(t.hosted) }

// DomainsWithLogins returns for how many domains the table states logins, which anyone
// who knows an address there can ask for.
func (t *Table) DomainsWithLogins() int {
	n := 0
	for _, e := range t.domains {
		if e.logins != nil {
			n++
		}
	}
	return n
}

// ByDomain looks up a domain by exact name.
func (t *Table) ByDomain(d Domain) (Match, bool) {
	e, ok := t.domains[d]
	if !ok {
		return Match{}, false
	}
	return Match{Provider: e.provider, Domain: d, Class: e.class, logins: e.logins}, true
}

// ByMX returns the mail service to which a mail exchanger belongs, by whole
// labels. The longest suffix wins.
func (t *Table) ByMX(host Domain) (*Provider, bool) {
	var found *Provider
	longest := 0
	for _, p := range t.providers {
		for _, suffix := range p.MX {
			if n := len(suffix.ascii); n > longest && host.Within(suffix) {
				found, longest = p, n
			}
		}
	}
	return found, found != nil
}

// HostedAt returns the match of a domain that is not in the table but known, by
// its mail exchanger, to be hosted at p.
func HostedAt(p *Provider, d Domain) Match {
	return Match{Provider: p, Domain: d, Class: ClassHosted}
}

// Account resolves the match for an address, or with the zero Address for
// nobody in particular. The address's own domain must be m.Domain.
func (m Match) Account(a Address) Account {
	kind, from := LoginUnknown, a
	switch login, mapped := m.login(a); {
	case mapped:
		kind, from = LoginStated, login
	case m.Provider.IsLogin(m.Domain):
		kind = LoginFromAddress
	}
	acc := m.Provider.account(Login{Kind: kind}, a, from)
	acc.Domain, acc.Class = m.Domain, m.Class
	return acc
}

// HasStatedLogins reports whether the operator's table maps any login in the domain.
func (m Match) HasStatedLogins() bool { return m.logins != nil }

func (m Match) login(a Address) (Address, bool) {
	if m.logins == nil {
		return Address{}, false
	}
	if l, ok := m.logins.byAddress[a.Folded()]; ok && !a.IsZero() {
		return l, true
	}
	return m.logins.domain, !m.logins.domain.IsZero()
}
