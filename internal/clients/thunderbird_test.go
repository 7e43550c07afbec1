package clients

import (
	"testing"

	"mailsetup/internal/provider/providertest"
)

func TestThunderbirdAutoconfig(t *testing.T) {
	const html = "<!DOCTYPE html><html><head><title>Hello</title></head></html>"
	run(t, thunderbird, Autoconfig, good(), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "204 is not a success", status: 204, err: ErrNext},
		{name: "any other success is", status: 203},
		{name: "application/xml is read", ctype: "application/xml"},
		{name: "a type that only begins with text/xml is passed over", ctype: "text/xml-external", err: ErrNext},
		{name: "text/plain wins and is useless", ctype: "text/plain", err: ErrDeadEnd},
		{name: "octet-stream wins and is useless", ctype: "application/octet-stream", err: ErrDeadEnd},
		{name: "without a type it is useless", ctype: "-", err: ErrDeadEnd},
		{name: "the type's case counts", ctype: "Text/XML", err: ErrDeadEnd},
		{name: "a catch-all page hides the good URLs below it", old: goodConfig, new: html, ctype: "text/html", err: ErrDeadEnd},
		{name: "broken JSON is passed over", old: goodConfig, new: "{", ctype: "application/json", err: ErrNext},
		{name: "JSON wins and is useless", old: goodConfig, new: "{}", ctype: "application/json", err: ErrDeadEnd},
		{name: "malformed XML wins and is useless", old: "</clientConfig>", new: "", err: ErrDeadEnd},
		{name: "another document is useless", old: "*clientConfig", new: "config", err: ErrDeadEnd},
		{name: "the id must be a host name", old: `id="example.com"`, new: `id="Example Mail!"`, err: ErrDeadEnd},
		{name: "a number is not a host name", old: `id="example.com"`, new: `id="0"`, err: ErrDeadEnd},
		{name: "without id nothing works", old: ` id="example.com"`, new: "", err: ErrDeadEnd},
		{name: "without domain nothing works", old: "<domain>example.com</domain>", new: "", err: ErrDeadEnd},
		{name: "a domain need not match the address", old: "<domain>example.com", new: "<domain>example.org"},
		{name: "a domain may be a placeholder", old: "<domain>example.com", new: "<domain>%EMAILDOMAIN%"},
		{name: "host and port are trimmed", old: ">imap.example.com<", new: ">\n imap.EXAMPLE.com <"},
		{name: "a login is not trimmed", old: "%EMAILLOCALPART%", new: "%EMAILLOCALPART%\n",
			change: func(s *Settings) { s.Incoming.Login = "jane\n" }},
		{name: "a login of digits loses its zeros", old: "%EMAILLOCALPART%", new: "00123",
			change: func(s *Settings) { s.Incoming.Login = "123" }},
		{name: "a login of twenty digits is rounded", old: "%EMAILLOCALPART%", new: "12345678901234567890",
			change: func(s *Settings) { s.Incoming.Login = "12345678901234567000" }},
		{name: "an exponent is worked out", old: "%EMAILLOCALPART%", new: "1e5",
			change: func(s *Settings) { s.Incoming.Login = "100000" }},
		{name: "hexadecimal becomes zero", old: "%EMAILLOCALPART%", new: "0x1F",
			change: func(s *Settings) { s.Incoming.Login = "0" }},
		{name: "an empty login is the login true", old: "%EMAILLOCALPART%", new: "",
			change: func(s *Settings) { s.Incoming.Login = "true" }},
		{name: "a missing login is the login undefined", old: "<username>%EMAILLOCALPART%</username>", new: "",
			change: func(s *Settings) { s.Incoming.Login = "undefined" }},
		{name: "an attribute makes an object of a login", old: "<username>%EMAILLOCALPART%", new: `<username x="y">%EMAILLOCALPART%`,
			change: func(s *Settings) { s.Incoming.Login = "[object Object]" }},
		{name: "a comment in front is nothing", old: "%EMAILLOCALPART%", new: "<!-- login -->%EMAILLOCALPART%"},
		{name: "host names may contain placeholders", old: ">imap.example.com<", new: ">imap.%EMAILDOMAIN%<"},
		{name: "socketType is exact", old: "<socketType>SSL", new: "<socketType>ssl", err: ErrDeadEnd},
		{name: "socketType is not trimmed", old: "<socketType>SSL", new: "<socketType> SSL ", err: ErrDeadEnd},
		{name: "plaintext is taken", old: "<socketType>SSL", new: "<socketType>plain",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "the first known socketType counts", old: "<socketType>SSL", new: "<socketType>TLS</socketType><socketType>SSL"},
		{name: "a client certificate drops the server", old: "<authentication>password-cleartext", new: "<authentication>TLS-client-cert", err: ErrDeadEnd},
		{name: "OAuth2 is skipped", old: "<authentication>password-cleartext", new: "<authentication>OAuth2</authentication><authentication>password-cleartext"},
		{name: "CRAM-MD5 is known", old: "<authentication>password-cleartext", new: "<authentication>password-encrypted",
			change: func(s *Settings) { s.Incoming.Auth = AuthEncrypted }},
		{name: "a port is between 1 and 65535", old: ">993<", new: ">65536<", err: ErrDeadEnd},
		{name: "a missing port is 0", old: "<port>993</port>", new: "", change: func(s *Settings) { s.Incoming.Port = 0 }},
		{name: "a missing port of smtp drops the server", old: "<port>587</port>", new: "", err: ErrDeadEnd},
		{name: "a bad server is skipped", old: `<incomingServer type="imap">`,
			new: `<incomingServer type="jmap"><hostname>x</hostname></incomingServer><incomingServer type="imap">`},
		{name: "POP3 in front is what people get", old: `<incomingServer type="imap">`, new: pop3First, err: ErrDeadEnd},
		{name: "the first of two counts", old: "</incomingServer>", new: secondIMAP},
		{name: "the first smtp counts", old: "</outgoingServer>", new: secondSMTP},
		{name: "without outgoing server nothing works", old: `type="smtp"`, new: `type="lmtp"`, err: ErrDeadEnd},
		{name: "of two providers the first counts", old: "</emailProvider>", new: `</emailProvider><emailProvider id="x"/>`},
		{name: "a namespace is nothing", old: `version="1.1"`, new: `version="1.1" xmlns="urn:x"`},
		{name: "a prefix is", old: "*emailProvider", new: "x:emailProvider", err: ErrDeadEnd},
		{name: "a byte order mark is nothing", old: "<?xml", new: "\ufeff<?xml"},
		{name: "a DOCTYPE is nothing", old: "<clientConfig", new: "<!DOCTYPE clientConfig>\n<clientConfig"},
	})
}

