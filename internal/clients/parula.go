package clients

import (
	"errors"
	"net/url"
	"time"

	"mailsetup/internal/provider"
)

// Parula, formerly Mustang. The domain asked about must be in the document's list.
// Rules: https://github.com/mustang-im/mustang at 227ae5a, app/logic/Mail/AutoConfig/
// fetchConfig.ts and readConfig.ts.
var parula = Client{
	Name:   "Parula",
	Source: "https://github.com/mustang-im/mustang/tree/master/app/logic/Mail/AutoConfig",
	Requests: func(a provider.Address) []Request {
		const timeout = 3 * time.Second
		d := a.Domain()
		main := getAutoconfig(mainURL("https", d)+"?emailaddress="+url.QueryEscape(a.String()), timeout)
		wellKnown := getAutoconfig(wellKnownURL("https", d), timeout)
		plain := getAutoconfig(mainURL("http", d), timeout)
		main.Step, wellKnown.Step, plain.Step = 1, 1, 1
		return []Request{askDatabase(databaseISPDB, d, timeout), main, wellKnown, plain}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readParula}},
}

func readParula(ans Answer, a provider.Address) (Settings, error) {
	if !ans.is2xx() || len(ans.Body) == 0 {
		return Settings{}, next("status %d", ans.Status)
	}
	// Any text wins over the URLs behind it; only then is it read.
	root, err := chromium.parse(ans)
	if err != nil {
		return Settings{}, deadEnd("%v", err)
	}
	p := root.child("emailProvider")
	if root.name != "clientConfig" || p == nil {
		return Settings{}, deadEnd("no emailProvider")
	}
	listed := false
	for _, d := range p.all("domain") {
		listed = listed || jxonOf(d).is(a.Domain().String())
	}
	if !listed {
		return Settings{}, deadEnd("the domain asked about is not listed")
	}
	incoming, err := firstParula(p.all("incomingServer"), "imap", a)
	if err != nil {
		return Settings{}, deadEnd("no good incomingServer: %v", err)
	}
	outgoing, err := firstParula(p.all("outgoingServer"), "smtp", a)
	if err != nil {
		return Settings{}, deadEnd("no good outgoingServer: %v", err)
	}
	return Settings{Incoming: incoming, Outgoing: outgoing}, nil
}

// firstParula returns the first good server, which must be of the type wanted:
// another one would be what people get.
func firstParula(all []*element, want string, a provider.Address) (ServerSettings, error) {
	err := errors.New("there is none")
	for _, e := range all {
		var s ServerSettings
		if s, err = parulaServer(e, a); err == nil {
			if !jxonAttr(e, "type").is(want) {
				return s, errors.New("the first one is of another type")
			}
			return s, nil
		}
	}
	return ServerSettings{}, err
}

func parulaServer(e *element, a provider.Address) (ServerSettings, error) {
	s := ServerSettings{Login: fill(jxonOf(e.child("username")).String(), a), Stated: true}
	host, err := thunderbirdHost(jxonOf(e.child("hostname")))
	if err != nil {
		return s, err
	}
	s.Host = fill(host, a)
	port, ok := jxonOf(e.child("port")).integer()
	if !ok || port < 1 || port > 65535 {
		return s, errors.New("its port is none")
	}
	s.Port = port
	for _, t := range e.all("socketType") {
		switch v := jxonOf(t); {
		case s.Security != 0:
		case v.is("plain"):
			s.Security = Plaintext
		case v.is("SSL"):
			s.Security = TLS
		case v.is("STARTTLS"):
			s.Security = StartTLS
		}
	}
	for _, t := range e.all("authentication") {
		switch v := jxonOf(t); {
		case s.Auth != 0:
		case v.is("password-cleartext"), v.is("basic"):
			s.Auth = AuthPassword
		case v.is("password-encrypted"):
			s.Auth = AuthEncrypted
		case v.is("GSSAPI"):
			s.Auth = AuthGSSAPI
		case v.is("NTLM"):
			s.Auth = AuthSPA
		}
	}
	if s.Security == 0 || s.Auth == 0 {
		return s, errors.New("its socketType or authentication is none")
	}
	return s, nil
}
