package clients

import (
	"strings"
	"testing"

	"mailsetup/internal/provider/providertest"
)

func TestEvolution(t *testing.T) {
	run(t, evolution, Autoconfig, good(), []quirk{
		{name: "a missing document is passed over", status: 404, err: ErrNext},
		{name: "malformed XML is passed over", old: "</clientConfig>", new: "", err: ErrNext},
		{name: "an attribute besides type refuses the document", old: `<incomingServer type="imap">`, new: `<incomingServer type="imap" x="y">`, err: ErrNext},
		{name: "a missing type makes it unusable, too", old: `<outgoingServer type="smtp">`, new: `<outgoingServer>`, err: ErrNext},
		{name: "a line break in front is nothing", old: "<?xml", new: "\n<?xml"},
		{name: "a byte order mark is not", old: "<?xml", new: "\ufeff<?xml", err: ErrNext},
		{name: "ISO-8859-1 is read where it is ASCII", old: "UTF-8", new: "ISO-8859-1"},
		{name: "CDATA is not read as text", old: "imap.example.com", new: "<![CDATA[imap.example.com]]>", err: ErrDeadEnd},
		{name: "attributes elsewhere do not", old: "<hostname>", new: `<hostname x="y">`},
		{name: "the last imap counts", old: "</incomingServer>", new: secondIMAP, change: func(s *Settings) {
			s.Incoming.Host, s.Incoming.Port, s.Incoming.Security, s.Incoming.Login = "imap2.example.com", 143, StartTLS, "jane@example.com"
		}},
		{name: "what the last one lacks is the first one's", old: "</incomingServer>",
			new:    `</incomingServer><incomingServer type="imap"><hostname>imap2.example.com</hostname></incomingServer>`,
			change: func(s *Settings) { s.Incoming.Host = "imap2.example.com" }},
		{name: "nothing is trimmed", old: "%EMAILLOCALPART%", new: "%EMAILLOCALPART%\n",
			change: func(s *Settings) { s.Incoming.Login = "jane\n" }},
		{name: "an unknown socketType is plaintext", old: "<socketType>SSL", new: "<socketType>TLS",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "POP3 is passed over", old: `<incomingServer type="imap">`, new: pop3First},
		{name: "a document without servers is the end", old: `type="imap"`, new: `type="x"`, err: ErrDeadEnd},
	})
}

// Evolution asks for a mailbox that does not exist; a server that takes more
// than the domain from the query's address fails its users.
func TestEvolutionRequests(t *testing.T) {
	for _, r := range evolution.Requests(jane(t)) {
		if strings.Contains(r.URL, "jane") {
			t.Errorf("%s names the person", r.URL)
		}
	}
	if got, want := evolution.Requests(jane(t))[0].URL, "https://autoconfig.example.com/mail/config-v1.1.xml?emailaddress=EVOLUTIONUSER%40example.com&emailmd5=9e26471d35a78862c17e467d87cddedf"; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
}

