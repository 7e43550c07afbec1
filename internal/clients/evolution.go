package clients

import (
	"crypto/md5"
	"encoding/hex"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"mailsetup/internal/provider"
)

// GNOME Evolution. Rules: https://gitlab.gnome.org/GNOME/evolution,
// src/mail/e-mail-autoconfig.c, as of 3.46. A server element with any attribute besides
// type makes GLib refuse the whole document (G_MARKUP_COLLECT_INVALID). It reads no OAuth2;
// at hosts where it can sign in with OAuth2, it does so whatever the document says.
var evolution = Client{
	Name:   "Evolution",
	Source: "https://gitlab.gnome.org/GNOME/evolution/-/blob/master/src/mail/e-mail-autoconfig.c",
	Requests: func(a provider.Address) []Request {
		const timeout = 15 * time.Second
		d := a.Domain()
		// A made-up mailbox, and a digest of the real one.
		sum := md5.Sum([]byte(a.String()))
		query := "?emailaddress=" + url.QueryEscape("EVOLUTIONUSER@"+d.String()) + "&emailmd5=" + hex.EncodeToString(sum[:])
		return []Request{
			getAutoconfig(mainURL("https", d)+query, timeout),
			getAutoconfig(mainURL("http", d)+query, timeout),
			getAutoconfig(wellKnownURL("https", d)+query, timeout),
			getAutoconfig(wellKnownURL("http", d)+query, timeout),
			askDatabase(databaseThunderbird, d, timeout),
		}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readEvolution}},
}

func readEvolution(ans Answer, a provider.Address) (Settings, error) {
	if !ans.is2xx() {
		return Settings{}, next("status %d", ans.Status)
	}
	root, err := gmarkup.parse(ans)
	if err != nil {
		return Settings{}, next("%v", err)
	}
	var s Settings
	refused := ""
	// Servers count anywhere in the document, and a later one of the same
	// type overwrites the earlier one, field by field.
	root.walk(func(e *element) bool {
		if e.name != "incomingServer" && e.name != "outgoingServer" {
			return true
		}
		kind, ok := e.attr("type")
		if !ok || len(e.attrs) != 1 {
			refused = e.name + " has another attribute than type"
		}
		switch kind {
		case "imap":
			evolutionServer(&s.Incoming, e, a)
		case "smtp":
			evolutionServer(&s.Outgoing, e, a)
		}
		return false
	})
	switch {
	case refused != "":
		return Settings{}, next("%s", refused)
	case s.Incoming.Host == "" || s.Outgoing.Host == "":
		return Settings{}, deadEnd("a server is missing")
	}
	for _, server := range []*ServerSettings{&s.Incoming, &s.Outgoing} {
		if evolutionKnowsOAuth2(server.Host) {
			server.Auth = AuthOAuth2
		}
	}
	return s, nil
}

var evolutionPort = regexp.MustCompile(`^\s*\+?([0-9]+)`) // strtol

func evolutionServer(s *ServerSettings, e *element, a provider.Address) {
	if s.Security == 0 {
		s.Security, s.Auth = Plaintext, AuthNegotiated // the structure starts zeroed
	}
	e.walk(func(c *element) bool {
		text := fill(c.text, a) // never trimmed
		switch c.name {
		case "hostname":
			s.Host = text
		case "username":
			s.Login, s.Stated = text, true
		case "port":
			if m := evolutionPort.FindStringSubmatch(text); m != nil {
				if port, err := strconv.Atoi(m[1]); err == nil && port >= 1 && port <= 65535 {
					s.Port = port
				}
			}
		case "socketType":
			switch text {
			case "plain":
				s.Security = Plaintext
			case "SSL":
				s.Security = TLS
			case "STARTTLS":
				s.Security = StartTLS
			}
		case "authentication":
			switch {
			case text == "password-cleartext", text == "plain":
				s.Auth = AuthPassword
			case text == "password-encrypted":
				s.Auth = AuthEncrypted
			}
		}
		return true
	})
}
