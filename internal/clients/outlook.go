package clients

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mailsetup/internal/provider"
)

// Classic Outlook, by Microsoft's documents: [MS-OXDSCLI] 2.2.4
// (https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxdscli) and the "POX
// Autodiscover XML elements for Exchange"
// (https://learn.microsoft.com/exchange/client-developer/web-service-reference). Nobody has
// run an Outlook against this reader; where the documents are silent it assumes the worse
// case.
var outlook = Client{
	Name:       "Outlook (classic)",
	FollowsSRV: true,
	Source:     "https://learn.microsoft.com/exchange/client-developer/web-service-reference/pox-autodiscover-xml-elements-for-exchange",
	Evidence:   "by its published rules, ",
	Requests: func(a provider.Address) []Request {
		// First it asks where the XML is, in this spelling:
		// https://github.com/mailcow/mailcow-dockerized/issues/2300 and 2653. Then it asks
		// the URLs of [MS-OXDISCO] 3.1.5. A GET over http, where only a redirect counts, and
		// an SRV record would follow.
		d := a.Domain().String()
		all := []Request{jsonRequest(a, "Autodiscoverv1", outlookAgent)}
		for _, host := range []string{d, "autodiscover." + d} {
			r := outlookPost("https://"+host+"/autodiscover/autodiscover.xml", a)
			r.Step = 1
			all = append(all, r)
		}
		return all
	},
	Readings: []Reading{
		{Format: AutodiscoverJSON, Read: func(ans Answer, a provider.Address) (Settings, error) {
			url, err := ReadAutodiscoverJSON(ans)
			if err != nil {
				return Settings{}, err
			}
			return Settings{}, &FollowUp{outlookPost(url, a)}
		}},
		{Format: Autodiscover, Read: readOutlook},
	},
}

// Microsoft's pages spell the schemas with https since they were rewritten by
// machine; clients do not.
const (
	outlookRequestSchema  = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
	outlookResponseSchema = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
	responseSchema        = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"

	outlookAgent = "Microsoft Office/16.0 (Windows NT 10.0; MAPI 16.0.10344; Pro)"
)

func outlookPost(url string, a provider.Address) Request {
	return Request{
		Method: http.MethodPost,
		URL:    url,
		Header: http.Header{"Content-Type": {"text/xml"}, "User-Agent": {outlookAgent}},
		Body:   outlookRequest(a, outlookRequestSchema, outlookResponseSchema),
		Format: Autodiscover,
	}
}

// jsonRequest asks for the URL of a protocol. The other form of the URL, with the
// address in the path, is that of clients that use /v1.0/.
func jsonRequest(a provider.Address, protocol, agent string) Request {
	return Request{
		Method: http.MethodGet,
		URL: "https://autodiscover." + a.Domain().String() + "/autodiscover/autodiscover.json?Email=" +
			url.QueryEscape(a.String()) + "&Protocol=" + protocol + "&RedirectCount=1",
		Header: http.Header{"User-Agent": {agent}},
		Format: AutodiscoverJSON,
	}
}

func readOutlook(ans Answer, _ provider.Address) (Settings, error) {
	// "Handling Autodiscover error messages": a status that is neither success nor
	// redirect makes the endpoint invalid, and the next URL is tried.
	if ans.Status != http.StatusOK {
		return Settings{}, next("status %d", ans.Status)
	}
	root, err := microsoft.parse(ans)
	if err != nil {
		return Settings{}, deadEnd("%v", err)
	}
	response := root.child("Response")
	switch {
	case root.name != "Autodiscover" || root.space != responseSchema:
		return Settings{}, deadEnd("no Autodiscover in its schema")
	case response == nil || response.child("Error") != nil:
		return Settings{}, deadEnd("an error at status 200")
	case response.space != outlookResponseSchema:
		return Settings{}, deadEnd("the response is not in Outlook's schema")
	case response.child("User") == nil:
		return Settings{}, deadEnd("the server MUST return User")
	}
	account := response.child("Account")
	if account.content("AccountType") != "email" || account.content("Action") != "settings" {
		return Settings{}, deadEnd("no account of type email with settings")
	}
	// Protocol elements are in order of preference: the first of each counts.
	var s Settings
	var outgoing *element
	for _, p := range account.all("Protocol") {
		switch kind := p.content("Type"); {
		case kind == "POP3" && s.Incoming.Host == "":
			return Settings{}, deadEnd("POP3 is preferred")
		case kind == "IMAP" && s.Incoming.Host == "":
			s.Incoming = outlookServer(p)
		case kind == "SMTP" && outgoing == nil:
			s.Outgoing, outgoing = outlookServer(p), p
		}
	}
	if s.Incoming.Host == "" || s.Outgoing.Host == "" {
		return Settings{}, deadEnd("a server is missing")
	}
	if outgoing.content("UsePOPAuth") == "on" {
		s.Outgoing.Login, s.Outgoing.Stated = s.Incoming.Login, s.Incoming.Stated
	}
	return s, nil
}

func outlookServer(p *element) ServerSettings {
	s := ServerSettings{Host: p.content("Server"), Security: outlookSecurity(p), Auth: AuthPassword}
	s.Port, _ = strconv.Atoi(p.content("Port"))
	if spa := p.child("SPA"); spa == nil || spa.text != "off" {
		s.Auth = AuthSPA // "If this element is not present, the default value is set to on"
	}
	if p.content("AuthRequired") == "off" {
		s.Auth = AuthNone
	}
	// Without LoginName it is unknown whether Outlook offers the address or the part
	// before the @. With DomainRequired and no domain in it, "the user must enter
	// the domain".
	login := p.child("LoginName")
	if login != nil && (p.content("DomainRequired") != "on" || strings.ContainsAny(login.text, `@\`)) {
		s.Login, s.Stated = login.text, true
	}
	return s
}

// outlookSecurity: Encryption "overrides SSL if present" ([MS-OXDSCLI]
// 2.2.4.1.1.2.6.22). An unknown word ends in plaintext: "Automatic
// Insecurity: Exploring Email Auto-configuration in the Wild" (NDSS 2025) saw
// Outlook 16 do so. Auto may end there.
func outlookSecurity(p *element) Security {
	if e := p.child("Encryption"); e != nil {
		switch e.text {
		case "SSL":
			return TLS
		case "TLS":
			return StartTLS
		}
		return Plaintext
	}
	if ssl := p.child("SSL"); ssl != nil && ssl.text != "on" {
		return Plaintext // https://github.com/virtualmin/virtualmin-gpl/issues/764 and 1184
	}
	return TLS
}
