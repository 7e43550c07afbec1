package clients

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"strconv"

	"mailsetup/internal/provider"
)

// FairEmail. One user name serves both servers. It tries several in turn and keeps
// the first that IMAP accepts: the document's, the address, the part before the @
// (FragmentQuickSetup.java); Login is what it tries first. Rules:
// https://github.com/M66B/FairEmail at e23dd9d, EmailProvider.java and Misc.java.
var fairEmail = Client{
	Name:   "FairEmail",
	Source: "https://github.com/M66B/FairEmail/blob/master/app/src/main/java/eu/faircode/email/EmailProvider.java",
	Requests: func(a provider.Address) []Request {
		d := a.Domain()
		query := "?emailaddress=" + a.String() // raw
		all := []Request{
			getAutoconfig(mainURL("https", d)+query, 0),
			getAutoconfig(wellKnownURL("https", d)+query, 0),
			getAutoconfig(mainURL("http", d)+query, 0),
			getAutoconfig(wellKnownURL("http", d)+query, 0),
			askDatabase(databaseThunderbird, d, 0),
		}
		// No content type is set, so Android sends the one of forms.
		for _, host := range []string{d.String(), "autodiscover." + d.String()} {
			all = append(all, Request{
				Method: http.MethodPost,
				URL:    "https://" + host + "/autodiscover/autodiscover.xml",
				Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
				Body:   outlookRequest(a, outlookRequestSchema, outlookResponseSchema),
				Format: Autodiscover,
			})
		}
		return all
	},
	Readings: []Reading{
		{Format: Autoconfig, Read: readFairEmailAutoconfig,
			Limit: "uses the last username of the document for both servers"},
		{Format: Autodiscover, Read: readFairEmailAutodiscover,
			Limit: "ignores LoginName and tries the address, then the part before the @"},
	},
}

func readFairEmailAutoconfig(ans Answer, a provider.Address) (Settings, error) {
	root, err := fetchFairEmail(ans)
	if err != nil {
		return Settings{}, err
	}
	var (
		s       Settings
		bad     bool
		login   = a.String()
		stated  bool
		section *ServerSettings
		servers int
	)
	root.walk(func(e *element) bool {
		kind, _ := e.attr("type")
		switch e.name {
		case "incomingServer":
			// Reading ends with the first one, of whatever type.
			if servers++; servers == 1 && kind == "imap" {
				section = &s.Incoming
			} else {
				section = nil
			}
		case "outgoingServer":
			if section = nil; kind == "smtp" {
				section = &s.Outgoing
			}
		case "username":
			// Anywhere, even in a calendar.
			if e.text != "" {
				login, stated = fillFairEmail(e.text, a), true
			}
		}
		if section == nil || e.text == "" {
			return true
		}
		switch e.name {
		case "hostname":
			section.Host = e.text
		case "port":
			port, err := strconv.Atoi(e.text)
			bad = bad || err != nil // Integer.parseInt throws on a blank, too
			section.Port = port
			section.Security = securityByPort(port)
		case "socketType":
			// Only if it comes after port, which sets a default. Plaintext is not
			// understood.
			switch e.text {
			case "SSL":
				section.Security = TLS
			case "STARTTLS":
				section.Security = StartTLS
			}
		}
		return true
	})
	if bad {
		return Settings{}, next("invalid or missing port")
	}
	s.Incoming.Login, s.Incoming.Stated = login, stated
	s.Outgoing.Login, s.Outgoing.Stated = login, stated
	return endFairEmail(s)
}

// fillFairEmail knows two placeholders, alone in the element.
func fillFairEmail(s string, a provider.Address) string {
	switch s {
	case "%EMAILADDRESS%":
		return a.String()
	case "%EMAILLOCALPART%":
		return a.LocalPart()
	}
	return s
}

func readFairEmailAutodiscover(ans Answer, a provider.Address) (Settings, error) {
	root, err := fetchFairEmail(ans)
	if err != nil {
		return Settings{}, err
	}
	var s Settings
	root.walk(func(account *element) bool {
		if account.name != "Account" {
			return true
		}
		email, settings := false, false
		for _, c := range account.children {
			switch {
			case c.name == "AccountType":
				email = email || c.text == "email"
			case c.name == "Action":
				settings = settings || c.text == "settings"
			case c.name == "Protocol" && email && settings:
				// So a Protocol before AccountType and Action is lost, and if there are two of
				// one type the last wins. SSL and Encryption are not read.
				port, err := strconv.Atoi(c.content("Port"))
				if err != nil || c.content("Server") == "" {
					continue
				}
				server := ServerSettings{Host: c.content("Server"), Port: port, Security: securityByPort(port), Login: a.String()}
				switch c.content("Type") {
				case "IMAP":
					s.Incoming = server
				case "SMTP":
					s.Outgoing = server
				}
			}
		}
		return false
	})
	return endFairEmail(s)
}

// securityByPort is all that FairEmail knows without socketType.
func securityByPort(port int) Security {
	if port == 143 || port == 587 {
		return StartTLS
	}
	return TLS
}

func fetchFairEmail(ans Answer) (*element, error) {
	if ans.Status != http.StatusOK {
		return nil, next("status %d", ans.Status)
	}
	root, err := androidPull.parse(ans)
	if err != nil {
		return nil, next("%v", err)
	}
	return root, nil
}

func endFairEmail(s Settings) (Settings, error) {
	if s.Incoming.Host == "" || s.Outgoing.Host == "" {
		return Settings{}, next("a server is missing")
	}
	for _, server := range []*ServerSettings{&s.Incoming, &s.Outgoing} {
		server.Auth = AuthNegotiated
		if server.Security == 0 {
			server.Security = TLS // its flag for STARTTLS was never set
		}
	}
	return s, nil
}

// outlookRequest returns the POX request that most clients send, correctly escaped.
func outlookRequest(a provider.Address, requestSchema, responseSchema string) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="` + requestSchema + `"><Request><EMailAddress>`)
	_ = xml.EscapeText(&b, []byte(a.String())) // a bytes.Buffer never fails
	b.WriteString(`</EMailAddress><AcceptableResponseSchema>` + responseSchema + `</AcceptableResponseSchema></Request></Autodiscover>`)
	return b.Bytes()
}