func TestGNOMEOnlineAccounts(t *testing.T) {
	run(t, gnomeOnlineAccounts, Autoconfig, goodBut(negotiated), []quirk{
		{name: "another success is skipped", status: 203, err: ErrNext},
		{name: "another root is skipped", old: "*clientConfig", new: "config", err: ErrNext},
		{name: "a document without servers ends the search", old: "*Server", new: "x", err: ErrDeadEnd},
		{name: "elements around the servers do not matter", old: "*emailProvider", new: "x"},
		{name: "types are read in any case", old: `type="imap"`, new: `type="IMAP"`},
		{name: "blanks around a port are nothing", old: ">993<", new: "> 993\n<"},
		{name: "a document that breaks off is read as far as it goes", old: "</clientConfig>", new: ""},
		{name: "what follows the end is nothing", old: "</clientConfig>", new: "</clientConfig><br>ok"},
		{name: "a bare ampersand is nothing", old: "Example Mail", new: "Smith & Sons"},
		{name: "a line break in front is not", old: "<?xml", new: "\n<?xml", err: ErrNext},
		{name: "ISO-8859-1 is read", old: "UTF-8", new: "ISO-8859-1"},
		{name: "a literal login is dropped", old: "%EMAILLOCALPART%", new: "jane",
			change: func(s *Settings) { s.Incoming.Login, s.Incoming.Stated = "", false }},
		{name: "a composed login is dropped", old: "%EMAILLOCALPART%", new: "%EMAILLOCALPART%@%EMAILDOMAIN%",
			change: func(s *Settings) { s.Incoming.Login, s.Incoming.Stated = "", false }},
		{name: "placeholders are read in any case", old: "%EMAILLOCALPART%", new: "%EmailLocalPart%"},
		{name: "socketType is read in any case", old: "<socketType>SSL", new: "<socketType>ssl"},
		{name: "an unknown socketType is plaintext", old: "<socketType>SSL", new: "<socketType>TLS",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
	})
}

func TestGNOMEOnlineAccountsRequests(t *testing.T) {
	all := gnomeOnlineAccounts.Requests(providertest.Address(t, "j+x@example.com"))
	if got, want := all[0].URL, "https://autoconfig.example.com/.well-known/mail-v1.xml?emailaddress=j+x@example.com"; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
}

func TestGeary(t *testing.T) {
	want := goodBut(func(s *Settings) {
		negotiated(s)
		s.Incoming.Login, s.Incoming.Stated, s.Outgoing.Login, s.Outgoing.Stated = "", false, "", false
	})
	run(t, geary, Autoconfig, want, []quirk{
		{name: "a configuration in an error page is one", status: 404},
		{name: "an error without a body is the end", status: 404, old: goodConfig, new: "", err: ErrDeadEnd},
		{name: "an error with a text is passed over", status: 404, old: goodConfig, new: "not found\n", err: ErrNext},
		{name: "POP3 in front is passed over", old: `<incomingServer type="imap">`, new: pop3First, err: ErrNext},
		{name: "prefixes are ignored", old: "<hostname>imap.example.com</hostname>", new: `<c:hostname xmlns:c="urn:c">imap.example.com</c:hostname>`},
		{name: "a line break in front is refused", old: "<?xml", new: "\n<?xml", err: ErrNext},
		{name: "ISO-8859-1 is read", old: "UTF-8", new: "ISO-8859-1"},
		{name: "an unknown socketType is plaintext", old: "<socketType>STARTTLS", new: "<socketType>starttls",
			change: func(s *Settings) { s.Outgoing.Security = Plaintext }},
	})
}

func TestKMail(t *testing.T) {
	run(t, kmail, Autoconfig, good(), []quirk{
		{name: "a text at 200 stalls the wizard", old: goodConfig, new: "Hello", err: ErrDeadEnd},
		{name: "a page at 200 stalls it too", old: goodConfig, new: "<html/>", err: ErrDeadEnd},
		{name: "a text with an error is passed over", status: 404, old: goodConfig, new: "not found\n", err: ErrNext},
		{name: "settings in an error page are settings", status: 404},
		{name: "STARTTLS beats TLS", old: "</outgoingServer>", new: secondSMTP},
		{name: "TLS beats plaintext", old: "<socketType>STARTTLS</socketType>\n      <username>%EMAILADDRESS%</username>\n      <authentication>password-cleartext</authentication>\n    </outgoingServer>",
			new: "<socketType>plain</socketType></outgoingServer>" + strings.TrimPrefix(secondSMTP, "</outgoingServer>"), change: func(s *Settings) {
				s.Outgoing.Host, s.Outgoing.Port, s.Outgoing.Security = "smtp2.example.com", 465, TLS
			}},
		{name: "a missing socketType is TLS", old: "<socketType>STARTTLS</socketType>", new: "",
			change: func(s *Settings) { s.Outgoing.Security = TLS }},
		{name: "an unknown socketType is TLS", old: "<socketType>STARTTLS", new: "<socketType>starttls",
			change: func(s *Settings) { s.Outgoing.Security = TLS }},
		{name: "a line break in front stalls the wizard", old: "<?xml", new: "\n<?xml", err: ErrDeadEnd},
		{name: "ISO-8859-1 is read", old: "UTF-8", new: "ISO-8859-1"},
		{name: "a method after the password counts", old: "password-cleartext</authentication>", new: "password-cleartext</authentication><authentication>GSSAPI</authentication>",
			change: func(s *Settings) { s.Incoming.Auth = AuthGSSAPI }},
		{name: "the first imap counts", old: "</incomingServer>", new: secondIMAP},
		{name: "an entry without port is dropped", old: "<port>993</port>", new: "", err: ErrDeadEnd},
		{name: "the first authentication other than a password counts", old: "<authentication>password-cleartext", new: "<authentication>NTLM</authentication><authentication>password-cleartext",
			change: func(s *Settings) { s.Incoming.Auth = AuthSPA }},
	})
}

// KMail sends no address: the host alone must be enough.
func TestKMailRequests(t *testing.T) {
	for _, r := range kmail.Requests(jane(t)) {
		if strings.Contains(r.URL, "?") {
			t.Errorf("%s has a query", r.URL)
		}
	}
}
