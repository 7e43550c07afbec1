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
	srvPurpose          = "points clients that ask DNS first, such as eM Client, to the name autodiscover"
	srvOnlyPurpose      = "points clients that read it, such as Outlook, eM Client and Thunderbird, to the server"
)

// addServer points the names that clients ask to the server.
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
		s.remark("Clients ask these names on ports 443 and 80, whatever port --public-url has: make the server or a proxy in front of it answer there.")
	}
	if s.autoconfigOnly() {
		s.remark("There are no records for Autodiscover: %s accepts no passwords from mail clients, so in Outlook people must choose the account type of %s. Leave existing Autodiscover records as they are.", s.Provider.Name, s.Provider.Name)
		return nil
	}
	for _, d := range data {
		s.add(autodiscover, d, Required, autodiscoverPurpose)
	}
	// The target of an SRV record must not be an alias (RFC 2782), so this needs
	// address records. It stays within the domain, because Thunderbird asks
	// the user before it follows one to another (ExchangeAutoDiscover.sys.mjs).
	if _, alias := data[0].(CNAME); !alias {
		s.add(autodiscoverSRV, SRV{0, 0, 443, s.Domain.Child(autodiscover)}, Optional, srvPurpose)
	}
	return nil
}

// autoconfigOnly reports whether there is nothing for Autodiscover clients to find.
func (s *Set) autoconfigOnly() bool { return !s.Provider.TakesPassword() }

// addServerSRV points clients to the server's own name.
func (s *Set) addServerSRV(server Target) error {
	if s.autoconfigOnly() {
		return fmt.Errorf("%w: an SRV record helps only Autodiscover clients, and there is no Autodiscover answer for %s, which accepts no passwords from mail clients; leave out --srv-only", ErrTarget, s.Provider.Name)
	}
	if server.Name.IsZero() {
		return fmt.Errorf("%w: an SRV record must point to a name; give the server's public name (--public-url)", ErrTarget)
	}
	if len(server.Addresses) > 0 {
		return fmt.Errorf("%w: an SRV record points to a name and cannot use IP addresses; leave them out, or leave out --srv-only", ErrTarget)
	}
	port := server.Port
	if port == 0 {
		port = 443
	}
	s.add(autodiscoverSRV, SRV{0, 0, port, server.Name}, Required, srvOnlyPurpose)
	s.remark("The server's name %s must have A or AAAA records of its own: an SRV record must not point to an alias (CNAME).", server.Name)
	if base := baseDomain(server.Name); base != baseDomain(s.Domain) {
		s.remark("Thunderbird asks its user before it follows the SRV record to %s, because that is another domain.", base)
	}
	s.remark("Clients that read no SRV records, such as Thunderbird for Android, Delta Chat and most others, find nothing. The names autoconfig.%s and autodiscover.%s work for all of them.", s.Domain, s.Domain)
	return nil
}
