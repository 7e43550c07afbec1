package provider

import (
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"mailsetup/internal/spelling"
)

// readHosted reads an entry of domains:, in its short form (a provider's id) or
// its long form (with logins).
func (l *loader) readHosted(v value) {
	if v.missing() {
		return
	}
	d, err := ParseDomain(v.key.Value)
	if err != nil {
		l.rejectKey(v, "%s: %s", quote(v.key.Value), err)
	}
	id, fields := v, map[string]value(nil)
	if v.node.Kind == yaml.MappingNode {
		fields = l.mapping(v, "provider", "login", "logins")
		l.require(v, fields, "provider", "the id of the mail service, such as icloud")
		id = fields["provider"]
	}
	name := l.line(id, maxID)
	if name == "" {
		return
	}
	p := l.providerNamed(name, func(format string, args ...any) { l.reject(id, format, args...) })
	logins := l.readLogins(fields, d, p)
	if !d.IsZero() && p != nil {
		l.host(d, p, logins, v.keyPlace())
	}
}

func (l *loader) providerNamed(id string, reject func(string, ...any)) *Provider {
	p := l.table.byID[id]
	if p == nil && len(l.table.byID) > 0 { // if there are none, providers: is the mistake
		if l.full() {
			reject("unknown provider") // is only counted
			return nil
		}
		var known []string
		for _, p := range l.table.providers {
			known = append(known, p.ID)
		}
		hint := spelling.Hint(id, known)
		if hint == "" {
			hint = "; the table has " + strings.Join(known, ", ")
		}
		reject("unknown provider %s%s", quote(id), hint)
	}
	return p
}

// host adds one of the operator's domains to a provider. A provider's own
// domain may be added again to state logins.
func (l *loader) host(d Domain, p *Provider, logins *logins, at place) bool {
	e, taken := l.table.domains[d]
	switch {
	case taken && e.provider != p && e.layer < at.src.layer:
		l.takeovers.note(e.provider, p, at, d)
		e = entry{class: ClassHosted}
		l.table.hosted = append(l.table.hosted, d)
	case taken && e.provider != p && e.class == ClassOwn:
		l.rejectAt(at, "%s is one of provider %s's own domains; a domain has one provider", d, e.provider.ID)
		return false
	case taken && e.provider != p:
		l.rejectAt(at, "%s is in the table already, at provider %s; a domain has one provider", d, e.provider.ID)
		return false
	case taken && (e.class == ClassHosted || e.logins != nil):
		l.rejectAt(at, "%s is in the table already, in another spelling; keep one", d)
		return false
	case !taken:
		e.class = ClassHosted
		l.table.hosted = append(l.table.hosted, d)
	}
	e.provider, e.logins, e.layer = p, logins, at.src.layer
	l.table.domains[d] = e
	l.hosts[p] = true
	return true
}

// readLogins reads the logins of a domain; nil if there are none. The provider
// may be nil, if it is unknown.
func (l *loader) readLogins(fields map[string]value, d Domain, p *Provider) *logins {
	one, many := fields["login"], fields["logins"]
	if one.missing() && many.missing() {
		return nil
	}
	all := &logins{domain: l.readLogin(one, p), byAddress: make(map[Address]StatedLogin)}
	if !l.isKind(many, yaml.MappingNode) {
		return all
	}
	for v := range many.fields() {
		login := l.readLogin(v, p)
		a, err := ParseAddress(v.key.Value)
		_, twice := all.byAddress[a.Folded()]
		switch {
		case err != nil:
			l.rejectKey(v, "%s", err)
		case !d.IsZero() && a.Domain() != d:
			l.rejectKey(v, "the address is not at %s; move it to its own domain", d)
		case twice:
			l.rejectKey(v, "this address, in different letter case, already has a login; keep one")
		default:
			all.byAddress[a.Folded()] = login
		}
	}
	return all
}

// readLogin reads somebody's login at a provider.
func (l *loader) readLogin(v value, p *Provider) StatedLogin {
	if !l.isKind(v, yaml.ScalarNode) {
		return StatedLogin{}
	}
	login, err := p.parseLogin(v.node.Value)
	if err != nil {
		l.reject(v, "%s", err)
	}
	return login
}

// parseLogin is ParseLogin for tables and lists: its errors say how to fix the
// mistake, and it also refuses a login that Thunderbird would change. The provider may
// be nil, if it is unknown.
func (p *Provider) parseLogin(s string) (StatedLogin, error) {
	if p == nil || len(p.IMAP) == 0 || len(p.SMTP) == 0 {
		return StatedLogin{}, nil // reported
	}
	login, err := p.ParseLogin(s)
	switch {
	case errors.Is(err, ErrLoginElsewhere):
		return StatedLogin{}, fmt.Errorf("logins of provider %[2]s are addresses at %[1]s; use the person's address there, or add the login's domain to the provider's login.domains", joinDomains(p.LoginDomains), p.ID)
	case errors.Is(err, ErrAccountName):
		return StatedLogin{}, err
	case isFault(err, AddressMissingAt):
		return StatedLogin{}, fmt.Errorf("the login must be an address at the provider: %w; if account names are logins, set login: {any: true} for provider %s", err, p.ID)
	case err != nil:
		return StatedLogin{}, fmt.Errorf("the login must be an address at the provider: %w", err)
	case readAsNumber(login.name(p.Incoming().Username).text) || readAsNumber(login.name(p.Outgoing().Username).text):
		return StatedLogin{}, errors.New("this login would be misread: Thunderbird takes it for a number or for true or false, and changes it; remove the line, and people are asked for their login")
	}
	return login, nil
}

func isFault(err error, fault AddressFault) bool {
	refused, ok := errors.AsType[*AddressError](err)
	return ok && refused.Fault == fault
}

func joinDomains(list []Domain) string {
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = d.String()
	}
	return strings.Join(names, ", ")
}
