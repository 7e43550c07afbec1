package provider

import "iter"

// A domainList holds the domains of plain lists, all of them [ClassHosted].
type domainList struct {
	records    // the key is the domain
	providers  []*Provider
	withLogins int // domains for which a list states logins
}

// What follows the key of a domain: the index of its provider in the table, in
// three octets, whose topmost bit says whether there are logins for the
// domain.
const (
	domainFact  = 3
	statesLogin = 0x80 // in the last of the three
)

func (l *domainList) add(domain string, provider int) {
	l.records.add(domain)
	l.text = append(l.text, byte(provider), byte(provider>>8), byte(provider>>16)) // fewer than 2^23: they come from YAML
}

// find returns the provider of a domain, and whether a list states logins for it.
func (l *domainList) find(domain string) (p *Provider, logins, ok bool) {
	if l == nil {
		return nil, false, false
	}
	at, ok := l.records.find(domain)
	if !ok {
		return nil, false, false
	}
	fact := l.text[at:][:domainFact]
	i := int(fact[0]) | int(fact[1])<<8 | int(fact[2]&^statesLogin)<<16
	return l.providers[i], fact[2]&statesLogin != 0, true
}

// noteLogin marks a domain of the list as one that has logins.
func (l *domainList) noteLogin(domain string) {
	if at, ok := l.records.find(domain); ok && l.text[at+domainFact-1]&statesLogin == 0 {
		l.text[at+domainFact-1] |= statesLogin
		l.withLogins++
	}
}

// all yields the domains in the order of the lists.
func (l *domainList) all() iter.Seq[Domain] {
	return func(yield func(Domain) bool) {
		if l == nil {
			return
		}
		for at := 0; at < len(l.text); {
			name := l.key(at)
			if !yield(Domain{ascii: name}) {
				return
			}
			at += 1 + len(name) + domainFact
		}
	}
}

func (l *domainList) len() int {
	if l == nil {
		return 0
	}
	return l.count
}

// A loginList holds the logins of plain lists.
type loginList struct {
	records // the key is the folded address, or @domain for a whole domain
}

func (l *loginList) add(key, login string) {
	l.records.add(key)
	l.text = append(append(l.text, byte(len(login))), login...)
}

// find returns the login for a key as it was written.
func (l *loginList) find(key string) (login string, ok bool) {
	if l == nil {
		return "", false
	}
	at, ok := l.records.find(key)
	if !ok {
		return "", false
	}
	return l.loginAt(at), true
}

func (l *loginList) loginAt(at int) string {
	return string(l.text[at+1 : at+1+int(l.text[at])])
}

// all yields the keys with their logins, in the order of the lists.
func (l *loginList) all() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if l == nil {
			return
		}
		for at := 0; at < len(l.text); {
			key := l.key(at)
			login := l.loginAt(at + 1 + len(key))
			if !yield(key, login) {
				return
			}
			at += 2 + len(key) + len(login)
		}
	}
}

// key returns the key under which the login of an address is stored.
func (a Address) key() string { return a.Folded().String() }
