package clients

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mailsetup/internal/provider"
)

// Delta Chat. Any page of status 200 that its lenient parser can read ends the search, even
// one without servers; it then guesses imap.DOMAIN. Rules: https://github.com/chatmail/core
// at 4888889, src/configure.rs, src/configure/auto_mozilla.rs, auto_outlook.rs and
// server_params.rs.
var deltaChat = Client{
	Name:                  "Delta Chat",
	NeedsAbsoluteRedirect: true,
	Source:                "https://github.com/chatmail/core/tree/main/src/configure",
	Requests: func(a provider.Address) []Request {
		d := a.Domain()
		// https only, one after the other. .well-known is asked without the address since
		// https://github.com/chatmail/core/pull/8374
		return []Request{
			getAutoconfig(mainURL("https", d)+"?emailaddress="+escapeDeltaChat(a.String()), 0),
			getAutoconfig(wellKnownURL("https", d), 0),
			{Method: http.MethodGet, URL: "https://" + d.String() + "/autodiscover/autodiscover.xml", Format: Autodiscover},
			{Method: http.MethodGet, URL: "https://autodiscover." + d.String() + "/autodiscover/autodiscover.xml", Format: Autodiscover},
			askDatabase(databaseThunderbird, d, 0),
		}
	},
	Readings: []Reading{
		{Format: Autoconfig, Read: readDeltaChatAutoconfig},
		{Format: Autodiscover, Read: readDeltaChatAutodiscover,
			Limit: "ignores LoginName and tries the address, then the part before the @"},
	},
}

// escapeDeltaChat escapes everything but letters, digits and dots. A dot stays
// because of https://github.com/chatmail/core/issues/6119.
func escapeDeltaChat(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// A deltaChatEntry has the last text of each tag inside one server section, tags
// in lower case, text trimmed.
type deltaChatEntry struct {
	section, kind string
	values        map[string]string
}

// scanDeltaChat goes through the tokens as quick-xml does: end tags must match,
// but text without any tag, or a truncated document, is not an error. With
// cutOff, a section counts even if the document ends inside it.
func scanDeltaChat(ans Answer, cutOff bool, sections ...string) ([]deltaChatEntry, error) {
	if !ans.is2xx() {
		return nil, next("status %d", ans.Status)
	}
	if len(ans.Body) > maxBody {
		return nil, next("longer than 1 MiB")
	}
	var (
		all   []deltaChatEntry
		entry *deltaChatEntry
		tag   string
	)
	err := quickXML{
		start: func(name, attributes string) {
			tag = strings.ToLower(strings.TrimSpace(name))
			if entry == nil && slices.Contains(sections, tag) {
				kind, _ := quickXMLAttribute(attributes, "type")
				entry = &deltaChatEntry{section: tag, kind: strings.ToLower(kind), values: map[string]string{}}
			}
		},
		end: func(name string) {
			if entry != nil && strings.ToLower(name) == entry.section {
				all, entry = append(all, *entry), nil
			}
		},
		text: func(text string) {
			if text = strings.TrimSpace(text); entry != nil && text != "" {
				entry.values[tag] = text
			}
		},
	}.read(ans.Body)
	if err != nil {
		return nil, next("%v", err)
	}
	if entry != nil && cutOff {
		all = append(all, *entry)
	}
	return all, nil
}

func readDeltaChatAutoconfig(ans Answer, a provider.Address) (Settings, error) {
	all, err := scanDeltaChat(ans, false, "incomingserver", "outgoingserver")
	if err != nil {
		return Settings{}, err
	}
	var s Settings
	for _, e := range all {
		host, ok1 := e.values["hostname"]
		port, ok2 := e.values["port"]
		login, ok3 := e.values["username"]
		if !ok1 || !ok2 || !ok3 {
			continue
		}
		server := ServerSettings{Host: fill(host, a), Auth: AuthNegotiated, Login: fill(login, a), Stated: true}
		server.Port = deltaChatPort(port)
		switch strings.ToLower(e.values["sockettype"]) {
		case "ssl":
			server.Security = TLS
		case "starttls":
			server.Security = StartTLS
		case "plain":
			server.Security = Plaintext
		default:
			server.Security = AnyTLS
		}
		keepDeltaChat(&s, e.kind, server)
	}
	return endDeltaChat(s)
}

func readDeltaChatAutodiscover(ans Answer, a provider.Address) (Settings, error) {
	all, err := scanDeltaChat(ans, true, "protocol", "redirecturl")
	if err != nil {
		return Settings{}, err
	}
	var s Settings
	for _, e := range all {
		if e.section == "redirecturl" {
			return Settings{}, &FollowUp{Request{Method: http.MethodGet, URL: e.values["redirecturl"], Format: Autodiscover}}
		}
		host, ok1 := e.values["server"]
		port, ok2 := e.values["port"]
		if !ok1 || !ok2 {
			continue
		}
		// Encryption is not read; the port is tried with TLS, then with STARTTLS.
		server := ServerSettings{Host: host, Security: AnyTLS, Auth: AuthNegotiated, Login: a.String()}
		server.Port = deltaChatPort(port)
		if e.values["ssl"] == "off" { // in lower case; any other word is "on"
			server.Security = Plaintext
		}
		keepDeltaChat(&s, strings.ToLower(e.values["type"]), server)
	}
	return endDeltaChat(s)
}

// keepDeltaChat keeps the first of each: further ones are tried in turn.
func keepDeltaChat(s *Settings, kind string, server ServerSettings) {
	switch {
	case kind == "imap" && s.Incoming.Host == "":
		s.Incoming = server
	case kind == "smtp" && s.Outgoing.Host == "":
		s.Outgoing = server
	}
}

func endDeltaChat(s Settings) (Settings, error) {
	if s.Incoming.Host == "" || s.Outgoing.Host == "" {
		return Settings{}, deadEnd("a server is missing, so it is guessed")
	}
	return s, nil
}

// deltaChatPort returns 0, "unknown", for an invalid port.
func deltaChatPort(s string) int {
	port, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0
	}
	return int(port)
}
