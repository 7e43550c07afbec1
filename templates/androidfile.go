package templates

import (
	"fmt"

	"github.com/beevik/etree"

	"mailsetup/internal/provider"
)

// AndroidFile writes the settings file from which Thunderbird for Android and K-9 Mail
// import an account, for people who read the page on the phone itself and cannot scan it.
// It has the same content as the code of [AndroidQR], in the form into which the app
// converts a scanned code: https://github.com/thunderbird/thunderbird-android at a59bd67,
// feature/migration/qrcode, XmlSettingWriter.kt and SettingsValueMapper.kt.
//
// The error wraps [ErrNotImportable] if the account cannot be imported.
func AndroidFile(a provider.Account, realName string) ([]byte, error) {
	imported, err := androidImport(a)
	if err != nil {
		return nil, err
	}
	doc := newXML("UTF-8")
	settings := doc.CreateElement("k9settings")
	// The app brings settings of older versions up to date, so this one may stay.
	settings.CreateAttr("version", "99")
	settings.CreateAttr("format", "1")
	account := settings.CreateElement("accounts").CreateElement("account")
	account.CreateAttr("uuid", androidUUID(a.Provider, a.Address))
	leaf(account, "name", imported.address)
	// The app's own default for IMAP: mail deleted on the phone is deleted.
	leaf(account.CreateElement("settings"), "value", "DELETE").CreateAttr("key", "deletePolicy")
	if err := imported.incoming.file(account, "incoming-server", "IMAP"); err != nil {
		return nil, fmt.Errorf("file for Android: incoming server: %w", err)
	}
	if err := imported.outgoing.file(account, "outgoing-server", "SMTP"); err != nil {
		return nil, fmt.Errorf("file for Android: outgoing server: %w", err)
	}
	identity := account.CreateElement("identities").CreateElement("identity")
	leaf(identity, "name", realName)
	leaf(identity, "email", imported.address)
	return encode(doc)
}

func (s androidServer) file(account *etree.Element, tag, protocol string) error {
	var security, auth string
	switch s.Security {
	case provider.StartTLS:
		security = "STARTTLS_REQUIRED"
	case provider.TLS:
		security = "SSL_TLS_REQUIRED"
	default:
		return fmt.Errorf("the format cannot express security %d", s.Security)
	}
	switch s.auth {
	case provider.AuthPassword:
		auth = "PLAIN"
	case provider.AuthCRAMMD5:
		auth = "CRAM_MD5"
	case provider.AuthOAuth2:
		auth = "XOAUTH2"
	default:
		return fmt.Errorf("the format cannot express auth %d", s.auth)
	}
	server := account.CreateElement(tag)
	server.CreateAttr("type", protocol)
	leaf(server, "host", s.Host.String())
	leaf(server, "port", port(s.Port))
	leaf(server, "connection-security", security)
	leaf(server, "authentication-type", auth)
	leaf(server, "username", s.Login.Name.String())
	return nil
}
