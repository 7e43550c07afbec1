package provider

import (
	"maps"
	"slices"

	"gopkg.in/yaml.v3"
)

// readHosted reads an entry of domains:, in its short form (a provider's id) or
// its long form (with logins).
func (l *loader) readHosted(v value) {
	if v.missing() {
		return
	}
	d, err := ParseDomain(v.key.Value)
	if err != nil {
		l.rejectKey(v, "%s is no domain name: %s", quote(v.key.Value), reason(err, ErrDomain))
	}
	provider, rest := v, map[string]value(nil)
	if v.node.Kind == yaml.MappingNode {
		rest = l.mapping(v, "provider", "login", "logins")
		l.require(v, rest, "provider", "the id of the mail service")
		provider = rest["provider"]
	}
	if !l.isKind(provider, yaml.ScalarNode) {
		return
	}
	p := l.providerNamed(provider.node.Value, func(format string, args ...any) { l.reject(provider, format, args...) })
	if d.IsZero() || p == nil {
		return
	}
	l.host(d, p, l.readLogins(rest, d, p), func(format string, args ...any) { l.rejectKey(v, format, args...) })
}

func (l *loader) providerNamed(id string, reject func(string, ...any)) *Provider {
	p, ok := l.table.byID[id]
	if !ok {
		known := slices.Sorted(maps.Keys(l.table.byID))
		reject("there is no provider %s%s", quote(id), didYouMean(id, known))
	}
	return p
}

// host enters a domain at a provider.
func (l *loader) host(d Domain, p *Provider, extra *logins, reject func(string, ...any)) {
	e, taken := l.table.domains[d]
	switch {
	case taken && e.provider != p:
		reject("%s belongs to provider %s already; a domain has one provider", d, e.provider.ID)
		return
	case taken && !p.OwnsDomain(d), taken && e.extra != nil:
		reject("%s is in the table already, in another spelling; keep one", d)
		return
	case !taken:
		l.table.hosted = append(l.table.hosted, d)
	}
	l.table.domains[d] = entry{provider: p, extra: extra}
}

// readLogins reads the logins of a domain; nil if there are none.
func (l *loader) readLogins(fields map[string]value, d Domain, p *Provider) *logins {
	one, many := fields["login"], fields["logins"]
	if one.missing() && many.missing() {
		return nil
	}
	all := &logins{domain: l.login(one, p), byAddress: make(map[Address]Address)}
	if !l.isKind(many, yaml.MappingNode) {
		return all
	}
	for v := range many.fields() {
		a, err := ParseAddress(v.key.Value)
		login := l.login(v, p)
		switch _, twice := all.byAddress[a.Folded()]; {
		case err != nil:
			l.rejectKey(v, "the key is %s", err)
		case a.Domain() != d:
			l.rejectKey(v, "the address is not in %s; move it to its own domain", d)
		case twice:
			l.rejectKey(v, "the address is mapped already, in another letter case; keep one")
		default:
			all.byAddress[a.Folded()] = login
		}
	}
	return all
}

// login reads the address with which somebody logs in at a provider.
func (l *loader) login(v value, p *Provider) Address {
	if !l.isKind(v, yaml.ScalarNode) {
		return Address{}
	}
	login, err := ParseAddress(v.node.Value)
	if err != nil {
		l.reject(v, "the login is %s", err)
		return Address{}
	}
	if !p.IsLogin(login.Domain()) {
		l.reject(v, "the login must be an address at one of %v, the login domains of provider %s", p.LoginDomains, p.ID)
	}
	return login
}
