package clients

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"mailsetup/internal/provider"
)

// Parula, formerly Mustang. The domain asked about must be in the document's list. OAuth2
// is used if the host is known or the document says where people sign in; the outgoing
// server uses the sign-in of the incoming one. Rules: https://github.com/mustang-im/mustang
// at 227ae5a, app/logic/Mail/AutoConfig/fetchConfig.ts and readConfig.ts,
// app/logic/Mail/SMTP/SMTPAccount.ts.
var parula = Client{
	Name:   "Parula",
	Source: "https://github.com/mustang-im/mustang/tree/master/app/logic/Mail/AutoConfig",
	Requests: func(a provider.Address) []Request {
		const timeout = 3 * time.Second
		d := a.Domain()
		main := getAutoconfig(mainURL("https", d)+"?emailaddress="+url.QueryEscape(a.String()), timeout)
		wellKnown := getAutoconfig(wellKnownURL("https", d), timeout)
		plain := getAutoconfig(mainURL("http", d), timeout)
		main.Step, wellKnown.Step, plain.Step = 1, 1, 1
		return []Request{askDatabase(databaseISPDB, d, timeout), main, wellKnown, plain}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readParula}},
}

func readParula(ans Answer, a provider.Address) (Settings, error) {
	if !ans.is2xx() || len(ans.Body) == 0 {
		return Settings{}, next("status %d", ans.Status)
	}
	// Any text wins over later URLs; only then is it parsed.
	root, err := chromium.parse(ans)
	if err != nil {
		return Settings{}, deadEnd("%v", err)
	}
	p := root.child("emailProvider")
	if root.name != "clientConfig" || p == nil {
		return Settings{}, deadEnd("no emailProvider")
	}
	listed := false
	for _, d := range p.all("domain") {
		listed = listed || jxonOf(d).is(a.Domain().String())
	}
	if !listed {
		return Settings{}, deadEnd("the domain asked about is not listed")
	}
	signIn := parulaSignsIn(root.child("oAuth2"))
	incoming, err := firstParula(p.all("incomingServer"), "imap", signIn, a)
	if err != nil {
		return Settings{}, deadEnd("no good incomingServer: %v", err)
	}
	outgoing, err := firstParula(p.all("outgoingServer"), "smtp", signIn, a)
	if err != nil {
		return Settings{}, deadEnd("no good outgoingServer: %v", err)
	}
	// A server whose last known method is OAuth2 is kept without a place to sign in.
	if incoming.Auth == AuthOAuth2 && !signIn && !parulaKnowsOAuth2(incoming.Host) {
		return Settings{}, deadEnd("the incoming server uses OAuth2, and nothing says where people sign in")
	}
	if outgoing.Auth == AuthOAuth2 && incoming.Auth != AuthOAuth2 {
		return Settings{}, deadEnd("the outgoing server uses OAuth2, for which the incoming one has no sign-in")
	}
	return Settings{Incoming: incoming, Outgoing: outgoing}, nil
}

// firstParula returns the first good server, which must be of the type wanted:
// otherwise people would get another one.
func firstParula(all []*element, want string, signIn bool, a provider.Address) (ServerSettings, error) {
	err := errors.New("none found")
	for _, e := range all {
		var s ServerSettings
		if s, err = parulaServer(e, signIn, a); err == nil {
			if !jxonAttr(e, "type").is(want) {
				return s, errors.New("the first one is of another type")
			}
			return s, nil
		}
	}
	return ServerSettings{}, err
}

// parulaSignsIn reports whether a section has what Parula needs to sign in. It makes up a
// client id.
func parulaSignsIn(section *element) bool {
	if section == nil {
		return false
	}
	for _, name := range []string{"authURL", "tokenURL"} {
		if s := jxonOf(section.child(name)).String(); !strings.HasPrefix(s, "https:") && !strings.HasPrefix(s, "http:") {
			return false
		}
	}
	return !jxonOf(section.child("scope")).falsy()
}

func parulaServer(e *element, signIn bool, a provider.Address) (ServerSettings, error) {
	s := ServerSettings{Login: fill(jxonOf(e.child("username")).String(), a), Stated: true}
	host, err := thunderbirdHost(jxonOf(e.child("hostname")))
	if err != nil {
		return s, err
	}
	s.Host = fill(host, a)
	port, ok := jxonOf(e.child("port")).integer()
	if !ok || port < 1 || port > 65535 {
		return s, errors.New("invalid or missing port")
	}
	s.Port = port
	for _, t := range e.all("socketType") {
		switch v := jxonOf(t); {
		case s.Security != 0:
		case v.is("plain"):
			s.Security = Plaintext
		case v.is("SSL"):
			s.Security = TLS
		case v.is("STARTTLS"):
			s.Security = StartTLS
		}
	}
	for _, t := range e.all("authentication") {
		switch v := jxonOf(t); {
		case s.Auth != 0 && (s.Auth != AuthOAuth2 || signIn || parulaKnowsOAuth2(s.Host)):
		case v.is("OAuth2"):
			s.Auth = AuthOAuth2
		case v.is("password-cleartext"), v.is("basic"):
			s.Auth = AuthPassword
		case v.is("password-encrypted"):
			s.Auth = AuthEncrypted
		case v.is("GSSAPI"):
			s.Auth = AuthGSSAPI
		case v.is("NTLM"):
			s.Auth = AuthSPA
		}
	}
	if s.Security == 0 || s.Auth == 0 {
		return s, errors.New("invalid or missing socketType or authentication")
	}
	return s, nil
}
