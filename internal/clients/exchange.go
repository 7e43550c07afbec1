package clients

import (
	"net/http"
	"strings"
	"time"

	"mailsetup/internal/provider"
)

// Thunderbird's Autodiscover half, which people see as "Microsoft Exchange". It always runs
// in parallel with autoconfig, and loses to any autoconfig result. Rules:
// mozilla/releases-comm-central cf9726f,
// mail/components/accountcreation/modules/ExchangeAutoDiscover.sys.mjs.

func exchangeRequests(a provider.Address, timeout time.Duration, step int) []Request {
	// The address is inserted unescaped: an ampersand in it makes the
	// request malformed.
	body := `<?xml version="1.0" encoding="utf-8"?>
    <Autodiscover xmlns="` + outlookRequestSchema + `">
      <Request>
        <EMailAddress>` + a.String() + `</EMailAddress>
        <AcceptableResponseSchema>` + outlookResponseSchema + `</AcceptableResponseSchema>
      </Request>
    </Autodiscover>`
	d := a.Domain().String()
	var all []Request
	for _, base := range []string{"https://autodiscover." + d, "https://" + d, "http://autodiscover." + d} {
		all = append(all, Request{
			Method:  http.MethodPost,
			URL:     base + "/autodiscover/autodiscover.xml",
			Header:  http.Header{"Content-Type": {"text/xml; charset=utf-8"}},
			Body:    []byte(body),
			Timeout: timeout,
			Format:  Autodiscover,
			Step:    step,
		})
	}
	return all
}

func readThunderbirdExchange(ans Answer, a provider.Address) (Settings, error) {
	root, err := fetchThunderbird(ans)
	if err != nil {
		return Settings{}, err
	}
	if root.name != "Autodiscover" {
		return Settings{}, deadEnd("no Autodiscover document")
	}
	account := root.child("Response").child("Account")
	if !jxonOf(account.child("RedirectAddr")).falsy() {
		return Settings{}, deadEnd("redirects to another address")
	}
	var s Settings
	for _, p := range account.all("Protocol") {
		kind := jxonOf(p.child("Type"))
		if !kind.is("IMAP") && !kind.is("SMTP") && !kind.is("POP3") {
			continue // the types are compared with their case
		}
		server, ok := exchangeServer(p, a)
		switch {
		case !ok:
		case kind.is("SMTP") && s.Outgoing.Host == "":
			s.Outgoing = server
		case kind.is("POP3") && s.Incoming.Host == "":
			return Settings{}, deadEnd("POP3 comes first, so that is what people get")
		case kind.is("IMAP") && s.Incoming.Host == "":
			s.Incoming = server
		}
	}
	if s.Incoming.Host == "" {
		return Settings{}, deadEnd("no good IMAP Protocol")
	}
	if s.Outgoing.Host == "" {
		// Thunderbird goes on, without a server to send by.
		return Settings{}, deadEnd("no good SMTP Protocol")
	}
	if s.Incoming.Port == 0 || s.Outgoing.Port == 0 {
		return Settings{}, deadEnd("a Port is 0")
	}
	return s, nil
}

// exchangeServer reads one Protocol; ok is false if Thunderbird drops it.
func exchangeServer(p *element, a provider.Address) (s ServerSettings, ok bool) {
	host, err := thunderbirdHost(jxonOf(p.child("Server")))
	if err != nil {
		return s, false
	}
	s.Host = host
	if s.Port, ok = jxonOf(p.child("Port")).integer(); !ok {
		return s, false
	}
	// Only strings can be lower-cased: an empty element or "true" is a boolean,
	// and the attempt drops the server.
	word := func(name string) (string, bool) {
		switch v := jxonOf(p.child(name)); v.kind {
		case jxonUndefined:
			return "", true
		case jxonString:
			return strings.ToLower(v.text), true
		case jxonBoolean, jxonNumber, jxonObject:
		}
		return "", false
	}
	ssl, ok := word("SSL")
	if !ok {
		return s, false
	}
	if ssl == "off" {
		s.Security = Plaintext // whatever Encryption says
	} else {
		encryption, ok := word("Encryption")
		switch {
		case !ok:
			return s, false
		case encryption == "none":
			s.Security = Plaintext
		case s.Port == 143, s.Port == 110, s.Port == 25, s.Port == 587:
			s.Security = StartTLS // the port decides, Encryption does not
		default:
			s.Security = TLS
		}
	}
	spa, ok := word("SPA")
	if !ok {
		return s, false
	}
	s.Auth = AuthPassword
	if spa == "on" {
		s.Auth = AuthSecure
	}
	if p.child("LoginName") == nil {
		s.Login = a.String()
		return s, true
	}
	login := jxonOf(p.child("LoginName"))
	s.Login, s.Stated = fill(login.String(), a), true
	return s, !login.falsy() // an empty LoginName is the login "true"
}
