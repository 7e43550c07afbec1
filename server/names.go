package server

import (
	"iter"
	"net/http"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
)

// Names yields the host names that should have a certificate: those that clients use for
// the operator's domains, and that of the public URL. Only the mail services can point
// names below their own domains here.
func (s *Server) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		if name := s.cfg.PublicURL.Domain(); !name.IsZero() && !yield(name.String()) {
			return
		}
		table := s.state.Load().table
		for d := range table.Hosted() {
			m, ok := table.ByDomain(d)
			if !ok {
				continue
			}
			for _, label := range labelsOf(m.Provider()) {
				if name := d.Child(label); !name.IsZero() && !yield(name.String()) {
					return
				}
			}
		}
	}
}

// HostedDomains yields the operator's own domains.
func (s *Server) HostedDomains() iter.Seq[provider.Domain] { return s.state.Load().table.Hosted() }

// labelsOf returns the labels at which clients ask for a service's settings.
func labelsOf(p *provider.Provider) []string {
	if p.TakesPassword() {
		return []string{document.AutoconfigLabel, document.AutodiscoverLabel}
	}
	return []string{document.AutoconfigLabel}
}

// Certifiable reports whether a name may have a certificate. It makes no look-ups: an
// unlisted domain counts only if it was recognised by its mail exchanger earlier.
func (s *Server) Certifiable(name string) bool {
	host, err := provider.ParseDomain(name)
	if err != nil {
		return false
	}
	if host == s.cfg.PublicURL.Domain() {
		return true
	}
	d := document.MailDomain(host)
	p, ok := s.hostedAt(d)
	if !ok {
		return false
	}
	for _, label := range labelsOf(p) {
		if host == d.Child(label) {
			return true
		}
	}
	return false
}

// hostedAt returns the service of a hosted domain, without a look-up.
func (s *Server) hostedAt(d provider.Domain) (*provider.Provider, bool) {
	table := s.state.Load().table
	if m, ok := table.ByDomain(d); ok {
		return m.Provider(), m.Class() == provider.ClassHosted
	}
	if s.cfg.Recogniser == nil {
		return nil, false
	}
	exchanger, ok := s.cfg.Recogniser.Remembered(d)
	if !ok {
		return nil, false
	}
	return table.ByMX(exchanger)
}

// tlsAsk tells Caddy whether it may obtain a certificate for a name
// (https://caddyserver.com/docs/automatic-https#on-demand-tls). A refusal is 403, because
// 404 is the answer of a server without --tls-ask.
func (s *Server) tlsAsk(w http.ResponseWriter, r *http.Request) {
	if !s.Certifiable(r.URL.Query().Get("domain")) {
		writeJSON(w, http.StatusForbidden, map[string]bool{"allowed": false})
		return
	}
	writeJSON(w, http.StatusOK, map[string]bool{"allowed": true})
}
