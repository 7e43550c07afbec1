package clients

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"mailsetup/internal/provider"
)

// Thunderbird for Android, formerly K-9 Mail: the strictest reader. One bad server entry or
// one unknown socketType makes it drop the whole document. Rules:
// https://github.com/thunderbird/thunderbird-android at a59bd67,
// feature/autodiscovery/autoconfig: RealAutoconfigParser.kt and its test, and
// ProviderAutoconfigUrlProvider.kt; feature/account/setup: GetAutoDiscovery.kt, which
// afterwards removes OAuth2 from the lists of hosts that it does not know.
var thunderbirdAndroid = Client{
	Name:   "Thunderbird for Android",
	Source: "https://github.com/thunderbird/thunderbird-android/tree/main/feature/autodiscovery",
	Requests: func(a provider.Address) []Request {
		// The address is not sent:
		// https://github.com/thunderbird/thunderbird-android/issues/6872
		const timeout = 10 * time.Second // OkHttp's default
		d := a.Domain()
		return []Request{
			getAutoconfig(mainURL("https", d), timeout),
			getAutoconfig(wellKnownURL("https", d), timeout),
			getAutoconfig(mainURL("http", d), timeout),
			getAutoconfig(wellKnownURL("http", d), timeout),
			askDatabase(databaseThunderbird, d, timeout),
		}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readThunderbirdAndroid}},
}

func readThunderbirdAndroid(ans Answer, a provider.Address) (Settings, error) {
	if !ans.is2xx() {
		return Settings{}, next("status %d", ans.Status)
	}
	root, err := androidPull.parse(ans)
	if err != nil {
		return Settings{}, next("%v", err)
	}
	if root.name != "clientConfig" {
		return Settings{}, next("no clientConfig")
	}
	p := &androidParser{address: a}
	for _, e := range root.all("emailProvider") {
		p.provider(e)
	}
	switch {
	case p.err != "":
		return Settings{}, next("%s", p.err)
	case root.child("emailProvider") == nil:
		return Settings{}, next("no emailProvider")
	}
	for _, s := range []ServerSettings{p.settings.Incoming, p.settings.Outgoing} {
		if s.Auth == 0 {
			// The search ends with this document; the later steps do not search again.
			return Settings{}, deadEnd("a server accepts only OAuth2, and its host is unknown")
		}
	}
	return p.settings, nil
}

// androidParser keeps the first error; nothing counts after it.
type androidParser struct {
	address  provider.Address
	settings Settings
	err      string
}

func (p *androidParser) fail(why string) {
	if p.err == "" {
		p.err = why
	}
}

func (p *androidParser) provider(e *element) {
	p.settings = Settings{}
	if id, ok := e.attr("id"); !ok || !androidHost(id) {
		p.fail("the id of emailProvider is not a host name")
	}
	domain := false
	for _, c := range e.children {
		kind, _ := c.attr("type")
		switch {
		case c.name == "domain":
			domain = androidHost(fill(p.text(c), p.address)) || domain
		case c.name == "incomingServer" && kind == "imap":
			p.server(c, &p.settings.Incoming)
		case c.name == "outgoingServer" && kind == "smtp":
			p.server(c, &p.settings.Outgoing)
		}
	}
	switch {
	case !domain:
		p.fail("no domain that is a host name")
	case p.settings.Incoming.Host == "":
		p.fail("no imap server")
	case p.settings.Outgoing.Host == "":
		p.fail("no smtp server")
	}
}

// server reads every entry to its end and keeps the first.
func (p *androidParser) server(e *element, into *ServerSettings) {
	s := ServerSettings{Stated: true}
	hasLogin := false
	var methods []Auth
	// Unknown elements are not skipped here: what is inside them counts too.
	e.walk(func(c *element) bool {
		switch c.name {
		case "hostname":
			s.Host = fill(p.text(c), p.address)
			if !legalHost(s.Host) {
				p.fail("invalid host name")
			}
		case "port":
			port, err := strconv.Atoi(p.text(c))
			if err != nil || port < 0 || port > 65535 {
				p.fail("invalid port")
			}
			s.Port = port
		case "username":
			s.Login, hasLogin = fill(p.text(c), p.address), true
		case "socketType":
			switch p.text(c) {
			case "SSL":
				s.Security = TLS
			case "STARTTLS":
				s.Security = StartTLS
			default:
				p.fail("a socketType is neither SSL nor STARTTLS")
			}
		case "authentication":
			if method := androidAuth(p.text(c)); method != 0 {
				methods = append(methods, method)
			}
		default:
			return true
		}
		return false
	})
	switch {
	case s.Host == "", e.child("port") == nil, s.Security == 0:
		p.fail("a server lacks hostname, port or socketType")
	case !hasLogin:
		p.fail("a server lacks its username")
	case len(methods) == 0:
		p.fail("a server has no known authentication")
	}
	usable := slices.IndexFunc(methods, func(a Auth) bool { return a != AuthOAuth2 || thunderbirdAndroidKnowsOAuth2(s.Host) })
	if usable >= 0 {
		s.Auth = methods[usable]
	}
	if into.Host == "" {
		*into = s
	}
}

// androidAuth returns 0 for a value that is skipped.
func androidAuth(s string) Auth {
	switch s {
	case "OAuth2":
		return AuthOAuth2
	case "password-cleartext":
		return AuthPassword
	case "password-encrypted":
		return AuthEncrypted
	}
	return 0
}

// text returns the text of a leaf, untrimmed; an element inside is fatal.
func (p *androidParser) text(e *element) string {
	if len(e.children) > 0 {
		p.fail("there is an element where text belongs")
	}
	return e.text
}

func androidHost(s string) bool { return legalHost(strings.TrimSpace(s)) }
