package profiles

import (
	"fmt"

	"howett.net/plist"

	"mailsetup/internal/language"
	"mailsetup/internal/provider"
)

// ContentType is the media type of a profile, signed or not, and has no
// parameters. Safari on iOS offers to install files with this type; without
// it the profile ends up in the Files app
// (https://github.com/mjl-/mox/commit/636bb91).
const ContentType = "application/x-apple-aspen-config"

// FileName returns the name under which the provider's profile is downloaded.
// It is plain ASCII and says nothing about the account inside.
func FileName(p *provider.Provider) string { return p.ID + ".mobileconfig" }

// configuration is the outer dictionary of a profile. Field names are Apple's
// keys, here and in mailPayload; TopLevel.yaml and CommonPayloadKeys.yaml of
// Apple's schema describe them.
type configuration struct {
	PayloadContent     []mailPayload
	PayloadDescription string
	PayloadDisplayName string
	PayloadIdentifier  string
	// PayloadScope is User: macOS accepts mail payloads only on the user channel.
	PayloadScope string
	PayloadType  string
	PayloadUUID  string
	// PayloadVersion is the version of the format. Apple allows only 1.
	PayloadVersion int
}

// mailPayload is com.apple.mail.managed. An omitempty field that is absent makes
// the device ask. The other fields are always written, because their defaults
// are wrong for us: no TLS, and port 25 for sending.
type mailPayload struct {
	EmailAccountDescription string
	EmailAccountName        string `plist:",omitempty"`
	EmailAccountType        string
	EmailAddress            string `plist:",omitempty"`

	IncomingMailServerAuthentication string
	IncomingMailServerHostName       string
	IncomingMailServerPortNumber     uint16
	IncomingMailServerUseSSL         bool
	IncomingMailServerUsername       string `plist:",omitempty"`

	OutgoingMailServerAuthentication string
	OutgoingMailServerHostName       string
	OutgoingMailServerPortNumber     uint16
	OutgoingMailServerUseSSL         bool
	OutgoingMailServerUsername       string `plist:",omitempty"`
	// OutgoingPasswordSameAsIncomingPassword spares people typing a long
	// app-specific password twice.
	OutgoingPasswordSameAsIncomingPassword bool

	// An account that comes with a profile has S/MIME locked off unless these
	// are true: https://github.com/mailcow/mailcow-dockerized/pull/3622
	SMIMEEnableEncryptionPerMessageSwitch          bool
	SMIMEEncryptByDefaultUserOverrideable          bool
	SMIMEEncryptionCertificateUUIDUserOverrideable bool
	SMIMESigningCertificateUUIDUserOverrideable    bool
	SMIMESigningUserOverrideable                   bool

	PayloadDisplayName string
	PayloadIdentifier  string
	PayloadType        string
	PayloadUUID        string
	PayloadVersion     int
}

// Mail writes the unsigned profile of a mail account as an XML property list.
//
// With an address the profile is personal. Without one it is the provider's
// generic profile, in which the device asks for everything that belongs to a
// person. The zero person has no name and reads English. An error means that the
// account contains an enum value that this package does not know.
func Mail(a provider.Account, person Person) ([]byte, error) {
	if a.Address.IsZero() {
		// The generic identifier must not be used for different accounts, so a
		// login that a hosted domain maps is left out.
		a = a.Provider.Account()
		// It is one document for everybody, so it has one language.
		person.Language = language.English
	}
	profileID := profileIdentity(a.Provider, a.Address)
	payload, err := newMailPayload(a, person.Name, profileID.component("mail"))
	if err != nil {
		return nil, err
	}
	description, err := describe(a, person.Language)
	if err != nil {
		return nil, err
	}
	out, err := plist.MarshalIndent(configuration{
		PayloadContent:     []mailPayload{payload},
		PayloadDescription: description,
		PayloadDisplayName: displayName(a),
		PayloadIdentifier:  profileID.identifier,
		PayloadScope:       "User",
		PayloadType:        "Configuration",
		PayloadUUID:        profileID.uuid(),
		PayloadVersion:     1,
	}, plist.XMLFormat, "\t")
	if err != nil {
		return nil, fmt.Errorf("write the profile: %w", err)
	}
	return append(out, '\n'), nil
}

func newMailPayload(a provider.Account, name PersonName, id identity) (mailPayload, error) {
	in, err := newConnection(a.Incoming)
	if err != nil {
		return mailPayload{}, fmt.Errorf("incoming server of %s: %w", a.Provider.ID, err)
	}
	out, err := newConnection(a.Outgoing)
	if err != nil {
		return mailPayload{}, fmt.Errorf("outgoing server of %s: %w", a.Provider.ID, err)
	}
	return mailPayload{
		EmailAccountDescription: accountLabel(a),
		EmailAccountName:        name.String(),
		EmailAccountType:        "EmailTypeIMAP",
		EmailAddress:            a.Address.String(),

		IncomingMailServerAuthentication: in.authentication,
		IncomingMailServerHostName:       a.Incoming.Host.String(),
		IncomingMailServerPortNumber:     a.Incoming.Port,
		IncomingMailServerUseSSL:         in.useSSL,
		IncomingMailServerUsername:       a.Incoming.Login.Name.String(),

		OutgoingMailServerAuthentication:       out.authentication,
		OutgoingMailServerHostName:             a.Outgoing.Host.String(),
		OutgoingMailServerPortNumber:           a.Outgoing.Port,
		OutgoingMailServerUseSSL:               out.useSSL,
		OutgoingMailServerUsername:             a.Outgoing.Login.Name.String(),
		OutgoingPasswordSameAsIncomingPassword: true,

		SMIMEEnableEncryptionPerMessageSwitch:          true,
		SMIMEEncryptByDefaultUserOverrideable:          true,
		SMIMEEncryptionCertificateUUIDUserOverrideable: true,
		SMIMESigningCertificateUUIDUserOverrideable:    true,
		SMIMESigningUserOverrideable:                   true,

		PayloadDisplayName: a.Provider.Name,
		PayloadIdentifier:  id.identifier,
		PayloadType:        "com.apple.mail.managed",
		PayloadUUID:        id.uuid(),
		PayloadVersion:     1,
	}, nil
}

// connection is how Apple's keys express a server's security and
// authentication.
type connection struct {
	useSSL         bool
	authentication string
}

func newConnection(e provider.Endpoint) (connection, error) {
	var c connection
	switch e.Security {
	case provider.TLS, provider.StartTLS:
		// UseSSL covers STARTTLS too. Apple's own example of a mail payload has
		// it true with port 587:
		// https://developer.apple.com/documentation/devicemanagement/mail
		c.useSSL = true
	default:
		return connection{}, fmt.Errorf("a profile cannot express the security %q", e.Security)
	}
	auth, err := e.Auth.Password()
	if err != nil {
		return connection{}, err
	}
	switch auth {
	case provider.AuthPassword:
		c.authentication = "EmailAuthPassword"
	case provider.AuthCRAMMD5:
		c.authentication = "EmailAuthCRAMMD5"
	case provider.AuthOAuth2: // takes no password
	}
	return c, nil
}
