package clients

import (
	"strconv"

	"mailsetup/internal/provider"
)

// Thunderbird for iOS, which is not released yet. The public part of its source says
// where it asks, that it decodes the format's elements by their names, and with which
// services it signs in by OAuth2. How it treats odd elements and whether it signs in
// where <oAuth2> says is unknown. https://github.com/thunderbird/thunderbird-ios, issue
// 103 and pull request 110.
var thunderbirdIOS = Client{
	Name:     "Thunderbird for iOS",
	Source:   "https://github.com/thunderbird/thunderbird-ios/pull/110",
	Evidence: "by the public part of its source, ",
	Requests: func(a provider.Address) []Request {
		// iOS does not let apps use http. Mail exchangers and SRV records come after.
		d := a.Domain()
		return []Request{
			getAutoconfig(mainURL("https", d), 0),
			getAutoconfig(wellKnownURL("https", d), 0),
			askDatabase(databaseThunderbird, d, 0),
		}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readThunderbirdIOS}},
}

func readThunderbirdIOS(ans Answer, a provider.Address) (Settings, error) {
	if !ans.is2xx() {
		return Settings{}, next("status %d", ans.Status)
	}
	root, err := foundation.parse(ans)
	if err != nil {
		return Settings{}, next("%v", err)
	}
	p := root.child("emailProvider")
	incoming, outgoing := p.typed("incomingServer", "imap"), p.typed("outgoingServer", "smtp")
	if root.name != "clientConfig" || len(incoming) == 0 || len(outgoing) == 0 {
		return Settings{}, next("a server is missing")
	}
	in, ok1 := iosServer(incoming[0], a)
	out, ok2 := iosServer(outgoing[0], a)
	switch {
	case !ok1 || !ok2:
		return Settings{}, next("a server lacks hostname, port or socketType")
	case in.Auth == 0 || out.Auth == 0:
		return Settings{}, deadEnd("a server accepts only OAuth2, and the service is unknown")
	}
	return Settings{Incoming: in, Outgoing: out}, nil
}

func iosServer(e *element, a provider.Address) (s ServerSettings, ok bool) {
	s = ServerSettings{Host: fill(e.content("hostname"), a), Login: fill(e.content("username"), a), Stated: e.child("username") != nil}
	port, err := strconv.ParseUint(e.content("port"), 10, 16)
	s.Port = int(port)
	switch e.content("socketType") {
	case "plain":
		s.Security = Plaintext
	case "SSL":
		s.Security = TLS
	case "STARTTLS":
		s.Security = StartTLS
	}
	s.Auth = iosAuth(e.all("authentication"), s.Host)
	return s, err == nil && s.Host != "" && s.Security != 0
}

// iosAuth returns the first method of the list that can be used at the host, 0 if the
// list has only OAuth2 and the host is unknown.
func iosAuth(list []*element, host string) Auth {
	auth := AuthNegotiated
	for _, e := range list {
		switch e.text {
		case "password-cleartext":
			return AuthPassword
		case "password-encrypted":
			return AuthEncrypted
		case "OAuth2":
			if thunderbirdIOSKnowsOAuth2(host) {
				return AuthOAuth2
			}
			auth = 0
		}
	}
	return auth
}
