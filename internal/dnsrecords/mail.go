package dnsrecords

import (
	"fmt"
	"strings"

	"mailsetup/internal/provider"
)

// addMailServers names the same servers as machine documents, for clients that look up
// servers in DNS.
//
// An SRV record cannot carry a login. If an address of the domain is not a login, a client
// that prefers these records to a document, as aerc does
// (https://git.sr.ht/~rjarry/aerc, autoconfig.go), loses the login that the document
// states. So the records are optional there.
func (s *Set) addMailServers() error {
	necessity := Recommended
	if !s.Provider.IsLogin(s.Domain) {
		necessity = Optional
		s.remark("%s cannot carry a login, and an address at %s is not one. With these records, aerc logs in with the address, even if your table states the login. Only clients that read no settings file, such as Claws Mail, need them.",
			s.mailServerNames(), s.Domain)
	}
	for _, m := range []struct {
		server  provider.MailServer
		purpose string
	}{
		{s.Provider.Incoming(), "names the IMAP server to clients that ask DNS, such as Claws Mail"},
		{s.Provider.Outgoing(), "names the server for outgoing mail to the same clients"},
	} {
		name, err := service(m.server.Protocol, m.server.Security)
		if err != nil {
			return err
		}
		s.add(name, SRV{0, 1, m.server.Port, m.server.Host}, necessity, m.purpose)
	}
	return nil
}

// mailServerNames lists the records of addMailServers for use in a sentence.
func (s *Set) mailServerNames() string {
	var names []string
	for _, server := range []provider.MailServer{s.Provider.Incoming(), s.Provider.Outgoing()} {
		if name, err := service(server.Protocol, server.Security); err == nil {
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}

// service returns the SRV name of a kind of mail server (RFC 6186, section 3;
// RFC 8314, section 5.1).
func service(protocol provider.Protocol, security provider.Security) (string, error) {
	switch {
	case protocol == provider.IMAP && security == provider.TLS:
		return "_imaps._tcp", nil
	case protocol == provider.IMAP && security == provider.StartTLS:
		return "_imap._tcp", nil
	case protocol == provider.SMTP && security == provider.TLS:
		return "_submissions._tcp", nil
	case protocol == provider.SMTP && security == provider.StartTLS:
		return "_submission._tcp", nil
	}
	return "", fmt.Errorf("no SRV name for %s with %s", protocol, security)
}

// addNegative says which services are not offered (RFC 6186, section 3.4). For IMAP, that
// is the kind for which the service has no server.
func (s *Set) addNegative() {
	offered := make(map[provider.Security]bool)
	for _, server := range s.Provider.IMAP {
		offered[server.Security] = true
	}
	if !offered[provider.StartTLS] {
		s.add("_imap._tcp", SRV{}, Optional, "says that there is no IMAP without TLS from the start")
	}
	if !offered[provider.TLS] {
		s.add("_imaps._tcp", SRV{}, Optional, "says that there is no IMAP with TLS from the start")
	}
	const noPOP = "says that there is no POP"
	s.add("_pop3._tcp", SRV{}, Optional, noPOP)
	s.add("_pop3s._tcp", SRV{}, Optional, noPOP)
}

// addCheckList adds the records that the mail service asks the owner to publish.
func (s *Set) addCheckList() {
	p := s.Provider
	for _, mx := range p.DNS.MX {
		s.add("", MX{mx.Preference, mx.Host}, CheckOnly, "brings mail to "+p.Name)
	}
	if p.DNS.SPF != "" {
		s.add("", TXT{p.DNS.SPF}, CheckOnly, "allows "+p.Name+" to send; a domain may have only one SPF record, so add this to yours if you have one")
	}
	for _, k := range p.DNS.DKIM {
		if target := k.TargetOf(s.Domain); !target.IsZero() {
			s.add(k.Selector+"._domainkey", CNAME{target}, CheckOnly, "lets receivers verify the signatures of "+p.Name)
		}
	}
	if len(s.ToCheck()) == 0 {
		return
	}
	more := ""
	if !p.Help.CustomDomain.IsZero() {
		more = " " + p.Help.CustomDomain.String()
	}
	s.remark("The records to check belong to %s. If they differ from what %s shows you, %s is right; it may also ask for a TXT record that proves that the domain is yours.%s", p.Name, p.Name, p.Name, more)
}
