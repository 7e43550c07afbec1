package clients

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"mailsetup/internal/provider"
)

// Thunderbird for the desktop. Rules: mozilla/releases-comm-central cf9726f,
// mail/components/accountcreation/modules/: FetchConfig, FetchHTTP, readFromXML,
// InputSanitizer and AccountConfig (.sys.mjs). Its Autodiscover half is in
// exchange.go.
var thunderbird = Client{
	Name:         "Thunderbird",
	AsksAboutSRV: true, FollowsSRV: true,
	Source: "https://hg.mozilla.org/comm-central/file/tip/mail/components/accountcreation/modules",
	Requests: func(a provider.Address) []Request {
		// All are sent at once, and the first that ends well wins. So a slow one of a higher
		// rank makes people wait. After a certificate error, which is silent, only http is
		// left.
		const timeout = 5 * time.Second
		query := "?" + url.Values{"emailaddress": {a.String()}}.Encode()
		d := a.Domain()
		all := []Request{
			getAutoconfig(mainURL("https", d)+query, timeout),
			getAutoconfig(wellKnownURL("https", d)+query, timeout),
			getAutoconfig(mainURL("http", d)+query, timeout),
			getAutoconfig(wellKnownURL("http", d)+query, timeout),
		}
		database := askDatabase("https://live.thunderbird.net/autoconfig/v1.1/", d, 10*time.Second)
		database.Header = http.Header{"Accept": {"application/xml,text/xml,*/*"}}
		database.Step = 1
		return append(append(all, database), exchangeRequests(a, timeout, 2)...)
	},
	Readings: []Reading{
		{Format: Autoconfig, Read: readThunderbird},
		{Format: Autodiscover, Read: readThunderbirdExchange},
	},
}

func readThunderbird(ans Answer, a provider.Address) (Settings, error) {
	root, err := fetchThunderbird(ans)
	if err != nil {
		return Settings{}, err
	}
	if root.name != "clientConfig" || root.child("emailProvider") == nil {
		return Settings{}, deadEnd("no emailProvider")
	}
	p := root.child("emailProvider") // of several, the first
	if _, err := thunderbirdHost(jxonAttr(p, "id")); err != nil {
		return Settings{}, deadEnd("the id of emailProvider is not a host name")
	}
	known := false
	for _, d := range p.all("domain") {
		_, err := thunderbirdHost(jxonOf(d))
		known = known || err == nil
	}
	if !known {
		return Settings{}, deadEnd("no domain is a host name")
	}

	// Bad servers are skipped one by one. The first good one is what the person
	// is offered; later ones are alternatives.
	incoming, err := firstThunderbird(p.all("incomingServer"), "imap", "pop3")
	if err != nil {
		return Settings{}, deadEnd("no good incomingServer: %v", err)
	}
	if t, _ := incoming.el.attr("type"); t != "imap" {
		return Settings{}, deadEnd("the first good incomingServer is %s, so people get that", t)
	}
	outgoing, err := firstThunderbird(p.all("outgoingServer"), "smtp")
	if err != nil {
		return Settings{}, deadEnd("no good outgoingServer: %v", err)
	}
	for _, s := range []*ServerSettings{&incoming.ServerSettings, &outgoing.ServerSettings} {
		s.Host, s.Login = fill(s.Host, a), fill(s.Login, a)
	}
	return Settings{Incoming: incoming.ServerSettings, Outgoing: outgoing.ServerSettings}, nil
}

// fetchThunderbird classifies an answer before it is parsed. A 200 with a type
// other than XML still counts as a success: it wins and is then unusable.
func fetchThunderbird(ans Answer) (*element, error) {
	if !ans.is2xx() || ans.Status == http.StatusNoContent {
		return nil, next("status %d", ans.Status)
	}
	prefixed := func(types ...string) bool {
		for _, t := range types {
			if strings.HasPrefix(ans.ContentType, t) { // case and all
				return true
			}
		}
		return false
	}
	switch {
	case prefixed("text/xml", "application/xml", "text/rdf"):
		return fetchThunderbirdXML(ans)
	case prefixed("text/json", "application/json") && !json.Valid(ans.Body):
		return nil, next("not JSON")
	}
	return nil, deadEnd("content type %q is not treated as XML", ans.ContentType)
}

// fetchThunderbirdXML reads an answer with an XML type. XMLHttpRequest parses two
// of the types and returns nothing for the others, or for an empty body, which is
// a failure. Malformed XML still gives a document: Gecko turns its error message
// into one, so since Thunderbird 153 it is a success that hides later URLs.
// Version 140 treated it as a failure and went on. Seen with both.
func fetchThunderbirdXML(ans Answer) (*element, error) {
	essence, _, _ := strings.Cut(ans.ContentType, ";")
	switch strings.TrimSpace(essence) {
	case "text/xml", "application/xml":
	default:
		return nil, next("content type %q is not read", ans.ContentType)
	}
	if len(ans.Body) == 0 {
		return nil, next("an empty body")
	}
	root, err := gecko.parse(ans)
	if err != nil {
		return nil, deadEnd("%v", err)
	}
	return root, nil
}

