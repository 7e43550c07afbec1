package ispdb

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mailsetup/internal/provider"
)

// domainPlaceholder is the placeholder for the address's domain in the names of hosts
// and of services.
const domainPlaceholder = "%EMAILDOMAIN%"

// servers converts the servers of one protocol, in their order. Those that the table
// cannot express are lost. If none is left, the reason is that of the first.
func (c *conversion) servers(protocol provider.Protocol, d provider.Domain, login provider.Username) (list []provider.MailServer, why Reason) {
	for i, e := range c.serverElements(protocol) {
		s, reason := c.server(e, protocol, i, d, login)
		switch {
		case reason == NoReason:
			list = append(list, s)
		case why == NoReason:
			why = reason
		}
		c.lose(serverName(protocol, i), reason)
	}
	switch {
	case len(list) > 0:
		return list, NoReason
	case why != NoReason:
		return nil, why
	case protocol == provider.IMAP:
		return nil, NoIMAP
	default:
		return nil, NoSMTP
	}
}

// serverElements returns the elements for one protocol.
func (c *conversion) serverElements(protocol provider.Protocol) []*element {
	name := "incomingServer"
	if protocol == provider.SMTP {
		name = "outgoingServer"
	}
	return slices.DeleteFunc(c.provider.all(name), func(e *element) bool { return e.attr("type") != protocol.String() })
}

func serverName(protocol provider.Protocol, i int) string {
	return fmt.Sprintf("%s server %d", strings.ToUpper(protocol.String()), i+1)
}

// server converts one server. login is the user name if it states none; zero if it
// must state one.
func (c *conversion) server(e *element, protocol provider.Protocol, i int, d provider.Domain, login provider.Username) (s provider.MailServer, why Reason) {
	s.Protocol = protocol
	if s.Security, why = security(e.value("socketType"), protocol); why != NoReason {
		return s, why
	}
	if s.Host, why = hostOf(e.value("hostname"), d); why != NoReason {
		return s, why
	}
	if s.Port, why = portOf(e.value("port")); why != NoReason {
		return s, why
	}
	if s.Username, why = username(e.value("username"), login); why != NoReason {
		return s, why
	}
	var unknown []string
	s.Auth, unknown = auths(e.all("authentication"))
	if s.Auth == (provider.Auths{}) {
		return s, NoAuth
	}
	for _, word := range unknown {
		c.lose(fmt.Sprintf("authentication %s of %s", quote(word), serverName(protocol, i)), UnknownAuth)
	}
	if s.Unusual = unusual[endpoint{protocol, s.Host.String(), s.Port, s.Security}]; s.Unusual {
		return s, NoReason
	}
	return s, slip(s)
}

func security(word string, protocol provider.Protocol) (provider.Security, Reason) {
	switch {
	case word == "SSL":
		return provider.TLS, NoReason
	case word == "STARTTLS":
		return provider.StartTLS, NoReason
	case word == "plain" && protocol == provider.SMTP:
		return 0, PlainSMTP
	case word == "plain":
		return 0, PlainIMAP
	}
	return 0, UnknownSecurity
}

func hostOf(text string, d provider.Domain) (provider.Domain, Reason) {
	name := strings.ReplaceAll(text, domainPlaceholder, d.String())
	if strings.Contains(name, "%") {
		return provider.Domain{}, BadPlaceholder
	}
	host, err := provider.ParseDomain(name)
	if err != nil {
		return provider.Domain{}, InvalidHost
	}
	return host, NoReason
}

func portOf(text string) (uint16, Reason) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return 0, InvalidPort
	}
	return uint16(n), NoReason
}

func username(text string, missing provider.Username) (provider.Username, Reason) {
	switch {
	case text == "%EMAILADDRESS%", text == "%EMAILLOCALPART%@%EMAILDOMAIN%":
		return provider.UsernameAddress, NoReason
	case text == "%EMAILLOCALPART%":
		return provider.UsernameLocalPart, NoReason
	case strings.Contains(text, "%"):
		return 0, BadPlaceholder
	case text != "":
		return 0, UnknownUsername
	case missing == 0:
		return 0, NoUsername
	}
	return missing, NoReason
}

// auths reads the authentication methods, in their order, each once. The old words
// plain and secure are from config-v1.0.
func auths(elements []*element) (list provider.Auths, unknown []string) {
	n := 0
	for _, e := range elements {
		var a provider.Auth
		switch word := e.trimmed(); word {
		case "password-cleartext", "plain":
			a = provider.AuthPassword
		case "password-encrypted", "secure":
			a = provider.AuthCRAMMD5
		case "OAuth2":
			a = provider.AuthOAuth2
		default:
			unknown = append(unknown, word)
			continue
		}
		if !list.Has(a) {
			list[n] = a
			n++
		}
	}
	return list, unknown
}

// slip finds what looks like a mistake: the table also refuses it, unless it is marked as
// unusual.
func slip(s provider.MailServer) Reason {
	want := provider.MailServer{Protocol: s.Protocol, Security: s.Security}
	switch s.Port {
	case 110, 995:
		return UnusualPort // POP's
	case 143:
		want.Protocol, want.Security = provider.IMAP, provider.StartTLS
	case 993:
		want.Protocol, want.Security = provider.IMAP, provider.TLS
	case 465:
		want.Protocol, want.Security = provider.SMTP, provider.TLS
	case 587:
		want.Protocol, want.Security = provider.SMTP, provider.StartTLS
	}
	if s.Protocol != want.Protocol || s.Security != want.Security {
		return UnusualPort
	}
	label, _, _ := strings.Cut(s.Host.String(), ".")
	switch label {
	case "pop", "pop2", "pop3", "pops", "pop3s":
		return UnusualHost
	case "smtp":
		if s.Protocol == provider.IMAP {
			return UnusualHost
		}
	case "imap":
		if s.Protocol == provider.SMTP {
			return UnusualHost
		}
	}
	return NoReason
}
