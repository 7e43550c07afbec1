package clients

import (
	"strconv"
	"strings"
	"time"

	"mailsetup/internal/provider"
)

// Nextcloud Mail. Rules: https://github.com/nextcloud/mail at e5734fe,
// lib/Service/AutoConfig/IspDb.php. The local part is filled in since
// https://github.com/nextcloud/mail/pull/9272.
var nextcloudMail = Client{
	Name:   "Nextcloud Mail",
	Source: "https://github.com/nextcloud/mail/blob/main/lib/Service/AutoConfig/IspDb.php",
	Requests: func(a provider.Address) []Request {
		const timeout = 7 * time.Second
		d := a.Domain()
		query := "?emailaddress=" + a.String() // raw
		return []Request{
			getAutoconfig(mainURL("https", d)+query, timeout),
			getAutoconfig(wellKnownURL("https", d)+query, timeout),
			askDatabase(databaseThunderbird, d, timeout),
			getAutoconfig(mainURL("http", d)+query, timeout),
			getAutoconfig(wellKnownURL("http", d)+query, timeout),
		}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readNextcloudMail}},
}

func readNextcloudMail(ans Answer, a provider.Address) (Settings, error) {
	if !ans.is2xx() {
		return Settings{}, next("status %d", ans.Status)
	}
	root, err := simpleXML.parse(ans)
	if err != nil {
		return Settings{}, next("%v", err)
	}
	p := root.child("emailProvider") // whatever the root is called
	incoming, outgoing := p.typed("incomingServer", "imap"), p.typed("outgoingServer", "smtp")
	switch {
	case len(incoming) == 0 && len(outgoing) == 0:
		return Settings{}, next("no imap and no smtp server")
	case len(incoming) == 0 || len(outgoing) == 0:
		return Settings{}, deadEnd("a server is missing")
	}
	return complete(nextcloudServer(incoming[0], a), nextcloudServer(outgoing[0], a))
}

func nextcloudServer(e *element, a provider.Address) ServerSettings {
	s := ServerSettings{
		Host: e.content("hostname"), Auth: AuthNegotiated,
		Login: fill(e.content("username"), a), Stated: e.child("username") != nil,
	}
	// PHP's (int) takes leading digits.
	s.Port, _ = strconv.Atoi(leadingDigits.FindString(strings.TrimSpace(e.content("port"))))
	switch strings.ToLower(e.content("socketType")) {
	case "ssl":
		s.Security = TLS
	case "starttls", "tls":
		s.Security = StartTLS
	default:
		s.Security = Plaintext
	}
	return s
}
