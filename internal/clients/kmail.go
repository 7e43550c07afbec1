package clients

import (
	"slices"
	"strconv"
	"strings"

	"mailsetup/internal/provider"
)

// KMail's account wizard. A 200 that is not an autoconfig document stalls the wizard.
// Rules: https://invent.kde.org/pim/kmail-account-wizard at 8163b65, src/ispdbservice.cpp
// and src/ispdb/serverconfiguration.cpp.
var kmail = Client{
	Name:   "KMail",
	Source: "https://invent.kde.org/pim/kmail-account-wizard/-/blob/master/src/ispdbservice.cpp",
	Requests: func(a provider.Address) []Request {
		// The database first, and never with the address.
		d := a.Domain()
		return []Request{
			askDatabase(databaseThunderbird, d, 0),
			getAutoconfig(mainURL("https", d), 0),
			getAutoconfig(mainURL("http", d), 0),
			getAutoconfig(wellKnownURL("https", d), 0),
		}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readKMail}},
}

func readKMail(ans Answer, a provider.Address) (Settings, error) {
	// Only a status other than 200 makes it go on, but it still reads the body,
	// and accepts settings in an error page.
	giveUp := next
	if ans.Status == 200 {
		giveUp = deadEnd
	}
	root, err := qtDOM.parse(ans)
	if err != nil {
		return Settings{}, giveUp("%v", err)
	}
	var p *element
	root.walk(func(e *element) bool {
		if p == nil && e.name == "emailProvider" {
			p = e
		}
		return p == nil
	})
	var s Settings
	for _, e := range p.typed("incomingServer", "imap") {
		if server, ok := kmailServer(e, a); ok && s.Incoming.Security == 0 {
			s.Incoming = server
		}
	}
	for _, e := range p.typed("outgoingServer", "smtp") {
		// The server with the highest-ranking security counts, the first of equals.
		// MailTransport ranks none, SSL, TLS. By TLS it means STARTTLS, which beats implicit
		// TLS.
		if server, ok := kmailServer(e, a); ok && kmailRank(server.Security) > kmailRank(s.Outgoing.Security) {
			s.Outgoing = server
		}
	}
	if s.Incoming.Security == 0 || s.Outgoing.Security == 0 {
		return Settings{}, giveUp("a server is missing")
	}
	return complete(s.Incoming, s.Outgoing)
}

func kmailRank(s Security) int {
	return slices.Index([]Security{Plaintext, TLS, StartTLS}, s)
}

// kmailServer drops an entry without a port; of a repeated element the last
// counts, of authentication the first that is not a password. A missing or
// unknown socketType keeps its initial value, SSL.
func kmailServer(e *element, a provider.Address) (ServerSettings, bool) {
	s := ServerSettings{Security: TLS, Auth: AuthPassword}
	port := false
	for _, c := range e.children {
		switch c.name {
		case "hostname":
			s.Host = fill(c.text, a)
		case "port":
			port = true
			s.Port, _ = strconv.Atoi(strings.TrimSpace(c.text)) // QString::toInt: 0 if it is not a number
		case "username":
			s.Login, s.Stated = fill(c.text, a), true
		case "socketType":
			switch c.text {
			case "plain":
				s.Security = Plaintext
			case "SSL":
				s.Security = TLS
			case "STARTTLS":
				s.Security = StartTLS
			}
		case "authentication":
			if method := kmailAuth(c.text); s.Auth == AuthPassword && method != 0 {
				s.Auth = method
			}
		}
	}
	return s, port
}

// kmailAuth returns 0 for a value that is skipped.
func kmailAuth(s string) Auth {
	switch s {
	case "password-cleartext", "plain":
		return AuthPassword
	case "password-encrypted", "secure":
		return AuthEncrypted
	case "NTLM":
		return AuthSPA
	case "GSSAPI":
		return AuthGSSAPI
	case "client-ip-based", "none":
		return AuthNone
	case "OAuth2":
		return AuthOAuth2
	}
	return 0
}
