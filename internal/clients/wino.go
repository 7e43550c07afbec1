package clients

import (
	"net/url"
	"strconv"
	"strings"

	"mailsetup/internal/provider"
)

// Wino Mail, for Windows. iCloud's own domains are built in, with the part before the @ as
// the login of both servers. Of several servers it uses the one with the best security; of
// equals, the one with the lowest port. Rules: https://github.com/bkaankose/Wino-Mail at
// d52f7b8.
var wino = Client{
	Name:   "Wino Mail",
	Source: "https://github.com/bkaankose/Wino-Mail",
	Requests: func(a provider.Address) []Request {
		d := a.Domain()
		query := "?emailaddress=" + url.QueryEscape(a.String())
		database := askDatabase(databaseThunderbird, d, 0)
		database.URL += query
		// Mail exchangers, SRV records, a guess and another database come after.
		return []Request{
			getAutoconfig(mainURL("https", d)+query, 0),
			getAutoconfig(wellKnownURL("https", d)+query, 0),
			database,
		}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readWino}},
}

func readWino(ans Answer, a provider.Address) (Settings, error) {
	if !ans.is2xx() {
		return Settings{}, next("status %d", ans.Status)
	}
	root, err := microsoft.parse(ans)
	if err != nil {
		return Settings{}, next("%v", err)
	}
	p := root.child("emailProvider")
	incoming, ok1 := winoBest(p.typed("incomingServer", "imap"), a)
	outgoing, ok2 := winoBest(p.typed("outgoingServer", "smtp"), a)
	if !ok1 || !ok2 {
		return Settings{}, next("a good server is missing")
	}
	return Settings{Incoming: incoming, Outgoing: outgoing}, nil
}

func winoBest(all []*element, a provider.Address) (best ServerSettings, ok bool) {
	for _, e := range all {
		s := ServerSettings{Host: fill(strings.TrimSpace(e.content("hostname")), a), Security: Plaintext, Auth: AuthNegotiated, Login: a.String()}
		port, err := strconv.Atoi(strings.TrimSpace(e.content("port")))
		if s.Port = port; err != nil || s.Host == "" {
			continue
		}
		switch strings.ToUpper(strings.TrimSpace(e.content("socketType"))) {
		case "SSL":
			s.Security = TLS
		case "STARTTLS":
			s.Security = StartTLS
		}
		if login := e.content("username"); login != "" {
			s.Login, s.Stated = fill(login, a), true
		}
		if !ok || s.Security > best.Security || s.Security == best.Security && s.Port < best.Port {
			best, ok = s, true
		}
	}
	return best, ok
}
