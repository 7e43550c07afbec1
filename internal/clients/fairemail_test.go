package clients

import (
	"strings"
	"testing"
)

// FairEmail uses one user name for both servers: where IMAP wants the part
// before the @ and SMTP the address, it first tries the address for both.
func TestFairEmailAutoconfig(t *testing.T) {
	want := goodBut(func(s *Settings) {
		negotiated(s)
		s.Incoming.Login = "jane@example.com"
	})
	login := func(name string) func(*Settings) {
		return func(s *Settings) { s.Incoming.Login, s.Outgoing.Login = name, name }
	}
	run(t, fairEmail, Autoconfig, want, []quirk{
		{name: "another success is skipped", status: 203, err: ErrNext},
		{name: "the last username serves both", old: "%EMAILADDRESS%", new: "%EMAILLOCALPART%", change: login("jane")},
		{name: "a stated login, too", old: "%EMAILADDRESS%", new: "jane.appleseed@example.org", change: login("jane.appleseed@example.org")},
		{name: "a username after the servers is used for mail", old: "</emailProvider>",
			new: "</emailProvider><calendar><username>other</username></calendar>", change: login("other")},
		{name: "a placeholder in company is taken literally", old: "%EMAILADDRESS%", new: "x%EMAILADDRESS%", change: login("x%EMAILADDRESS%")},
		{name: "without a username it is the address", old: "*username", new: "user",
			change: func(s *Settings) { s.Incoming.Stated, s.Outgoing.Stated = false, false }},
		{name: "a port in front of which there is a blank refuses the document", old: ">993<", new: "> 993<", err: ErrNext},
		{name: "socketType before port is overruled by it", old: "<port>993</port>\n      <socketType>SSL</socketType>", new: "<socketType>STARTTLS</socketType><port>993</port>"},
		{name: "plaintext is not understood", old: "<socketType>STARTTLS", new: "<socketType>plain"},
		{name: "imap after POP3 is ignored", old: `<incomingServer type="imap">`, new: pop3First, err: ErrNext},
		{name: "the first imap counts", old: "</incomingServer>", new: secondIMAP},
		{name: "the last smtp counts", old: "</outgoingServer>", new: secondSMTP, change: func(s *Settings) {
			s.Outgoing.Host, s.Outgoing.Port, s.Outgoing.Security = "smtp2.example.com", 465, TLS
		}},
	})
}

func TestFairEmailAutodiscover(t *testing.T) {
	want := goodBut(func(s *Settings) {
		negotiated(s)
		s.Incoming.Login, s.Incoming.Stated, s.Outgoing.Stated = "jane@example.com", false, false
	})
	run(t, fairEmail, Autodiscover, want, []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "a Protocol before Action is lost", old: "<AccountType>email</AccountType>\n      <Action>settings</Action>",
			new: "<Protocol><Type>IMAP</Type><Server>x.example.com</Server><Port>1</Port></Protocol><AccountType>email</AccountType><Action>settings</Action>"},
		{name: "AccountType at the end is too late", old: "<AccountType>email</AccountType>", new: "", err: ErrNext},
		{name: "blanks are not trimmed", old: "<Type>IMAP", new: "<Type> IMAP", err: ErrNext},
		{name: "the port decides over SSL and Encryption", old: "<SSL>on", new: "<SSL>off"},
		{name: "an unusual port is TLS", old: ">587<", new: ">2587<",
			change: func(s *Settings) { s.Outgoing.Port, s.Outgoing.Security = 2587, TLS }},
		{name: "the last of a type counts", old: "</Account>",
			new: "<Protocol><Type>SMTP</Type><Server>smtp2.example.com</Server><Port>465</Port></Protocol></Account>",
			change: func(s *Settings) {
				s.Outgoing.Host, s.Outgoing.Port, s.Outgoing.Security = "smtp2.example.com", 465, TLS
			}},
	})
}

// A server that insists on an XML content type refuses FairEmail.
func TestFairEmailRequests(t *testing.T) {
	for _, r := range fairEmail.Requests(jane(t)) {
		if r.Format == Autodiscover && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
			t.Errorf("%s has the content type %q", r.URL, r.Header.Get("Content-Type"))
		}
	}
}
