package templates

import (
	"errors"
	"fmt"

	"github.com/beevik/etree"

	"mailsetup/internal/provider"
)

// Autoconfig writes config-v1.1, the format of Thunderbird's ISPDB, which most
// free mail clients read (draft-ietf-mailmaint-autoconfig). An account without
// an address gives the document for everybody in its domain: clients fill in
// the placeholders.
//
// Version 1.1 and nothing beyond it: Evolution refuses a whole document for an
// attribute other than type on a server, and Himalaya for a server type that it
// does not know.
func Autoconfig(a provider.Account) ([]byte, error) {
	doc := newXML("UTF-8")
	config := doc.CreateElement("clientConfig")
	config.CreateAttr("version", "1.1")
	service := config.CreateElement("emailProvider")
	// Thunderbird requires a host name here.
	service.CreateAttr("id", a.Provider.Identifier.String())
	for _, d := range autoconfigDomains(a) {
		leaf(service, "domain", d.String())
	}
	leaf(service, "displayName", a.Provider.Name)
	leaf(service, "displayShortName", a.Provider.ShortName)
	for _, e := range []provider.Endpoint{a.Incoming, a.Outgoing} {
		if err := autoconfigServer(service, e); err != nil {
			return nil, fmt.Errorf("autoconfig: %s server: %w", e.Protocol, err)
		}
	}
	if err := autoconfigHelp(service, a.Provider); err != nil {
		return nil, fmt.Errorf("autoconfig: %w", err)
	}
	autoconfigOAuth2(config, a.Provider.OAuth2)
	return encode(doc)
}

// autoconfigOAuth2 says where people sign in, for Himalaya, Parula and Thunderbird for
// iOS; the other clients use tables of host names. Himalaya refuses a document that lacks
// one of these four (https://github.com/pimalaya/himalaya).
func autoconfigOAuth2(config *etree.Element, o provider.OAuth2) {
	if o.IsZero() {
		return
	}
	oauth2 := config.CreateElement("oAuth2")
	leaf(oauth2, "issuer", o.Issuer.String())
	leaf(oauth2, "scope", o.Scope)
	leaf(oauth2, "authURL", o.Authorization.String())
	leaf(oauth2, "tokenURL", o.Token.String())
}

// autoconfigDomains returns the service's own domains and, for a hosted domain, the
// one that was asked about: Parula uses a document only if it lists that one
// (mustang-im/mustang, app/logic/Mail/AutoConfig/readConfig.ts). Other hosted
// domains are private.
func autoconfigDomains(a provider.Account) []provider.Domain {
	own := a.Provider.Domains
	if a.Domain.IsZero() || a.Provider.OwnsDomain(a.Domain) {
		return own
	}
	return append([]provider.Domain{a.Domain}, own...)
}

// autoconfigServer keeps the element order of Thunderbird's ISPDB.
func autoconfigServer(service *etree.Element, e provider.Endpoint) error {
	tag, kind, err := autoconfigProtocol(e.Protocol)
	if err != nil {
		return err
	}
	socket, err := autoconfigSocketType(e.Security)
	if err != nil {
		return err
	}
	username, err := autoconfigUsername(e)
	if err != nil {
		return err
	}
	server := service.CreateElement(tag)
	server.CreateAttr("type", kind)
	leaf(server, "hostname", e.Host.String())
	leaf(server, "port", port(e.Port))
	leaf(server, "socketType", socket)
	leaf(server, "username", username)
	for _, a := range e.Auth.All() {
		auth, err := autoconfigAuthentication(a)
		if err != nil {
			return err
		}
		leaf(server, "authentication", auth)
	}
	if len(e.Auth.All()) == 0 {
		return errors.New("no authentication method")
	}
	return nil
}

func autoconfigProtocol(p provider.Protocol) (tag, kind string, err error) {
	switch p {
	case provider.IMAP:
		return "incomingServer", "imap", nil
	case provider.SMTP:
		return "outgoingServer", "smtp", nil
	}
	return "", "", fmt.Errorf("config-v1.1 cannot express protocol %d", p)
}

func autoconfigSocketType(s provider.Security) (string, error) {
	switch s {
	case provider.TLS:
		return "SSL", nil
	case provider.StartTLS:
		return "STARTTLS", nil
	}
	return "", fmt.Errorf("config-v1.1 cannot express security %d", s)
}

func autoconfigAuthentication(a provider.Auth) (string, error) {
	switch a {
	case provider.AuthPassword:
		return "password-cleartext", nil // inside TLS
	case provider.AuthCRAMMD5:
		return "password-encrypted", nil
	case provider.AuthOAuth2:
		return "OAuth2", nil
	}
	return "", fmt.Errorf("config-v1.1 cannot express auth %d", a)
}

const emailAddressPlaceholder = "%EMAILADDRESS%"

// autoconfigUsername prefers placeholders to literals, so that one document
// serves a whole domain and no address comes back out of a request.
//
// An unknown login becomes the full address for both servers. It cannot be
// left out, because Thunderbird for Android then drops the document and
// Thunderbird makes the login "undefined"; and the local part could be somebody
// else's login. The full address is cleanly refused.
func autoconfigUsername(e provider.Endpoint) (string, error) {
	switch e.Login.Kind {
	case provider.LoginFromAddress:
		switch e.Username {
		case provider.UsernameAddress:
			return emailAddressPlaceholder, nil
		case provider.UsernameLocalPart:
			return "%EMAILLOCALPART%", nil
		}
		return "", fmt.Errorf("config-v1.1 cannot express username %d", e.Username)
	case provider.LoginStated:
		if e.Login.Name.IsZero() {
			return "", errEmptyLogin
		}
		return e.Login.Name.String(), nil
	case provider.LoginUnknown:
		return emailAddressPlaceholder, nil
	}
	return "", fmt.Errorf("config-v1.1 cannot express login kind %d", e.Login.Kind)
}

// autoconfigHelp says where people find help. The format cannot express
// app-specific passwords, so a sentence says it. No desktop client is known to
// show it, but people may read the file.
func autoconfigHelp(service *etree.Element, p *provider.Provider) error {
	link := p.Help.Settings
	if link.IsZero() {
		link = p.Password.Help
	}
	if link.IsZero() {
		return nil
	}
	text := "Mail server settings of " + p.Name + "."
	switch p.Password.Kind {
	case provider.PasswordAppSpecific:
		text += " Use an app-specific password, not the password of the account."
	case provider.PasswordAccount:
	case provider.PasswordUnstated:
	case provider.PasswordNone:
		text += " Mail clients sign in with OAuth 2; no password works."
	default:
		return fmt.Errorf("no text for password kind %d", p.Password.Kind)
	}
	documentation := service.CreateElement("documentation")
	documentation.CreateAttr("url", link.String())
	leaf(documentation, "descr", text).CreateAttr("lang", "en")
	return nil
}
