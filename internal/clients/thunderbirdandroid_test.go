package clients

import "testing"

func TestThunderbirdAndroid(t *testing.T) {
	run(t, thunderbirdAndroid, Autoconfig, good(), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "the media type is not looked at", ctype: "application/octet-stream"},
		{name: "malformed XML", old: "</clientConfig>", new: "", err: ErrNext},
		{name: "another root", old: "*clientConfig", new: "config", err: ErrNext},
		{name: "no provider", old: "*emailProvider", new: "provider", err: ErrNext},
		{name: "no id", old: ` id="example.com"`, new: "", err: ErrNext},
		{name: "an id that is not a host name", old: `id="example.com"`, new: `id="-23"`, err: ErrNext},
		{name: "no domain", old: "<domain>example.com</domain>", new: "", err: ErrNext},
		{name: "a domain may be a placeholder", old: "<domain>example.com", new: "<domain>%EMAILDOMAIN%"},
		{name: "a host name is not trimmed", old: ">imap.example.com<", new: ">imap.example.com\n<", err: ErrNext},
		{name: "a port is not trimmed", old: ">993<", new: "> 993<", err: ErrNext},
		{name: "no username", old: "<username>%EMAILLOCALPART%</username>", new: "", err: ErrNext},
		{name: "a login is not trimmed", old: "%EMAILLOCALPART%", new: "%EMAILLOCALPART%\n",
			change: func(s *Settings) { s.Incoming.Login = "jane\n" }},
		{name: "one plaintext entry kills the document, even a second one", old: "</incomingServer>",
			new: `</incomingServer><incomingServer type="imap"><hostname>x</hostname><port>143</port><socketType>plain</socketType><username>x</username><authentication>password-cleartext</authentication></incomingServer>`, err: ErrNext},
		{name: "a misspelt socketType kills the document", old: "<socketType>SSL", new: "<socketType>TLS", err: ErrNext},
		{name: "POP3 is passed over", old: `<incomingServer type="imap">`, new: pop3First},
		{name: "the first imap counts", old: "</incomingServer>", new: secondIMAP},
		{name: "the first smtp counts", old: "</outgoingServer>", new: secondSMTP},
		{name: "an unknown authentication is passed over", old: "<authentication>password-cleartext", new: "<authentication>GSSAPI</authentication><authentication>password-cleartext"},
		{name: "no known authentication", old: "<authentication>password-cleartext", new: "<authentication>none", err: ErrNext},
		{name: "an element inside text", old: ">993<", new: "><b/>993<", err: ErrNext},
		{name: "a comment inside text is nothing", old: ">993<", new: "><!-- x -->993<"},
		{name: "unknown elements are not skipped inside a server", old: "</incomingServer>", new: "<x><username>other</username></x></incomingServer>",
			change: func(s *Settings) { s.Incoming.Login = "other" }},
		{name: "of two providers the last counts", old: "</emailProvider>", new: `</emailProvider><emailProvider id="x"/>`, err: ErrNext},
	})
}
