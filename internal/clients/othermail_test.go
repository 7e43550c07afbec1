package clients

import "testing"

func TestNextcloudMail(t *testing.T) {
	run(t, nextcloudMail, Autoconfig, goodBut(negotiated), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "a page is passed over", old: goodConfig, new: "<html/>", err: ErrNext},
		{name: "one server alone is the end", old: `type="smtp"`, new: `type="x"`, err: ErrDeadEnd},
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
		{name: "a stated login becomes the part before the @", old: "%EMAILLOCALPART%", new: "jane.appleseed"},
		{name: "even at the smtp server", old: "%EMAILADDRESS%", new: "jane.appleseed@example.org",
			change: func(s *Settings) { s.Outgoing.Login = "jane" }},
		{name: "POP3 in front hides imap", old: `<incomingServer type="imap">`, new: pop3First, err: ErrDeadEnd},
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

// aerc leaves %EMAILLOCALPART% as it is: at a server that takes the part before the
// @ as login, people must type it.
func TestAerc(t *testing.T) {
	want := goodBut(func(s *Settings) {
		negotiated(s)
		s.Incoming.Login = "%EMAILLOCALPART%"
	})
	run(t, aerc, Autoconfig, want, []quirk{
		{name: "a configuration in an error page is one", status: 404},
		{name: "a text is passed over", status: 404, old: goodConfig, new: "not found\n", err: ErrNext},
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
		{name: "a port that is none refuses it", old: ">993<", new: ">99300<", err: ErrNext},
		{name: "repeated elements must stand together", old: "</displayName>", new: "</displayName><domain>example.org</domain>", err: ErrNext},
		{name: "together they are fine", old: "</domain>", new: "</domain><domain>example.org</domain>"},
		{name: "two of a single element refuse it", old: "</displayName>", new: "</displayName><displayName>x</displayName>", err: ErrNext},
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
