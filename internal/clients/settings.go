package clients

import (
	"errors"
	"fmt"

	"mailsetup/internal/provider"
)

// Settings are what a client sets an account up with.
type Settings struct {
	Incoming, Outgoing ServerSettings
	// Asks is what the client asks the person for, in addition to passwords,
	// because the document leaves it out. It is used only for profiles, with
	// their key names.
	Asks []string
}

// A ServerSettings is one server as a client understood it.
type ServerSettings struct {
	Host     string
	Port     int // 0: not stated, the client has a default
	Security Security
	Auth     Auth
	// Login is the name with which the client logs in first; "" if it asks.
	Login string
	// Stated: the login is from the document. If not, the client made it up.
	Stated bool
}

// Security is how a client encrypts its connection.
type Security uint8

const (
	// Plaintext: the password may go over the wire in clear.
	Plaintext Security = iota + 1
	// StartTLS upgrades before logging in.
	StartTLS
	// TLS from the first octet.
	TLS
	// AnyTLS: the client finds out which of the two works, and never
	// connects without.
	AnyTLS
)

// String returns a word for messages.
func (s Security) String() string {
	switch s {
	case Plaintext:
		return "plaintext"
	case StartTLS:
		return "STARTTLS"
	case TLS:
		return "TLS"
	case AnyTLS:
		return "TLS or STARTTLS"
	}
	return "no known security"
}

// Auth is how a client authenticates its user.
type Auth uint8

const (
	// AuthNegotiated: the client does not read a method but asks the server.
	AuthNegotiated Auth = iota + 1
	// AuthPassword sends the password inside the encrypted connection.
	AuthPassword
	// AuthEncrypted answers a challenge: CRAM-MD5.
	AuthEncrypted
	// AuthSPA is Microsoft's "secure password authentication", that is NTLM.
	AuthSPA
	// AuthSecure is any method that does not send the password itself:
	// Thunderbird's "secure".
	AuthSecure
	// AuthGSSAPI is Kerberos.
	AuthGSSAPI
	// AuthOAuth2 sends a token, for which people sign in in the browser.
	AuthOAuth2
	// AuthNone does not log in.
	AuthNone
)

// String returns a word for messages.
func (a Auth) String() string {
	switch a {
	case AuthNegotiated:
		return "as the server offers"
	case AuthPassword:
		return "password"
	case AuthEncrypted:
		return "CRAM-MD5"
	case AuthSPA:
		return "NTLM"
	case AuthSecure:
		return "any that hides the password"
	case AuthGSSAPI:
		return "GSSAPI"
	case AuthOAuth2:
		return "OAuth2"
	case AuthNone:
		return "none"
	}
	return "no known method"
}

// Expected returns the settings that a client should end up with when it sets up the
// address from a document of the account. If the login is unknown, autoconfig must give
// the address for both servers, because clients need a login there; the other formats
// must leave it out, so that clients ask. From a list of authentication methods it
// returns the first with a password, which every client supports; a client that can sign
// in with OAuth 2 at the host may use that instead. If there is only OAuth 2, autoconfig
// must say so. Formats without settings are an error, and so are those that cannot
// express OAuth 2 if there is nothing else.
func Expected(f Format, acc provider.Account, a provider.Address) (Settings, error) {
	var login func(provider.Endpoint) (string, bool)
	switch f {
	case Autoconfig:
		login = func(e provider.Endpoint) (string, bool) {
			switch e.Login.Kind {
			case provider.LoginFromAddress:
				return e.Username.Of(a).String(), true
			case provider.LoginStated:
				return e.Login.Name.String(), true
			case provider.LoginUnknown:
				return a.String(), true
			}
			return "", false
		}
	case Autodiscover, Profile:
		login = func(e provider.Endpoint) (string, bool) { return e.Login.Name.String(), !e.Login.Name.IsZero() }
	case AutodiscoverJSON, MobileSync:
		return Settings{}, fmt.Errorf("%s contains no settings", f)
	default:
		return Settings{}, fmt.Errorf("format %d is not known", f)
	}
	var failed error
	server := func(e provider.Endpoint) ServerSettings {
		s := ServerSettings{Host: e.Host.String(), Port: int(e.Port)}
		switch e.Security {
		case provider.TLS:
			s.Security = TLS
		case provider.StartTLS:
			s.Security = StartTLS
		}
		auth, err := expectedAuth(f, e.Auth)
		failed = errors.Join(failed, err)
		s.Auth = auth
		s.Login, s.Stated = login(e)
		return s
	}
	return Settings{Incoming: server(acc.Incoming), Outgoing: server(acc.Outgoing)}, failed
}

func expectedAuth(f Format, list provider.Auths) (Auth, error) {
	password, err := list.Password()
	switch {
	case errors.Is(err, provider.ErrOAuth2Only) && f == Autoconfig:
		return AuthOAuth2, nil
	case err != nil:
		return 0, fmt.Errorf("%s: %w", f, err)
	case password == provider.AuthCRAMMD5 && f == Autodiscover:
		return AuthNegotiated, nil // POX cannot express it
	case password == provider.AuthCRAMMD5:
		return AuthEncrypted, nil
	}
	return AuthPassword, nil
}

// Differs describes each difference between s and want in a sentence; nothing if
// s works as well as want. No sentence contains a login, which may be somebody's
// address.
func (s Settings) Differs(want Settings) []string {
	var all []string
	all = append(all, s.Incoming.differs("incoming", want.Incoming)...)
	return append(all, s.Outgoing.differs("outgoing", want.Outgoing)...)
}

func (s ServerSettings) differs(which string, want ServerSettings) []string {
	var all []string
	add := func(format string, args ...any) {
		all = append(all, which+" "+fmt.Sprintf(format, args...))
	}
	if s.Host != want.Host {
		add("host is %q instead of %q", s.Host, want.Host)
	}
	if s.Port != want.Port {
		add("port is %d instead of %d", s.Port, want.Port)
	}
	if s.Security != want.Security && (s.Security != AnyTLS || want.Security == Plaintext) {
		add("security is %s instead of %s", s.Security, want.Security)
	}
	if s.Auth != want.Auth && s.Auth != AuthNegotiated && want.Auth != AuthNegotiated {
		add("authentication is %s instead of %s", s.Auth, want.Auth)
	}
	switch {
	case s.Stated != want.Stated && want.Stated:
		add("login is not taken from the document")
	case s.Stated != want.Stated:
		add("login is stated where none is known")
	case s.Stated && s.Login != want.Login:
		add("login differs")
	}
	return all
}
