package clients

import (
	"strings"
	"testing"
)

func TestNextcloudMail(t *testing.T) {
	run(t, nextcloudMail, Autoconfig, goodBut(negotiated), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "a page is passed over", old: goodConfig, new: "<html/>", err: ErrNext},
		{name: "a line break in front is passed over", old: "<?xml", new: "\n<?xml", err: ErrNext},
		{name: "ISO-8859-1 is read", old: "UTF-8", new: "ISO-8859-1"},
		{name: "a single server is a dead end", old: `type="smtp"`, new: `type="x"`, err: ErrDeadEnd},
		{name: "TLS is STARTTLS", old: "<socketType>SSL", new: "<socketType>TLS",
			change: func(s *Settings) { s.Incoming.Security = StartTLS }},
		{name: "any other word is plaintext", old: "<socketType>SSL", new: "<socketType>x",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "a port ends at the first other character", old: ">993<", new: ">993/tcp<"},
		{name: "the first imap counts", old: "</incomingServer>", new: secondIMAP},
		{name: "POP3 is passed over", old: `<incomingServer type="imap">`, new: pop3First},
	})
}

func TestSnappyMail(t *testing.T) {
	run(t, snappyMail, Autoconfig, goodBut(negotiated), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "a page is passed over", old: goodConfig, new: "<html/>", err: ErrNext},
		{name: "a line break in front is passed over", old: "<?xml", new: "\n<?xml", err: ErrNext},
		{name: "ISO-8859-1 is read", old: "UTF-8", new: "ISO-8859-1"},
		{name: "a stated login becomes the part before the @", old: "%EMAILLOCALPART%", new: "jane.appleseed"},
		{name: "even at the smtp server", old: "%EMAILADDRESS%", new: "jane.appleseed@example.org",
			change: func(s *Settings) { s.Outgoing.Login = "jane" }},
		{name: "POP3 in front hides imap", old: `<incomingServer type="imap">`, new: pop3First, err: ErrDeadEnd},
		{name: "a repeated socketType is plaintext", old: "<socketType>SSL</socketType>", new: "<socketType>SSL</socketType><socketType>SSL</socketType>",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "a line break in front is passed over", old: "<?xml", new: "\n<?xml", err: ErrNext},
		{name: "ISO-8859-1 is read", old: "UTF-8", new: "ISO-8859-1"},
		{name: "socketType is exact", old: "<socketType>SSL", new: "<socketType>ssl",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
	})
	// It asked for its own mailbox, so that one is "the address".
	want := goodBut(func(s *Settings) {
		negotiated(s)
		s.Outgoing.Login = "jane"
	})
	run(t, snappyMail, Autodiscover, want, []quirk{
		{name: "the mailbox asked for is the address", old: "<LoginName>jane@example.com", new: "<LoginName>autodiscover@example.com",
			change: func(s *Settings) { s.Outgoing.Login = "jane@example.com" }},
		{name: "no account of type email", old: "<AccountType>email", new: "<AccountType>x", err: ErrNext},
		{name: "SSL off is plaintext at the imap server", old: "<SSL>on", new: "<SSL>off",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
	})
}

// aerc leaves %EMAILLOCALPART% as it is: where the login is the part before the @,
// people must type it.
func TestAerc(t *testing.T) {
	want := goodBut(func(s *Settings) {
		negotiated(s)
		s.Incoming.Login = "%EMAILLOCALPART%"
	})
	run(t, aerc, Autoconfig, want, []quirk{
		{name: "a configuration in an error page is one", status: 404},
		{name: "a text is passed over", status: 404, old: goodConfig, new: "not found\n", err: ErrNext},
		{name: "a line break in front is nothing", old: "<?xml", new: "\n<?xml"},
		{name: "what follows the end is nothing", old: "</clientConfig>", new: "</clientConfig><br>ok"},
		{name: "ISO-8859-1 is passed over", old: "UTF-8", new: "ISO-8859-1", err: ErrNext},
		{name: "the address is filled in, in any case", old: "%EMAILLOCALPART%", new: "%EmailAddress%",
			change: func(s *Settings) { s.Incoming.Login = "jane@example.com" }},
		{name: "a composed login stays", old: "%EMAILLOCALPART%", new: "x%EMAILADDRESS%",
			change: func(s *Settings) { s.Incoming.Login = "x%EMAILADDRESS%" }},
		{name: "the last smtp counts", old: "</outgoingServer>", new: secondSMTP, change: func(s *Settings) {
			s.Outgoing.Host, s.Outgoing.Port, s.Outgoing.Security = "smtp2.example.com", 465, TLS
		}},
		{name: "the first imap counts", old: "</incomingServer>", new: secondIMAP},
		{name: "an unknown socketType is STARTTLS", old: "<socketType>SSL", new: "<socketType>x",
			change: func(s *Settings) { s.Incoming.Security = StartTLS }},
		{name: "POP3 is passed over", old: `<incomingServer type="imap">`, new: pop3First},
	})
}