type thunderbirdServer struct {
	ServerSettings
	el *element
}

func firstThunderbird(all []*element, types ...string) (thunderbirdServer, error) {
	err := errors.New("none found")
	for _, e := range all {
		var s ServerSettings
		if s, err = thunderbirdServerOf(e, types); err == nil {
			return thunderbirdServer{s, e}, nil
		}
	}
	return thunderbirdServer{}, err
}

func thunderbirdServerOf(e *element, types []string) (ServerSettings, error) {
	s := ServerSettings{Stated: true}
	kind := jxonAttr(e, "type")
	supported := false
	for _, t := range types {
		supported = supported || kind.is(t)
	}
	if !supported {
		return s, errors.New("its type is not supported")
	}
	outgoing := e.name == "outgoingServer"
	var err error
	if hostname := e.child("hostname"); hostname != nil || outgoing {
		if s.Host, err = thunderbirdHost(jxonOf(hostname)); err != nil {
			return s, err
		}
	}
	// An incoming server may lack a port: Thunderbird goes on with NaN, and so
	// does the account.
	if port := e.child("port"); port != nil || outgoing {
		n, ok := jxonOf(port).integer()
		if !ok || n < 1 || n > 65535 {
			return s, errors.New("invalid or missing port")
		}
		s.Port = n
	}
	if !outgoing {
		thunderbirdURL(e, &s)
		if s.Host == "" {
			return s, errors.New("its host name is missing")
		}
	}
	// The login is neither trimmed nor checked: a missing one is the login
	// "undefined".
	s.Login = jxonOf(e.child("username")).String()
	for _, t := range e.all("socketType") {
		switch v := jxonOf(t); {
		case v.is("plain"):
			s.Security = Plaintext
		case v.is("SSL"):
			s.Security = TLS
		case v.is("STARTTLS"):
			s.Security = StartTLS
		default:
			continue
		}
		break
	}
	if s.Security == 0 {
		return s, errors.New("invalid or missing socketType")
	}
	for _, t := range e.all("authentication") {
		if s.Auth = thunderbirdAuth(jxonOf(t), s.Host, outgoing); s.Auth != 0 {
			if outgoing && s.Auth != AuthPassword && s.Auth != AuthEncrypted && e.child("username") == nil {
				s.Login, s.Stated = "", false
			}
			return s, nil
		}
	}
	return s, errors.New("invalid or missing authentication")
}

// thunderbirdURL reads the url of an incoming server, which overrides its hostname
// and gives a socketType if there is no other.
func thunderbirdURL(e *element, s *ServerSettings) {
	address := e.child("url")
	if address == nil {
		return
	}
	u, err := url.Parse(jxonOf(address).String())
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return
	}
	host, err := thunderbirdHost(jxonText(u.Host))
	if err != nil {
		return
	}
	if s.Host, s.Security = host, TLS; u.Scheme == "http" {
		s.Security = Plaintext
	}
}

// thunderbirdAuth returns 0 for what is skipped. OAuth2 is, unless Thunderbird
// knows the host.
func thunderbirdAuth(v jxon, host string, outgoing bool) Auth {
	switch {
	case v.is("password-cleartext"), v.is("plain"):
		return AuthPassword
	case v.is("password-encrypted"), v.is("secure"):
		return AuthEncrypted
	case v.is("GSSAPI"):
		return AuthGSSAPI
	case v.is("NTLM"):
		return AuthSPA
	case v.is("OAuth2") && thunderbirdKnowsOAuth2(host):
		return AuthOAuth2
	case outgoing && (v.is("none") || v.is("client-IP-address") || v.is("smtp-after-pop")):
		return AuthNone
	}
	return 0
}

var hostPlaceholder = regexp.MustCompile(`^[a-zA-Z0-9\-.]*(%[A-Z0-9]+%[a-zA-Z0-9\-.]*)+$`)

// thunderbirdHost is InputSanitizer.hostname.
func thunderbirdHost(v jxon) (string, error) {
	s := strings.TrimSpace(v.String())
	switch {
	case v.falsy():
		return "", errors.New("its host name is missing")
	case hostPlaceholder.MatchString(s):
		return s, nil
	case !legalHost(s):
		return "", errors.New("invalid host name")
	}
	return strings.ToLower(s), nil
}
