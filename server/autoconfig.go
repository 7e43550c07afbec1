package server

import (
	"strings"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
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
	return x.send(document.Autoconfig, m.Account(a))
}

// ispdb answers /v1.1/DOMAIN, the layout of Thunderbird's own database, for
// clients whose mailnews.auto_config_url points here. The name may also be that
// of a mail exchanger: Thunderbird asks for the MX's domain when it knows no
// settings for the address's own. It must be exactly the name in the table: a name
// below it may be anybody's.
func (s *Server) ispdb(x *exchange) error {
	x.basis.Decision = document.ByPath
	name := strings.TrimSuffix(x.c.Param("domain"), ".xml")
	d, err := provider.ParseDomain(name)
	if err != nil {
		return errUnknownDomain
	}
	// What the table knows needs no resolver.
	if _, listed := x.state.table.ByDomain(d); !listed {
		if p, ok := x.state.table.ByMXName(d); ok {
			m := provider.HostedAt(p, d)
			x.provider, x.class = p.ID, m.Class()
			return x.send(document.Autoconfig, m.Account(provider.Address{}))
		}
	}
	if m, ok := x.lookup(d); ok {
		return x.send(document.Autoconfig, m.Account(provider.Address{}))
	}
	return errUnknownDomain
}
