package clients

import (
	"strconv"

	"mailsetup/internal/provider"
)

// Himalaya and related programs. serde turns the document into typed values: an unknown
// word in an enum makes it refuse the whole document, and repeated elements must be
// adjacent. It does not get tokens itself: for OAuth2 it needs another program that has
// one, so it puts a password first (https://github.com/pimalaya/himalaya,
// src/wizard/search.rs). Rules: https://github.com/pimalaya/io-pim-discovery at 5036dfa,
// src/autoconfig/config.rs and isp.rs, src/compose/config.rs.
var himalaya = Client{
	Name:   "Himalaya",
	Source: "https://github.com/pimalaya/io-pim-discovery/tree/master/src/autoconfig",
	Requests: func(a provider.Address) []Request {
		d := a.Domain()
		query := "?emailaddress=" + a.String() // raw
		// PACC comes before; TXT mailconf, MX and SRV records are also used.
		return []Request{
			getAutoconfig(mainURL("https", d)+query, 0),
			getAutoconfig(mainURL("http", d)+query, 0),
			getAutoconfig(wellKnownURL("https", d), 0),
			getAutoconfig(wellKnownURL("http", d), 0),
			askDatabase(databaseThunderbird, d, 0),
		}
	},
	Readings: []Reading{{Format: Autoconfig, Read: readHimalaya}},
}

func readHimalaya(ans Answer, a provider.Address) (Settings, error) {
	if !ans.is2xx() {
		return Settings{}, next("status %d", ans.Status)
	}
	root, err := quickXMLSerde.parse(ans)
	if err != nil {
		return Settings{}, next("%v", err)
	}
	if why := himalayaRefuses(root); why != "" {
		return Settings{}, next("%s", why)
	}
	p := root.child("emailProvider")
	incoming, outgoing := p.typed("incomingServer", "imap"), p.typed("outgoingServer", "smtp")
	if len(incoming) == 0 || len(outgoing) == 0 {
		return Settings{}, deadEnd("a server is missing")
	}
	signIn := root.child("oAuth2") != nil
	return complete(himalayaServer(incoming[0], signIn, a), himalayaServer(outgoing[0], signIn, a))
}

// himalayaRefuses says why deserialisation fails, "" if it does not.
func himalayaRefuses(root *element) string {
	if _, ok := root.attr("version"); !ok {
		return "no version"
	}
	p := root.child("emailProvider")
	if p == nil || len(root.all("emailProvider")) > 1 {
		return "not exactly one emailProvider"
	}
	if _, ok := p.attr("id"); !ok {
		return "emailProvider has no id"
	}
	for _, name := range []string{"displayName", "displayShortName"} {
		if len(p.all(name)) > 1 {
			return "two of " + name
		}
	}
	if o := root.child("oAuth2"); o != nil {
		for _, name := range []string{"issuer", "scope", "authURL", "tokenURL"} {
			if o.child(name) == nil {
				return "oAuth2 lacks " + name
			}
		}
	}
	for _, c := range p.all("documentation") {
		if _, ok := c.attr("url"); !ok {
			return "documentation has no url"
		}
		for _, descr := range c.all("descr") {
			if descr.text == "" {
				return "an empty descr"
			}
		}
	}
	if !contiguous(p, "domain", "incomingServer", "outgoingServer", "documentation") {
		return "repeated elements do not stand together"
	}
	for _, e := range append(p.all("incomingServer"), p.all("outgoingServer")...) {
		if why := himalayaRefusesServer(e); why != "" {
			return why
		}
	}
	return ""
}

func himalayaRefusesServer(e *element) string {
	switch t, _ := e.attr("type"); t {
	case "imap", "pop3", "smtp":
	default:
		return "an unknown type of server"
	}
	for _, name := range []string{"hostname", "port", "socketType", "username"} {
		if len(e.all(name)) > 1 {
			return "two of " + name
		}
	}
	if c := e.child("port"); c != nil {
		if _, err := strconv.ParseUint(c.text, 10, 16); err != nil {
			return "invalid or missing port"
		}
	}
	if c := e.child("socketType"); c != nil && himalayaSecurity(c.text) == 0 {
		return "an unknown socketType"
	}
	for _, c := range e.all("authentication") {
		if himalayaAuth(c.text) == 0 {
			return "an unknown authentication"
		}
	}
	if !contiguous(e, "authentication") {
		return "repeated elements do not stand together"
	}
	return ""
}

// contiguous reports whether children of one name are adjacent.
func contiguous(e *element, names ...string) bool {
	for _, name := range names {
		before := false // seen, and something else after it
		seen := false
		for _, c := range e.children {
			if c.name == name && before {
				return false
			}
			before = before || seen && c.name != name
			seen = seen || c.name == name
		}
	}
	return true
}

// himalayaServer uses OAuth2 only if the document says where people sign in. For methods
// other than that and passwords it lets people choose.
func himalayaServer(e *element, signIn bool, a provider.Address) ServerSettings {
	s := ServerSettings{
		Host: fill(e.content("hostname"), a), Security: himalayaSecurity(e.content("socketType")),
		Login: fill(e.content("username"), a), Stated: e.child("username") != nil,
		Auth: AuthNegotiated,
	}
	s.Port, _ = strconv.Atoi(e.content("port"))
	if s.Security == 0 {
		s.Security = TLS // there is no socketType
	}
	for _, c := range e.all("authentication") {
		switch method := himalayaAuth(c.text); {
		case method == AuthPassword, method == AuthEncrypted:
			s.Auth = method
			return s
		case method == AuthOAuth2 && signIn:
			s.Auth = method
		}
	}
	return s
}

// himalayaSecurity returns 0 for an unknown word.
func himalayaSecurity(s string) Security {
	switch s {
	case "plain":
		return Plaintext
	case "starttls", "STARTTLS":
		return StartTLS
	case "tls", "SSL":
		return TLS
	}
	return 0
}

// himalayaAuth returns 0 for an unknown word. GSSAPI is one: the code has "GSAPI".
func himalayaAuth(s string) Auth {
	switch s {
	case "password-cleartext", "passwordCleartext":
		return AuthPassword
	case "password-encrypted", "passwordEncrypted":
		return AuthEncrypted
	case "NTLM", "ntlm":
		return AuthSPA
	case "GSAPI", "gsApi":
		return AuthGSSAPI
	case "OAuth2", "oAuth2":
		return AuthOAuth2
	case "client-IP-address", "clientIPAddress", "TLS-client-cert", "tlsClientCert", "none":
		return AuthNone
	}
	return 0
}
