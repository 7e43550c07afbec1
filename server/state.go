package server

import (
	"fmt"
	"sync"

	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates"
	"mailsetup/templates/page"
)

// A state is everything that depends on the table: the table itself and the
// documents that depend on no address. It is immutable but for the cache by
// domain, which only ever adds what could be rendered again.
type state struct {
	table *provider.Table
	// autoconfig holds, by provider id, the document of those of the provider's
	// own domains whose addresses are logins; it is the same for all of them.
	autoconfig map[string]*document
	// profiles holds the generic profile of each provider, unsigned.
	profiles map[string]*document
	pages    *page.Pages
	form     *document // the page with the empty form
	byDomain domainCache
}

// newState renders every provider in every format, once, and the pages. A table of
// which one document cannot be made never goes live.
func newState(t *provider.Table, look pageLook) (*state, error) {
	st := &state{table: t, autoconfig: map[string]*document{}, profiles: map[string]*document{}}
	err := renderSamples(t, func(p *provider.Provider, kind sampleKind, f Format, body []byte) {
		switch {
		case kind == sampleGeneric && f == FormatAutoconfig:
			st.autoconfig[p.ID] = newDocument(templates.XMLType, body)
		case kind == sampleGeneric && f == FormatMobileconfig:
			st.profiles[p.ID] = newDocument(profiles.ContentType, body)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("the table cannot be served: %w", err)
	}
	if st.pages, st.form, err = newPages(t, look); err != nil {
		return nil, fmt.Errorf("the pages cannot be made: %w", err)
	}
	return st, nil
}

// autoconfigFor returns the document of a domain in which no login is mapped,
// rendering that of a hosted domain when it is first asked for, and so that of
// an own domain whose addresses are no logins.
func (st *state) autoconfigFor(m provider.Match) (*document, error) {
	if m.Class == provider.ClassOwn && m.Provider.IsLogin(m.Domain) {
		return st.autoconfig[m.Provider.ID], nil
	}
	if d, ok := st.byDomain.get(m.Domain); ok {
		return d, nil
	}
	xml, err := templates.Autoconfig(m.Account(provider.Address{}))
	if err != nil {
		return nil, err
	}
	d := newDocument(templates.XMLType, xml)
	st.byDomain.put(m.Domain, d)
	return d, nil
}

// maxByDomain bounds the cache of single domains' documents: at about 1.5 kB
// each, 6 MB. A hoster with a million domains renders the rest anew, which
// takes some ten microseconds.
const maxByDomain = 4096

type domainCache struct {
	mu        sync.RWMutex
	documents map[provider.Domain]*document
}

func (c *domainCache) get(d provider.Domain) (*document, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	doc, ok := c.documents[d]
	return doc, ok
}

func (c *domainCache) put(d provider.Domain, doc *document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.documents == nil {
		c.documents = make(map[provider.Domain]*document)
	}
	if len(c.documents) >= maxByDomain {
		for old := range c.documents { // any one will do
			delete(c.documents, old)
			break
		}
	}
	c.documents[d] = doc
}
