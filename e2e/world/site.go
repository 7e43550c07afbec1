package world

import (
	"net/http"
	"strings"
)

// A Site is what the owner of one mail domain has published. The zero value,
// except for the name, is a domain with a web server that knows nothing.
type Site struct {
	// Domain is the mail domain as DNS writes it, in A-labels.
	Domain string
	// Autoconfig and Autodiscover say that the names autoconfig.Domain and
	// autodiscover.Domain exist and point to the server under test.
	Autoconfig, Autodiscover bool
	// WellKnown says that the domain's own web server forwards
	// /.well-known/autoconfig/ to the server under test.
	WellKnown bool
	// Listed says that the private settings database knows the domain.
	Listed bool
	// PlainOnly says that nothing listens on port 443 of any of its hosts.
	PlainOnly bool
	// MX is the domain's only mail exchanger; empty for none.
	MX string
	// Upstream is the address in this world of another server that the names
	// point to; empty for the server under test.
	Upstream string
	// Handler, if not nil, answers every request to the names instead of a server.
	Handler http.Handler
	// Spoil, if not nil, changes the answers of the server under test into
	// those of a faulty server.
	Spoil func(*http.Response, []byte) []byte
}

// hosts returns the names of the site.
func (s Site) hosts() []string {
	names := []string{s.Domain}
	if s.Autoconfig {
		names = append(names, "autoconfig."+s.Domain)
	}
	if s.Autodiscover {
		names = append(names, "autodiscover."+s.Domain)
	}
	return names
}

// serves reports whether a request to one of the site's hosts reaches the
// server under test.
func (s Site) serves(host, path string) bool {
	if host != s.Domain || s.Handler != nil {
		return true
	}
	return s.WellKnown && strings.HasPrefix(path, "/.well-known/autoconfig/")
}