func TestThunderbirdExchange(t *testing.T) {
	const imapFirst = "<Type>IMAP</Type>"
	run(t, thunderbird, Autodiscover, good(), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "an error document with another status is skipped", status: 400, err: ErrNext},
		{name: "an error at 200 hides a good answer at the next host", old: goodPOX,
			new: `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response><Error><ErrorCode>600</ErrorCode></Error></Response></Autodiscover>`, err: ErrDeadEnd},
		{name: "HTML hides it too", ctype: "text/html", err: ErrDeadEnd},
		{name: "application/xml is read", ctype: "application/xml"},
		{name: "prefixes are not resolved", old: "*Response", new: "a:Response", err: ErrDeadEnd},
		{name: "types are in upper case", old: imapFirst, new: "<Type>imap</Type>", err: ErrDeadEnd},
		{name: "POP3 in front is what people get", old: "<Protocol>", new: "<Protocol><Type>POP3</Type><Server>pop.example.com</Server><Port>995</Port></Protocol><Protocol>", err: ErrDeadEnd},
		{name: "the login is the address by default", old: "<LoginName>jane</LoginName>", new: "",
			change: func(s *Settings) { s.Incoming.Login, s.Incoming.Stated = "jane@example.com", false }},
		{name: "an empty login is the login true", old: "<LoginName>jane</LoginName>", new: "<LoginName/>",
			change: func(s *Settings) { s.Incoming.Login = "true" }},
		{name: "a login of digits loses its zeros", old: "<LoginName>jane<", new: "<LoginName>00123<",
			change: func(s *Settings) { s.Incoming.Login = "123" }},
		{name: "the port decides over Encryption", old: "<Encryption>SSL", new: "<Encryption>TLS"},
		{name: "an unusual port is TLS", old: ">587<", new: ">2587<",
			change: func(s *Settings) { s.Outgoing.Port, s.Outgoing.Security = 2587, TLS }},
		{name: "SSL off is plaintext, whatever Encryption says", old: "<SSL>on", new: "<SSL>Off",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "Encryption None is plaintext", old: "<Encryption>SSL", new: "<Encryption>None",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "SSL yes does not mean off", old: "<SSL>on", new: "<SSL>yes"},
		{name: "SSL true drops the server", old: "<SSL>on", new: "<SSL>true", err: ErrDeadEnd},
		{name: "an empty SSL drops the server", old: "<SSL>on</SSL>", new: "<SSL/>", err: ErrDeadEnd},
		{name: "SPA on is secure", old: "<SPA>off", new: "<SPA>on", change: func(s *Settings) { s.Incoming.Auth = AuthSecure }},
		{name: "SPA is off by default here", old: "<SPA>off</SPA>", new: ""},
		{name: "SMTP in a second Account is lost", old: "</Protocol>", new: "</Protocol></Account><Account>", err: ErrDeadEnd},
		{name: "a redirect to an address is another search", old: "<Action>settings", new: "<RedirectAddr>a@example.org</RedirectAddr><Action>redirectAddr", err: ErrDeadEnd},
		{name: "a missing port drops the server", old: "<Port>993</Port>", new: "", err: ErrDeadEnd},
	})
}

// Thunderbird builds its POST by hand: an ampersand in the address arrives raw, and
// a server that cannot read that fails that person.
func TestThunderbirdRequests(t *testing.T) {
	a := providertest.Address(t, "Jane+a&b@example.com")
	all := thunderbird.Requests(a)
	if got, want := all[0].URL, "https://autoconfig.example.com/mail/config-v1.1.xml?emailaddress=Jane%2Ba%26b%40example.com"; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
	last := all[len(all)-1]
	if got, want := last.URL, "http://autodiscover.example.com/autodiscover/autodiscover.xml"; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
	if _, err := gecko.parse(Answer{Body: last.Body}); err == nil {
		t.Error("the request is well-formed, unlike Thunderbird's")
	}
}
