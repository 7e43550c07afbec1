package androidimport

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"mailsetup/internal/clients"
)

// The document as SettingsFileParser.kt reads it: elements without namespaces, unknown
// ones skipped. That parser treats the text of an element with a child as empty, so a
// value must not contain an element.
type (
	settingsFile struct {
		XMLName  xml.Name  `xml:"k9settings"`
		Version  string    `xml:"version,attr"`
		Format   string    `xml:"format,attr"`
		Accounts []account `xml:"accounts>account"`
	}
	account struct {
		UUID       string     `xml:"uuid,attr"`
		Name       string     `xml:"name"`
		Incoming   []server   `xml:"incoming-server"`
		Outgoing   []server   `xml:"outgoing-server"`
		Identities []identity `xml:"identities>identity"`
	}
	server struct {
		Type     string  `xml:"type,attr"`
		Host     string  `xml:"host"`
		Port     string  `xml:"port"`
		Security string  `xml:"connection-security"`
		Auth     string  `xml:"authentication-type"`
		Username string  `xml:"username"`
		Password *string `xml:"password"`
	}
	identity struct {
		Name  string `xml:"name"`
		Email string `xml:"email"`
	}
)

// java.util.UUID.fromString also accepts shorter groups, which nobody writes.
var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// ReadFile reads a settings file with one account: SettingsFileParser.kt, then
// AccountSettingsValidator.kt and ServerSettingsDescriptions.kt.
func ReadFile(document []byte) (Account, error) {
	var file settingsFile
	dec := xml.NewDecoder(bytes.NewReader(document))
	if err := dec.Decode(&file); err != nil {
		return Account{}, fmt.Errorf("not a settings file: %w", err)
	}
	for {
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if text, ok := token.(xml.CharData); err != nil || !ok || len(bytes.TrimSpace(text)) > 0 {
			return Account{}, errors.New("something follows the root element")
		}
	}
	version, err := strconv.Atoi(file.Version)
	switch {
	case err != nil || version < 1:
		return Account{}, fmt.Errorf("version %q", file.Version)
	case file.Format != "1":
		return Account{}, fmt.Errorf("format %q", file.Format)
	case len(file.Accounts) != 1:
		return Account{}, fmt.Errorf("%d accounts", len(file.Accounts))
	}
	return file.Accounts[0].read()
}

func (from account) read() (Account, error) {
	a := Account{UUID: from.UUID, Name: from.Name}
	switch {
	case !uuid.MatchString(from.UUID):
		return a, errors.New("the uuid does not parse")
	case len(from.Incoming) != 1, len(from.Outgoing) != 1, len(from.Identities) != 1:
		return a, errors.New("not one incoming server, one outgoing server and one identity")
	}
	var err error
	if a.Incoming, err = from.Incoming[0].read("IMAP"); err != nil {
		return a, fmt.Errorf("incoming server: %w", err)
	}
	if a.Outgoing, err = from.Outgoing[0].read("SMTP"); err != nil {
		return a, fmt.Errorf("outgoing server: %w", err)
	}
	a.Address, a.RealName = from.Identities[0].Email, from.Identities[0].Name
	return a, errors.Join(checkAddress(a.Address), checkLine(a.RealName))
}

func (from server) read(protocol string) (clients.ServerSettings, error) {
	s := clients.ServerSettings{Host: from.Host, Login: from.Username, Stated: true}
	var err error
	if s.Port, err = strconv.Atoi(from.Port); err != nil {
		return s, errors.New("the port is not a number")
	}
	switch {
	case from.Type != protocol:
		return s, fmt.Errorf("type %q", from.Type)
	case from.Password != nil:
		return s, errors.New("it contains a password")
	}
	switch from.Security {
	case "NONE":
		s.Security = clients.Plaintext
	case "STARTTLS_REQUIRED":
		s.Security = clients.StartTLS
	case "SSL_TLS_REQUIRED":
		s.Security = clients.TLS
	default:
		return s, fmt.Errorf("connection-security %q", from.Security)
	}
	switch from.Auth {
	case "NONE":
		s.Auth = clients.AuthNone
	case "PLAIN":
		s.Auth = clients.AuthPassword
	case "CRAM_MD5":
		s.Auth = clients.AuthEncrypted
	case "XOAUTH2":
		s.Auth = clients.AuthOAuth2
	default:
		return s, fmt.Errorf("authentication-type %q", from.Auth)
	}
	return s, checkServer(s)
}
