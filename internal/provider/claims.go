package provider

import (
	"cmp"
	"fmt"
	"slices"
)

// A claim is a provider's statement that a domain, or the exchangers below it, are its
// own.
type claim struct {
	domain   Domain
	provider *Provider
	item     value
	mx       bool
}

func (c claim) layer() Layer { return c.item.src.layer }

// settleClaims gives each domain to the claim of the highest layer. Two claims in one
// layer are a mistake.
func (l *loader) settleClaims() {
	slices.SortStableFunc(l.claims, func(a, b claim) int { return cmp.Compare(a.layer(), b.layer()) })
	for _, c := range l.claims {
		if c.mx {
			l.settleMX(c)
		} else {
			l.settleDomain(c)
		}
	}
}

func (l *loader) settleDomain(c claim) {
	e, taken := l.table.domains[c.domain]
	switch {
	case taken && e.layer == c.layer():
		l.reject(c.item, "%s already belongs to provider %s; a domain has one provider", c.domain, e.provider.ID)
		return
	case taken:
		l.takeovers.note(e.provider, c.provider, c.item.keyPlace(), c.domain)
	}
	l.table.domains[c.domain] = entry{provider: c.provider, class: ClassOwn, layer: c.layer()}
}

func (l *loader) settleMX(c claim) {
	if other, taken := l.table.byMX[c.domain]; taken && l.mxLayers[c.domain] == c.layer() {
		l.reject(c.item, "%s is already an MX suffix of provider %s; an MX has one provider", c.domain, other.ID)
		return
	}
	l.table.byMX[c.domain], l.mxLayers[c.domain] = c.provider, c.layer()
}

// settle removes from each provider the domains that went to a higher layer. A service
// that loses all its domains is dropped: the other entry is the same service.
func (l *loader) settle() {
	t := l.table
	t.providers = slices.DeleteFunc(slices.Clone(t.providers), func(p *Provider) bool {
		first, superseded := p.Domains, len(p.Domains) > 0 && !l.hosts[p]
		p.Domains = slices.DeleteFunc(slices.Clone(p.Domains), func(d Domain) bool { return t.domains[d].provider != p })
		p.MX = slices.DeleteFunc(slices.Clone(p.MX), func(d Domain) bool { return t.byMX[d] != p })
		for _, d := range first {
			superseded = superseded && t.domains[d].provider != p && t.domains[d].class == ClassOwn
		}
		if !superseded {
			p.settleIdentifier(first)
			return false
		}
		for _, d := range p.MX {
			delete(t.byMX, d)
		}
		delete(t.byID, p.ID)
		return true
	})
}

// settleIdentifier chooses the identifier if the table states none.
func (p *Provider) settleIdentifier(first []Domain) {
	for _, list := range [][]Domain{p.Domains, first, p.MX} {
		if p.Identifier.IsZero() && len(list) > 0 {
			p.Identifier = list[0]
		}
	}
}

// takeovers records who took domains from whom, for one line each.
type takeovers struct {
	list  []takeover
	index map[[2]*Provider]int
}

type takeover struct {
	from, to *Provider
	at       place // of the first
	domain   Domain
	more     int
}

func (o *takeovers) note(from, to *Provider, at place, d Domain) {
	pair := [2]*Provider{from, to}
	if i, known := o.index[pair]; known {
		o.list[i].more++
		return
	}
	if o.index == nil {
		o.index = make(map[[2]*Provider]int)
	}
	o.index[pair] = len(o.list)
	o.list = append(o.list, takeover{from: from, to: to, at: at, domain: d})
}

// notes describes each takeover in one line. The table has only the services that are
// left.
func (o *takeovers) notes(t *Table) (all Errors) {
	for _, one := range o.list {
		text := one.domain.String() + " is"
		if one.more > 0 {
			text = fmt.Sprintf("%s and %d more domains are", one.domain, one.more)
		}
		rest := ""
		if t.byID[one.from.ID] != one.from {
			rest = "; nothing is left of " + one.from.ID + ", so it is not served"
		}
		all = append(all, one.at.say("%s at provider %s here, and no longer at %s (%s)%s", text, one.to.ID, one.from.ID, one.from.Layers[len(one.from.Layers)-1], rest))
	}
	return all
}

// noteReplaced says which imported entries have the id of a built-in one. They are not
// merged: facts with and without sources must not mix.
func (l *loader) noteReplaced(t tables) (all Errors) {
	for _, root := range t.imported {
		for p := range root.field("providers").fields() {
			if t.builtin.field("providers").field(p.key.Value).node != nil {
				all = append(all, p.keyPlace().say("%s is a built-in provider; this entry is not used", p.key.Value))
			}
		}
	}
	return all
}

// noteRestated says which domains a table states differently from an earlier
// one.
func noteRestated(own []value) (all Errors) {
	if len(own) < 2 {
		return nil
	}
	before := make(map[string]value)
	for _, root := range own {
		var first place
		var older string
		domain, more := "", 0
		for v := range root.field("domains").fields() {
			d := v.key.Value
			if under, stated := before[d]; stated && !sameContent(under.node, v.node) {
				if domain == "" {
					domain, older, first = d, under.src.name, v.keyPlace()
				} else {
					more++
				}
			}
			before[d] = v
		}
		if domain == "" {
			continue
		}
		text := quote(domain) + " is"
		if more > 0 {
			text = fmt.Sprintf("%s and %d more domains are", quote(domain), more)
		}
		all = append(all, first.say("%s in %s, too; this one counts", text, older))
	}
	return all
}
