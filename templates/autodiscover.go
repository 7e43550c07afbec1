package templates

import (
	"errors"
	"fmt"

	"github.com/beevik/etree"

	"mailsetup/internal/provider"
)

// The namespaces of Autodiscover: the frame of every response, Outlook's
// settings in it, and the requests of Outlook and of ActiveSync. Microsoft's
// pages spell them with https since they were rewritten by machine; clients know
// only these.
const (
	responseNamespace        = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
	outlookResponseNamespace = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
	outlookRequestNamespace  = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
	mobileRequestNamespace   = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006"
)

var errEmptyLogin = errors.New("the login is marked as known but is empty")

// Autodiscover writes the answer to Outlook's plain old XML request (MS-OXDSCLI
// 2.2.4). Element order and the two default namespaces matter: FairEmail reads
// in order and does not understand prefixes, nor does Thunderbird.
//
// An unknown login is left out; clients then use the address or ask.
func Autodiscover(a provider.Account) ([]byte, error) {
	doc := newXML("utf-8")
	root := doc.CreateElement("Autodiscover")
	root.CreateAttr("xmlns", responseNamespace)
	response := root.CreateElement("Response")
	response.CreateAttr("xmlns", outlookResponseNamespace)

	user := response.CreateElement("User")
	leaf(user, "DisplayName", a.Provider.Name) // the person's name is unknown here
	if !a.Address.IsZero() {
		leaf(user, "AutoDiscoverSMTPAddress", a.Address.String())
	}

	// Both protocols are in one Account: Thunderbird ignores SMTP in a second one.
	account := response.CreateElement("Account")
	leaf(account, "AccountType", "email")
	leaf(account, "Action", "settings")
	if _, err := autodiscoverProtocol(account, a.Incoming); err != nil {
		return nil, fmt.Errorf("autodiscover: %s server: %w", a.Incoming.Protocol, err)
	}
	smtp, err := autodiscoverProtocol(account, a.Outgoing)
	if err != nil {
		return nil, fmt.Errorf("autodiscover: %s server: %w", a.Outgoing.Protocol, err)
	}
	if a.LoginsEqual() {
		// Despite its name the element means "the login of the incoming server";
		// mailcow and 1&1 send it along with IMAP.
		leaf(smtp, "UsePOPAuth", "on")
	}
	leaf(smtp, "SMTPLast", "off")
	return encode(doc)
}

// autodiscoverProtocol writes what both protocols have in common. Elements
// whose default would do harm are always written: SPA is on by default, and
// then Outlook asks for NTLM; some clients treat an SSL value that they cannot
// read as plaintext.
func autodiscoverProtocol(account *etree.Element, e provider.Endpoint) (*etree.Element, error) {
	kind, err := autodiscoverType(e.Protocol)
	if err != nil {
		return nil, err
	}
	encryption, err := autodiscoverEncryption(e.Security)
	if err != nil {
		return nil, err
	}
	login, err := autodiscoverLogin(e.Login)
	if err != nil {
		return nil, err
	}
	spa, err := autodiscoverSPA(e.Auth)
	if err != nil {
		return nil, err
	}
	p := account.CreateElement("Protocol")
	leaf(p, "Type", kind)
	leaf(p, "Server", e.Host.String())
	leaf(p, "Port", port(e.Port))
	leaf(p, "DomainRequired", "off")
	if login != "" {
		leaf(p, "LoginName", login) // Thunderbird reads an empty one as "true"
	}
	leaf(p, "SPA", spa)
	leaf(p, "SSL", "on")
	leaf(p, "Encryption", encryption)
	leaf(p, "AuthRequired", "on")
	return p, nil
}

// autodiscoverType is in upper case because Thunderbird ignores "imap".
func autodiscoverType(p provider.Protocol) (string, error) {
	switch p {
	case provider.IMAP:
		return "IMAP", nil
	case provider.SMTP:
		return "SMTP", nil
	}
	return "", fmt.Errorf("POX cannot express protocol %d", p)
}

// autodiscoverEncryption is written next to SSL on and refines it (MS-OXDSCLI
// 2.2.4.1.1.2.6.22). SSL off with TLS would be another way to say STARTTLS,
// but Thunderbird and Delta Chat then send the password in plaintext.
func autodiscoverEncryption(s provider.Security) (string, error) {
	switch s {
	case provider.TLS:
		return "SSL", nil
	case provider.StartTLS:
		return "TLS", nil
	}
	return "", fmt.Errorf("POX cannot express security %d", s)
}

// autodiscoverSPA is off for every authentication method of the table: SPA
// is NTLM.
func autodiscoverSPA(list provider.Auths) (string, error) {
	if _, err := list.Password(); err != nil {
		return "", err
	}
	return "off", nil
}

func autodiscoverLogin(l provider.Login) (string, error) {
	switch l.Kind {
	case provider.LoginFromAddress:
		return l.Name.String(), nil // empty if no address was given
	case provider.LoginStated:
		if l.Name.IsZero() {
			return "", errEmptyLogin
		}
		return l.Name.String(), nil
	case provider.LoginUnknown:
		return "", nil
	}
	return "", fmt.Errorf("POX cannot express login kind %d", l.Kind)
}
