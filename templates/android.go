package templates

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mailsetup/internal/provider"
)

// ErrNotImportable says that an account cannot be imported into Thunderbird for Android.
// The errors that wrap it say why.
var ErrNotImportable = errors.New("this account cannot be imported into Thunderbird for Android")

// androidOAuth2Hosts are the servers at which Thunderbird for Android and K-9 Mail can
// sign in with OAuth 2; names must match exactly. Elsewhere an imported account would
// ask for a sign-in that the app cannot offer. Source:
// https://github.com/thunderbird/thunderbird-android at a59bd67, the release builds'
// TbOAuthConfigurationFactory.kt and K9OAuthConfigurationFactory.kt, which agree.
var androidOAuth2Hosts = []string{
	"imap.aol.com", "smtp.aol.com",
	"imap.fastmail.com", "smtp.fastmail.com",
	"imap.gmail.com", "imap.googlemail.com", "smtp.gmail.com", "smtp.googlemail.com",
	"outlook.office365.com", "smtp.office365.com", "smtp-mail.outlook.com",
	"imap.mail.yahoo.com", "smtp.mail.yahoo.com",
	"mail.tb.pro", "mail.thundermail.com", "mail.stage-thundermail.com",
}

// AndroidService returns nil if accounts at a service can be imported into Thunderbird
// for Android, as far as that depends on the service; otherwise an error that wraps
// [ErrNotImportable].
func AndroidService(p *provider.Provider) error {
	_, _, err := androidAuths(p.Incoming(), p.Outgoing())
	return err
}

// androidAccount is the content of both the code and the file.
type androidAccount struct {
	address            string
	incoming, outgoing androidServer
}

type androidServer struct {
	provider.Endpoint
	auth provider.Auth
}

// androidImport returns what the app imports for an account, or why it cannot.
//
// An import is for one person: nothing in it is filled in by the app, so address and
// both logins must be known. The app creates the account at once, without asking the
// server, so a guessed login could be somebody else's and go unnoticed.
func androidImport(a provider.Account) (androidAccount, error) {
	switch {
	case a.Address.IsZero():
		return androidAccount{}, fmt.Errorf("%w: no address was given", ErrNotImportable)
	case a.Incoming.Login.Name.IsZero() || a.Outgoing.Login.Name.IsZero():
		return androidAccount{}, fmt.Errorf("%w: the login is unknown", ErrNotImportable)
	case !androidTakesAddress(a.Address):
		return androidAccount{}, fmt.Errorf("%w: the app refuses addresses with two dots in a row or a dot before the @", ErrNotImportable)
	}
	in, out, err := androidAuths(a.Incoming.MailServer, a.Outgoing.MailServer)
	if err != nil {
		return androidAccount{}, err
	}
	return androidAccount{
		address:  a.Address.String(),
		incoming: androidServer{a.Incoming, in},
		outgoing: androidServer{a.Outgoing, out},
	}, nil
}

// androidAuths returns how the app logs in: with OAuth 2 if both servers take it and the
// app can sign in at both, because it signs in once for the account; otherwise with a
// password.
func androidAuths(incoming, outgoing provider.MailServer) (in, out provider.Auth, err error) {
	if androidSignsIn(incoming) && androidSignsIn(outgoing) {
		return provider.AuthOAuth2, provider.AuthOAuth2, nil
	}
	in, inErr := incoming.Auth.Password()
	out, outErr := outgoing.Auth.Password()
	err = errors.Join(inErr, outErr)
	if errors.Is(err, provider.ErrOAuth2Only) {
		return 0, 0, fmt.Errorf("%w: the service requires a sign-in in the browser (OAuth 2), which the app offers only at services that it knows", ErrNotImportable)
	}
	return in, out, err
}

func androidSignsIn(s provider.MailServer) bool {
	return s.Auth.Has(provider.AuthOAuth2) && slices.Contains(androidOAuth2Hosts, s.Host.String())
}

// androidTakesAddress reports whether the app can read an address. Of what an Address
// allows, it refuses only dots that are not between two other characters
// (EmailAddressParser.kt, readDotString, with EmailAddressParserConfig.LIMITED).
func androidTakesAddress(a provider.Address) bool {
	return !slices.Contains(strings.Split(a.LocalPart(), "."), "")
}