func TestHimalaya(t *testing.T) {
	run(t, himalaya, Autoconfig, good(), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "no version", old: ` version="1.1"`, new: "", err: ErrNext},
		{name: "no id", old: ` id="example.com"`, new: "", err: ErrNext},
		{name: "an unknown authentication refuses the document", old: "<authentication>password-cleartext",
			new: "<authentication>GSSAPI</authentication><authentication>password-cleartext", err: ErrNext},
		{name: "an unknown server type refuses it", old: "</incomingServer>", new: `</incomingServer><incomingServer type="jmap"/>`, err: ErrNext},
		{name: "an unknown socketType refuses it", old: "<socketType>SSL", new: "<socketType>ssl", err: ErrNext},
		{name: "an invalid port makes it unusable", old: ">993<", new: ">99300<", err: ErrNext},
		{name: "repeated elements must be next to each other", old: "</displayName>", new: "</displayName><domain>example.org</domain>", err: ErrNext},
		{name: "together they are fine", old: "</domain>", new: "</domain><domain>example.org</domain>"},
		{name: "two of a single element refuse it", old: "</displayName>", new: "</displayName><displayName>x</displayName>", err: ErrNext},
		{name: "a missing socketType is TLS", old: "<socketType>STARTTLS</socketType>", new: "",
			change: func(s *Settings) { s.Outgoing.Security = TLS }},
		{name: "NTLM is left to people", old: "<authentication>password-cleartext", new: "<authentication>NTLM",
			change: func(s *Settings) { s.Incoming.Auth = AuthNegotiated }},
		{name: "oAuth2 must be whole", old: "</emailProvider>", new: "</emailProvider><oAuth2><issuer>x</issuer></oAuth2>", err: ErrNext},
		{name: "documentation needs its url", old: ` url="https://example.com/help"`, new: "", err: ErrNext},
		{name: "the first imap counts", old: "</incomingServer>", new: secondIMAP},
		{name: "POP3 is passed over", old: `<incomingServer type="imap">`, new: pop3First},
		{name: "no imap at all", old: `type="imap"`, new: `type="pop3"`, err: ErrDeadEnd},
	})
}

func TestParula(t *testing.T) {
	run(t, parula, Autoconfig, good(), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "a page hides the URLs below it", old: goodConfig, new: "<html>", err: ErrDeadEnd},
		{name: "the domain asked about must be listed", old: "<domain>example.com", new: "<domain>example.org", err: ErrDeadEnd},
		{name: "a placeholder does not list it", old: "<domain>example.com", new: "<domain>%EMAILDOMAIN%", err: ErrDeadEnd},
		{name: "a login of digits loses its zeros", old: "%EMAILLOCALPART%", new: "00123",
			change: func(s *Settings) { s.Incoming.Login = "123" }},
		{name: "POP3 in front is what people get", old: `<incomingServer type="imap">`, new: pop3First, err: ErrDeadEnd},
		{name: "the first known socketType counts", old: "<socketType>SSL", new: "<socketType>x</socketType><socketType>SSL"},
		{name: "no known authentication", old: "<authentication>password-cleartext", new: "<authentication>none", err: ErrDeadEnd},
	})
}

// aerc reads the second answer into the structure of the first: an IMAP server with
// a bad port stays in front of the good one.
func TestAercKeepsTheFirstAnswer(t *testing.T) {
	answers := func(first string) func(Request) (Answer, error) {
		return func(r Request) (Answer, error) {
			body := goodConfig
			if strings.HasPrefix(r.URL, "https://autoconfig.example.com/") {
				body = strings.Replace(goodConfig, ">993<", first, 1)
			}
			if r.Database {
				return Answer{Status: 404, Body: []byte("not found\n")}, nil
			}
			return Answer{Status: 200, ContentType: "text/xml", Body: []byte(body)}, nil
		}
	}
	for range 2 { // one search must not spoil the next
		if found, err := aerc.Discover(jane(t), answers(">imaps<")); err == nil {
			t.Errorf("behind a bad port it has found %+v", found)
		}
		if _, err := aerc.Discover(jane(t), answers(">993<")); err != nil {
			t.Errorf("two good documents: %v", err)
		}
	}
}

func TestMailspring(t *testing.T) {
	run(t, mailspring, Autoconfig, goodBut(negotiated), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "a stated login becomes the address", old: "%EMAILLOCALPART%", new: "jane.appleseed",
			change: func(s *Settings) { s.Incoming.Login, s.Incoming.Stated = "jane@example.com", false }},
		{name: "a composed one too", old: "%EMAILLOCALPART%", new: "%EMAILLOCALPART%.x",
			change: func(s *Settings) { s.Incoming.Login, s.Incoming.Stated = "jane@example.com", false }},
		{name: "an unknown socketType is STARTTLS", old: "<socketType>SSL", new: "<socketType>x",
			change: func(s *Settings) { s.Incoming.Security = StartTLS }},
		{name: "of two providers the one of the domain counts", old: "<emailProvider", new: `<emailProvider id="x.example"/><emailProvider`},
		{name: "two other providers: neither is used", old: `<emailProvider id="example.com">`, new: `<emailProvider id="x.example"/><emailProvider id="y.example">`, err: ErrNext},
	})
}

func TestWino(t *testing.T) {
	run(t, wino, Autoconfig, goodBut(negotiated), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "a stated login is kept", old: "%EMAILLOCALPART%", new: "jane.appleseed",
			change: func(s *Settings) { s.Incoming.Login = "jane.appleseed" }},
		{name: "a missing login is the address", old: "<username>%EMAILLOCALPART%</username>", new: "",
			change: func(s *Settings) { s.Incoming.Login, s.Incoming.Stated = "jane@example.com", false }},
		{name: "the best security counts", old: "</outgoingServer>", new: secondSMTP, change: func(s *Settings) {
			s.Outgoing.Host, s.Outgoing.Port, s.Outgoing.Security = "smtp2.example.com", 465, TLS
		}},
		{name: "then the lowest port", old: "</incomingServer>", new: strings.NewReplacer("143", "992", "STARTTLS", "SSL").Replace(secondIMAP), change: func(s *Settings) {
			s.Incoming.Host, s.Incoming.Port, s.Incoming.Login = "imap2.example.com", 992, "jane@example.com"
		}},
	})
}
