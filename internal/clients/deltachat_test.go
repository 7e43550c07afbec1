package clients

import (
	"errors"
	"net/http"
	"testing"

	"mailsetup/internal/provider/providertest"
)

func TestDeltaChatAutoconfig(t *testing.T) {
	run(t, deltaChat, Autoconfig, goodBut(negotiated), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "the media type is not looked at", ctype: "-"},
		{name: "a well-formed page ends the search", old: goodConfig, new: "<html><body>Hello</body></html>", err: ErrDeadEnd},
		{name: "plain text ends the search", old: goodConfig, new: "Not here.", err: ErrDeadEnd},
		{name: "an empty body ends the search", old: goodConfig, new: "", err: ErrDeadEnd},
		{name: "a page with loose ends does not", old: goodConfig, new: "<html><br><body></body></html>", err: ErrNext},
		{name: "a document that breaks off is read as far as it goes", old: "</clientConfig>", new: ""},
		{name: "tags are read in any case", old: "*incomingServer", new: "INCOMINGSERVER"},
		{name: "values are trimmed", old: "%EMAILLOCALPART%", new: "\n %EMAILLOCALPART% "},
		{name: "socketType is read in any case", old: "<socketType>SSL", new: "<socketType>ssl"},
		{name: "an unknown socketType is found out", old: "<socketType>SSL", new: "<socketType>x",
			change: func(s *Settings) { s.Incoming.Security = AnyTLS }},
		{name: "plaintext is taken", old: "<socketType>SSL", new: "<socketType>plain",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "authentication is not read", old: "*password-cleartext", new: "none"},
		{name: "a server without username is dropped", old: "<username>%EMAILLOCALPART%</username>", new: "", err: ErrDeadEnd},
		{name: "the first of two is tried first", old: "</incomingServer>", new: secondIMAP},
		{name: "POP3 is passed over", old: `<incomingServer type="imap">`, new: pop3First},
		{name: "an invalid port is found by trying", old: ">993<", new: ">imaps<", change: func(s *Settings) { s.Incoming.Port = 0 }},
	})
}

// With Autodiscover, Delta Chat guesses the login. jane@icloud.com, whose IMAP
// login is jane, gets in only because Delta Chat tries both.
func TestDeltaChatAutodiscover(t *testing.T) {
	want := goodBut(func(s *Settings) {
		negotiated(s)
		s.Incoming.Login, s.Incoming.Stated, s.Outgoing.Stated = "jane@example.com", false, false
		s.Incoming.Security, s.Outgoing.Security = AnyTLS, AnyTLS
	})
	run(t, deltaChat, Autodiscover, want, []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "an error at 200 ends the search", old: goodPOX, new: "<Autodiscover><Response><Error/></Response></Autodiscover>", err: ErrDeadEnd},
		{name: "an error with another status does not", status: 400, err: ErrNext},
		{name: "SSL off sends the password in plaintext, whatever Encryption says", old: "<SSL>on", new: "<SSL>off",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "SSL OFF in upper case is ignored", old: "<SSL>on", new: "<SSL>OFF"},
		{name: "Encryption None is not read", old: "<Encryption>SSL", new: "<Encryption>None"},
		{name: "types are read in any case", old: "<Type>IMAP", new: "<Type>imap"},
		{name: "a missing port drops the server", old: "<Port>993</Port>", new: "", err: ErrDeadEnd},
	})
}

func TestDeltaChatFollowsRedirectUrl(t *testing.T) {
	const body = "<Autodiscover><Response><Account><Action>redirectUrl</Action><RedirectUrl> https://example.org/a.xml </RedirectUrl></Account></Response></Autodiscover>"
	asked := map[string]bool{}
	_, err := deltaChat.Discover(jane(t), func(r Request) (Answer, error) {
		asked[r.URL] = true
		if r.Format == Autodiscover && r.URL != "https://example.org/a.xml" {
			return Answer{Status: 200, Body: []byte(body)}, nil
		}
		return Answer{Status: 404}, nil
	})
	if !errors.Is(err, ErrNext) || !asked["https://example.org/a.xml"] {
		t.Errorf("error %v, asked %v", err, asked)
	}
}

func TestDeltaChatRequests(t *testing.T) {
	all := deltaChat.Requests(providertest.Address(t, "j.d+x@example.com"))
	if got, want := all[0].URL, "https://autoconfig.example.com/mail/config-v1.1.xml?emailaddress=j.d%2Bx%40example.com"; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
	for _, r := range all {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s: Delta Chat never posts", r.Method, r.URL)
		}
	}
}
