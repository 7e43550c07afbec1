package clients

import (
	"strconv"
	"strings"
	"time"

	"mailsetup/internal/provider"
)

// GNOME Online Accounts, the account settings of the GNOME desktop. Rules:
// https://gitlab.gnome.org/GNOME/gnome-online-accounts at 0a85e7c,
// src/goabackend/goamailclient.c.
var gnomeOnlineAccounts = Client{
	Name:   "GNOME Online Accounts",
	Source: "https://gitlab.gnome.org/GNOME/gnome-online-accounts/-/blob/master/src/goabackend/goamailclient.c",
	Requests: func(a provider.Address) []Request {
		const timeout = 15 * time.Second
		d := a.Domain()
		query := "?emailaddress=" + a.String() // raw, plus signs and all
		return []Request{
			getAutoconfig(mailV1URL(d)+query, timeout),
			getAutoconfig(mainURL("https", d)+query, timeout),
			getAutoconfig(wellKnownURL("https", d), timeout),
			getAutoconfig(mainURL("http", d), timeout),
			askDatabase(databaseISPDB, d, timeout),
		}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readGNOMEOnlineAccounts,
		Limit: "accepts a user name only if it is exactly one placeholder"}},
}

func readGNOMEOnlineAccounts(ans Answer, a provider.Address) (Settings, error) {
	if ans.Status != 200 {
		return Settings{}, next("status %d", ans.Status)
	}
	root, err := libxml2Recovering.parse(ans)
	if err != nil {
		return Settings{}, next("%v", err)
	}
	if root.name != "clientConfig" {
		return Settings{}, next("no clientConfig")
	}
	// From here on the document counts as a success, whatever it contains.
	incoming, outgoing := gnomeFirst(root, "incomingServer", "imap"), gnomeFirst(root, "outgoingServer", "smtp")
	if incoming == nil || outgoing == nil {
		return Settings{}, deadEnd("a server is missing")
	}
	return complete(gnomeServer(incoming, a), gnomeServer(outgoing, a))
}

// gnomeFirst finds the first server of a type, however deep it lies, and whatever
// the case of its type.
func gnomeFirst(root *element, name, kind string) *element {
	var found *element
	root.walk(func(e *element) bool {
		if t, _ := e.attr("type"); found == nil && e.name == name && strings.EqualFold(t, kind) {
			found = e
		}
		return found == nil
	})
	return found
}

func gnomeServer(e *element, a provider.Address) ServerSettings {
	s := ServerSettings{Host: e.content("hostname"), Security: Plaintext, Auth: AuthNegotiated}
	switch strings.ToLower(e.content("socketType")) {
	case "ssl":
		s.Security = TLS
	case "starttls":
		s.Security = StartTLS
	}
	if port, err := strconv.ParseUint(strings.TrimSpace(e.content("port")), 10, 16); err == nil && port < 65535 {
		s.Port = int(port)
	}
	// A literal user name, or a composed one, is silently dropped; the
	// person types it.
	switch strings.ToUpper(e.content("username")) {
	case "%EMAILADDRESS%", "%EMAILLOCALPART%", "%EMAILDOMAIN%":
		s.Login, s.Stated = fill(strings.ToUpper(e.content("username")), a), true
	}
	return s
}
