package server

import (
	"errors"
	"net/http"
	"strings"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/templates/page"
)

// redirectMark is the parameter by which redirectPlainHTTP recognises its own target.
const redirectMark = "secure"

// redirectPlainHTTP sends a client that came by plain http to https on the same name.
// Outlook's fourth step is a GET that expects 302 (MS-OXDISCO 3.1.5.4); Thunderbird
// sends a POST, and only 307 keeps its body. The name comes from the table, never
// from the request.
//
// The target carries a mark, and a request with the mark is always answered. If
// TLS ends one hop before the proxy, the proxy always reports http, and its
// clients would otherwise loop.
func redirectPlainHTTP(x *exchange, status int) bool {
	name, ok := x.secureName(document.AutodiscoverLabel)
	if !ok {
		return false
	}
	x.w.Header().Set("Location", "https://"+name.String()+document.AutodiscoverPath+"?"+redirectMark+"=1")
	x.write(answer{status: status, cache: document.CacheNoStore})
	return true
}

// secureName returns the name to which a client that came by plain http may be sent: a
// domain of the table, with the label that it asked, if any.
func (x *exchange) secureName(labels ...string) (provider.Domain, bool) {
	if !x.from.plainHTTP || hasParam(x.r.URL.RawQuery, redirectMark) {
		return provider.Domain{}, false
	}
	host := x.host()
	m, ok := x.lookup(document.MailDomain(host))
	if !ok {
		return provider.Domain{}, false
	}
	names := []provider.Domain{m.Domain()}
	for _, label := range labels {
		names = append(names, m.Domain().Child(label))
	}
	for _, name := range names {
		if name == host && !name.IsZero() {
			return name, true
		}
	}
	return provider.Domain{}, false
}

// lostPath leads to the page for an unknown path.
const lostPath = "/lost"

// insecure reports whether a person came by plain http although this server ends TLS. The
// target of a redirect never counts.
func (s *Server) insecure(x *exchange) bool {
	return s.cfg.TLS != nil && x.from.plainHTTP && !hasParam(x.r.URL.RawQuery, redirectMark)
}

// redirectPage sends a person who came by plain http to the same page by https, where
// this server ends TLS, because what they type and the page for their address are
// private. 308 keeps a form, and the domain and language of a link go along.
func (s *Server) redirectPage(x *exchange) bool {
	path := x.r.URL.EscapedPath()
	if strings.Contains(x.r.URL.Path, "@") { // a mistyped link
		path = lostPath
	}
	return s.redirectPerson(x, path)
}

// redirectLost does the same for an unknown path, whose answer also has a form. The path
// is not repeated, because it may be a mistyped link with an address.
func (s *Server) redirectLost(x *exchange) bool { return s.redirectPerson(x, lostPath) }

// redirectBrowser does the same at a path where machines ask as well. Those get their
// answer: device management and scripts may not follow redirects.
func (s *Server) redirectBrowser(x *exchange, path string) bool {
	return acceptsHTML(x.r) && s.redirectPerson(x, path)
}

// redirectError does the same before a page that says what is wrong: it has a form, too.
// The query is not repeated, because it may hold an address.
func (s *Server) redirectError(x *exchange, err error) bool {
	path := x.c.Path()
	switch {
	case errors.Is(err, errNotFound) && !isLostBrowser(x.r):
		return false // not a page
	case errors.Is(err, errNotFound), strings.Contains(path, ":"): // a pattern
		path = lostPath
	}
	return s.redirectBrowser(x, path)
}

func (s *Server) redirectPerson(x *exchange, path string) bool {
	if !s.insecure(x) {
		return false
	}
	base := s.cfg.PublicURL.String()
	if !s.cfg.PublicURL.HTTPS() {
		name, ok := x.secureName(document.AutoconfigLabel, document.AutodiscoverLabel)
		if !ok {
			return false
		}
		base = "https://" + name.String()
	}
	location := base + path + "?" + redirectMark + "=1"
	if d := linkedDomain(x.r.URL.RawQuery); !d.IsZero() {
		location += "&" + page.FieldDomain + "=" + d.String()
	}
	if c := x.language(); c.Asked {
		location += "&" + page.FieldLanguage + "=" + c.Language.String()
	}
	x.w.Header().Set("Location", location)
	x.write(answer{status: http.StatusPermanentRedirect, cache: document.CacheNever})
	return true
}

// strictTransport is a year, without subdomains, because the operator may have hosts
// below the name that use http.
const strictTransport = "max-age=31536000"

// secure sends HSTS at the name of the public URL, if this server ends TLS. For a mail
// domain's own names, the owner must decide that.
func (s *Server) secure(x *exchange) {
	if s.cfg.TLS == nil || x.r.TLS == nil || !s.cfg.PublicURL.HTTPS() {
		return
	}
	if name := s.cfg.PublicURL.Domain(); !name.IsZero() && hostDomain(x.r.Host) == name {
		x.w.Header().Set("Strict-Transport-Security", strictTransport)
	}
}
