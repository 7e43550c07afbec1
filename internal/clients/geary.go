package clients

import (
	"strconv"

	"mailsetup/internal/provider"
)

// Geary, as of 43. It ignores the HTTP status: an error page that parses is a
// configuration. An error without a body ends the search; after one with a short text it
// goes on. Rules: https://gitlab.gnome.org/GNOME/geary,
// src/client/accounts/accounts-autoconfig.vala.
var geary = Client{
	Name:   "Geary",
	Source: "https://gitlab.gnome.org/GNOME/geary/-/blob/main/src/client/accounts/accounts-autoconfig.vala",
	Requests: func(a provider.Address) []Request {
		return []Request{
			getAutoconfig(mainURL("https", a.Domain()), 0),
			askDatabase(databaseThunderbird, a.Domain(), 0),
		}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readGeary,
		Limit: "does not read user names"}},
}

func readGeary(ans Answer, _ provider.Address) (Settings, error) {
	if len(ans.Body) == 0 {
		return Settings{}, deadEnd("an empty body")
	}
	root, err := libxml2.parse(ans)
	if err != nil {
		return Settings{}, next("%v", err)
	}
	p := root.child("emailProvider")
	incoming, outgoing := p.child("incomingServer"), p.child("outgoingServer")
	if incoming == nil || outgoing == nil {
		return Settings{}, next("a server is missing")
	}
	// Only the first of each counts.
	if t, _ := incoming.attr("type"); t != "imap" {
		return Settings{}, next("the first incomingServer is not imap")
	}
	if t, _ := outgoing.attr("type"); t != "smtp" {
		return Settings{}, next("the first outgoingServer is not smtp")
	}
	return complete(gearyServer(incoming), gearyServer(outgoing))
}

func gearyServer(e *element) ServerSettings {
	s := ServerSettings{Host: e.content("hostname"), Security: Plaintext, Auth: AuthNegotiated}
	s.Port, _ = strconv.Atoi(e.content("port"))
	switch e.content("socketType") { // any other word is plaintext
	case "SSL":
		s.Security = TLS
	case "STARTTLS":
		s.Security = StartTLS
	}
	return s
}
