package clients

import (
	"strconv"

	"mailsetup/internal/provider"
)

// Mailspring. It first uses its own tables, by domain and by mail exchanger; iCloud's
// domains are in them, with the address as login. Every user name except exactly
// %EMAILLOCALPART% becomes the address: a stated login is lost. Rules:
// https://github.com/Foundry376/Mailspring at d93a0d7,
// app/internal_packages/onboarding/lib.
var mailspring = Client{
	Name:   "Mailspring",
	Source: "https://github.com/Foundry376/Mailspring/tree/master/app/internal_packages/onboarding/lib",
	Requests: func(a provider.Address) []Request {
		d := a.Domain()
		return []Request{
			getAutoconfig(mainURL("https", d), 0),
			getAutoconfig(wellKnownURL("https", d), 0),
		}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readMailspring,
		Limit: "turns every login other than %EMAILLOCALPART% into the address"}},
}

func readMailspring(ans Answer, a provider.Address) (Settings, error) {
	if !ans.is2xx() {
		return Settings{}, next("status %d", ans.Status)
	}
	root, err := chromium.parse(ans)
	if err != nil {
		return Settings{}, next("%v", err)
	}
	p := mailspringProvider(root, a.Domain())
	incoming, outgoing := p.typed("incomingServer", "imap"), p.typed("outgoingServer", "smtp")
	if len(incoming) == 0 || len(outgoing) == 0 {
		return Settings{}, next("a server is missing")
	}
	in, out := mailspringServer(incoming[0], a), mailspringServer(outgoing[0], a)
	if in.Host == "" || out.Host == "" {
		return Settings{}, next("a server has no host name")
	}
	return Settings{Incoming: in, Outgoing: out}, nil
}

// mailspringProvider returns the provider; if there are several, the one
// whose id is the domain asked about.
func mailspringProvider(root *element, d provider.Domain) *element {
	all := root.all("emailProvider")
	if len(all) == 1 {
		return all[0]
	}
	for _, p := range all {
		if id, _ := p.attr("id"); id == d.String() {
			return p
		}
	}
	return nil
}

func mailspringServer(e *element, a provider.Address) ServerSettings {
	s := ServerSettings{Host: e.content("hostname"), Security: StartTLS, Auth: AuthNegotiated, Login: a.String()}
	s.Port, _ = strconv.Atoi(e.content("port"))
	switch e.content("socketType") { // any other word is STARTTLS
	case "SSL":
		s.Security = TLS
	case "plain":
		s.Security = Plaintext
	}
	switch e.content("username") {
	case "%EMAILLOCALPART%":
		s.Login, s.Stated = a.LocalPart(), true
	case "%EMAILADDRESS%":
		s.Stated = true
	}
	return s
}
