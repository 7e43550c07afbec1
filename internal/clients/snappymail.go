package clients

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"

	"mailsetup/internal/provider"
)

// SnappyMail, a webmail. Its administrator looks up a domain once, rather than each person
// an address. So it asks for made-up mailboxes, and of a user name it keeps only whether it
// was %EMAILADDRESS%; anything else means the part before the @. Rules:
// https://github.com/the-djmaze/snappymail at ba49691, RainLoop/Actions/AdminDomains.php,
// RainLoop/Providers/Domain/Autoconfig.php and dev/View/Popup/Domain.js.
var snappyMail = Client{
	Name:   "SnappyMail",
	Source: "https://github.com/the-djmaze/snappymail/blob/master/snappymail/v/0.0.0/app/libraries/RainLoop/Providers/Domain/Autoconfig.php",
	Requests: func(a provider.Address) []Request {
		d := a.Domain()
		all := []Request{
			getAutoconfig(mailV1URL(d)+"?emailaddress="+url.QueryEscape("test@"+d.String()), 0),
			getAutoconfig(wellKnownURL("https", d), 0),
			getAutoconfig(mainURL("http", d), 0),
			askDatabase(databaseThunderbird, d, 0),
		}
		for _, base := range []string{"https://" + d.String(), "https://autodiscover." + d.String(), "http://autodiscover." + d.String()} {
			all = append(all, Request{
				Method: http.MethodPost,
				URL:    base + "/autodiscover/autodiscover.xml",
				Header: http.Header{"Content-Type": {"application/xml"}},
				Body: []byte(`<?xml version="1.0" encoding="utf-8" ?>
		<Autodiscover xmlns="` + outlookRequestSchema + `">
			<Request>
				<AcceptableResponseSchema>` + outlookResponseSchema + `</AcceptableResponseSchema>
				<EMailAddress>` + snappyMailbox(a) + `</EMailAddress>
			</Request>
		</Autodiscover>`),
				Format: Autodiscover,
				Step:   1,
			})
		}
		return all
	},
	Readings: []Reading{
		{Format: Autoconfig, Read: readSnappyMailAutoconfig,
			Limit: "turns every login other than the address into the part before the @"},
		{Format: Autodiscover, Read: readSnappyMailAutodiscover,
			Limit: "asks for another mailbox, and turns every login other than that address into the part before the @"},
	},
}

// snappyMailbox returns the made-up mailbox of an Autodiscover request; a login must
// equal it to be understood as "the address".
func snappyMailbox(a provider.Address) string { return "autodiscover@" + a.Domain().String() }

func readSnappyMailAutoconfig(ans Answer, a provider.Address) (Settings, error) {
	if !ans.is2xx() {
		return Settings{}, next("status %d", ans.Status)
	}
	if !bytes.Contains(ans.Body, []byte("<clientConfig")) {
		return Settings{}, next("no clientConfig")
	}
	root, err := simpleXML.parse(ans)
	if err != nil || root.child("emailProvider") == nil {
		return Settings{}, next("no emailProvider")
	}
	p := root.child("emailProvider")
	// The lists are filtered but keep their indices, and then the first index is read: a
	// server of another type before it hides the good one.
	incoming, outgoing := p.child("incomingServer"), p.child("outgoingServer")
	if len(p.typed("incomingServer", "imap")) == 0 || p.typed("incomingServer", "imap")[0] != incoming ||
		len(p.typed("outgoingServer", "smtp")) == 0 || p.typed("outgoingServer", "smtp")[0] != outgoing {
		return Settings{}, deadEnd("the first incomingServer is not imap, or the first outgoingServer not smtp")
	}
	server := func(e *element) ServerSettings {
		s := ServerSettings{Host: snappyMailWord(e, "hostname"), Security: snappyMailSecurity(snappyMailWord(e, "socketType")), Auth: AuthNegotiated}
		s.Port, _ = strconv.Atoi(snappyMailWord(e, "port"))
		s.Login, s.Stated = snappyMailLogin(snappyMailWord(e, "username"), a), true
		return s
	}
	return complete(server(incoming), server(outgoing))
}

func readSnappyMailAutodiscover(ans Answer, a provider.Address) (Settings, error) {
	if !ans.is2xx() {
		return Settings{}, next("status %d", ans.Status)
	}
	root, err := simpleXML.parse(ans)
	if err != nil {
		return Settings{}, next("%v", err)
	}
	account := root.child("Response").child("Account")
	if account.child("Protocol") == nil || account.content("AccountType") != "email" {
		return Settings{}, next("no Protocol in an account of type email")
	}
	var s Settings
	for _, p := range account.all("Protocol") {
		server := ServerSettings{Host: p.content("Server"), Auth: AuthNegotiated, Stated: p.child("LoginName") != nil}
		server.Port, _ = strconv.Atoi(p.content("Port"))
		word := ""
		if p.content("LoginName") == snappyMailbox(a) {
			word = "%EMAILADDRESS%"
		}
		server.Login = snappyMailLogin(word, a)
		on := p.content("SSL") == "on"
		switch p.content("Type") {
		case "IMAP":
			switch {
			case on && server.Port == 993:
				server.Security = TLS
			case on:
				server.Security = StartTLS
			default:
				server.Security = Plaintext
			}
			if s.Incoming.Host == "" {
				s.Incoming = server
			}
		case "SMTP":
			switch {
			case server.Port == 587:
				server.Security = StartTLS
			case on:
				server.Security = TLS
			default:
				server.Security = Plaintext
			}
			if s.Outgoing.Host == "" {
				s.Outgoing = server
			}
		}
	}
	if s.Incoming.Host == "" || s.Outgoing.Host == "" {
		return Settings{}, deadEnd("a server is missing")
	}
	return s, nil
}

// snappyMailWord returns the text of a child that occurs once. The document goes
// through JSON, which turns repeated elements into a list, and a list is not a
// word: with two socketTypes the connection is plaintext.
func snappyMailWord(e *element, name string) string {
	if len(e.all(name)) != 1 {
		return ""
	}
	return e.content(name)
}

func snappyMailSecurity(word string) Security {
	switch word {
	case "SSL":
		return TLS
	case "STARTTLS":
		return StartTLS
	}
	return Plaintext
}

func snappyMailLogin(username string, a provider.Address) string {
	if username == "%EMAILADDRESS%" {
		return a.String()
	}
	return a.LocalPart()
}
