package dnsrecords

import (
	"fmt"

	"mailsetup/internal/provider"
)

// The names below a domain that clients ask over https.
const (
	autoconfig      = "autoconfig"
	autodiscover    = "autodiscover"
	autodiscoverSRV = "_autodiscover._tcp"
)

// What the records are for.
const (
	autoconfigPurpose   = "Thunderbird, K-9 Mail, Evolution, Delta Chat and others ask this name for settings"
	autodiscoverPurpose = "Outlook, eM Client and others ask this name for settings"
	srvPurpose          = "leads clients that ask DNS first, such as eM Client, to the name autodiscover"
	srvOnlyPurpose      = "leads clients that read it, such as Outlook, eM Client and Thunderbird, to the server"
)

// addServer leads the names that clients ask to the server.
func (s *Set) addServer(server Target) error {
	names := []provider.Domain{s.Domain.Child(autoconfig), s.Domain.Child(autodiscover)}
	if s.autoconfigOnly() {
		names = names[:1]
	}
	data, err := server.data(names...)
	if err != nil {
		return err
	}
	for _, d := range data {
		s.add(autoconfig, d, Required, autoconfigPurpose)
	}
	if server.Port != 0 && server.Port != 443 {
		s.remark("Clients ask these names on port 443, and on 80, whatever port --public-url has: let the server or a proxy in front of it answer there.")
	}
	if s.autoconfigOnly() {
		s.remark("There are no records for Autodiscover: %s takes no password from mail programs, so Outlook must be told that the account is one of %s. Leave such records as they are.", s.Provider.Name, s.Provider.Name)
		return nil
	}
	for _, d := range data {
		s.add(autodiscover, d, Required, autodiscoverPurpose)
	}
	// The target of an SRV record must be no alias (RFC 2782), so this goes with
	// address records alone. It stays within the domain, because Thunderbird asks
	// the user before it follows one to another (ExchangeAutoDiscover.sys.mjs).
	if _, alias := data[0].(CNAME); !alias {
		s.add(autodiscoverSRV, SRV{0, 0, 443, s.Domain.Child(autodiscover)}, Optional, srvPurpose)
	}
	return nil
}

// autoconfigOnly reports whether there is nothing for Outlook's family to find.
func (s *Set) autoconfigOnly() bool { return !s.Provider.TakesPassword() }

// addServerSRV leads clients to the server's own name.
func (s *Set) addServerSRV(server Target) error {
	if s.autoconfigOnly() {
		return fmt.Errorf("%w: an SRV record leads to Autodiscover alone, and there is none for %s, which takes no password from mail programs; leave --srv-only out", ErrTarget, s.Provider.Name)
	}
	if server.Name.IsZero() {
		return fmt.Errorf("%w: an SRV record leads to a name; give the server's public name (--public-url)", ErrTarget)
	}
	if len(server.Addresses) > 0 {
		return fmt.Errorf("%w: an SRV record leads to a name, so IP addresses are of no use with it; leave them out, or leave --srv-only out", ErrTarget)
	}
	port := server.Port
	if port == 0 {
		port = 443
	}
	s.add(autodiscoverSRV, SRV{0, 0, port, server.Name}, Required, srvOnlyPurpose)
	s.remark("The server's name %s must have A or AAAA records of its own: an SRV record must not lead to an alias (CNAME).", server.Name)
	if base := baseDomain(server.Name); base != baseDomain(s.Domain) {
		s.remark("Thunderbird asks its user before it follows the SRV record to %s, because that is another domain.", base)
	}
	s.remark("Clients that read no SRV record find nothing: Thunderbird for Android, Delta Chat and most others. The names autoconfig.%s and autodiscover.%s serve them all.", s.Domain, s.Domain)
	return nil
}
