package server

import (
	"strings"

	"mailsetup/internal/provider"
	"mailsetup/templates"
)

// autoconfig answers the config-v1.1 URLs of a mail domain. A missing, false or
// malformed address is never an error here: Thunderbird for Android sends none,
// Evolution sends EVOLUTIONUSER@, others a placeholder they did not fill in.
func (s *Server) autoconfig(x *exchange) error {
	a, _ := queryAddress(x.r.URL.RawQuery, "emailaddress")
	m, a, err := x.match(a)
	if err != nil {
		return err
	}
	return sendAutoconfig(x, m, a)
}

// ispdb answers /v1.1/DOMAIN, the layout of Thunderbird's own database, for
// clients whose mailnews.auto_config_url points here. The name may also be that
// of a mail exchanger: Thunderbird asks for the MX's domain when it knows no
// settings for the address's own.
func (s *Server) ispdb(x *exchange) error {
	x.decide(byPath)
	name := strings.TrimSuffix(x.c.Param("domain"), ".xml")
	d, err := provider.ParseDomain(name)
	if err != nil {
		return errUnknownDomain
	}
	// What the table knows needs no resolver.
	if _, listed := x.state.table.ByDomain(d); !listed {
		if p, ok := x.state.table.ByMX(d); ok {
			m := provider.HostedAt(p, d)
			x.provider, x.class = p.ID, m.Class
			return sendAutoconfig(x, m, provider.Address{})
		}
	}
	if m, ok := x.lookup(d); ok {
		return sendAutoconfig(x, m, provider.Address{})
	}
	return errUnknownDomain
}

func sendAutoconfig(x *exchange, m provider.Match, a provider.Address) error {
	x.w.Header().Set("Access-Control-Allow-Origin", "*")
	if !m.HasStatedLogins() {
		d, err := x.state.autoconfigFor(m)
		if err != nil {
			return err
		}
		x.send(d)
		return nil
	}
	// Somebody's login depends on the address. No answer of the domain may be
	// kept, also not the one for nobody in particular: a cache that ignores the
	// query would hand one person's answer to another.
	body, err := templates.Autoconfig(m.Account(a))
	if err != nil {
		return err
	}
	x.send(&document{mediaType: templates.XMLType, body: body})
	return nil
}
