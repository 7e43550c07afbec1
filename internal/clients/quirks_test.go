package clients

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// The documents that the tests of each client start from, for jane@example.com.
// They are written by hand: the writers' own are read in agreement_test.go.
const (
	goodConfig = `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="example.com">
    <domain>example.com</domain>
    <displayName>Example Mail</displayName>
    <displayShortName>Example</displayShortName>
    <incomingServer type="imap">
      <hostname>imap.example.com</hostname>
      <port>993</port>
      <socketType>SSL</socketType>
      <username>%EMAILLOCALPART%</username>
      <authentication>password-cleartext</authentication>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>smtp.example.com</hostname>
      <port>587</port>
      <socketType>STARTTLS</socketType>
      <username>%EMAILADDRESS%</username>
      <authentication>password-cleartext</authentication>
    </outgoingServer>
    <documentation url="https://example.com/help"><descr lang="en">Help</descr></documentation>
  </emailProvider>
</clientConfig>
`
	goodPOX = `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <User><DisplayName>Example Mail</DisplayName></User>
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
      <Protocol>
        <Type>IMAP</Type>
        <Server>imap.example.com</Server>
        <Port>993</Port>
        <DomainRequired>off</DomainRequired>
        <LoginName>jane</LoginName>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>SSL</Encryption>
        <AuthRequired>on</AuthRequired>
      </Protocol>
      <Protocol>
        <Type>SMTP</Type>
        <Server>smtp.example.com</Server>
        <Port>587</Port>
        <DomainRequired>off</DomainRequired>
        <LoginName>jane@example.com</LoginName>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>TLS</Encryption>
        <AuthRequired>on</AuthRequired>
      </Protocol>
    </Account>
  </Response>
</Autodiscover>
`
)

// good is what a client without quirks makes of either document.
func good() Settings {
	return Settings{
		Incoming: ServerSettings{Host: "imap.example.com", Port: 993, Security: TLS, Auth: AuthPassword, Login: "jane", Stated: true},
		Outgoing: ServerSettings{Host: "smtp.example.com", Port: 587, Security: StartTLS, Auth: AuthPassword, Login: "jane@example.com", Stated: true},
	}
}

// goodBut returns the good settings with a change.
func goodBut(change func(*Settings)) Settings {
	s := good()
	change(&s)
	return s
}

func negotiated(s *Settings) { s.Incoming.Auth, s.Outgoing.Auth = AuthNegotiated, AuthNegotiated }

// A quirk is a good answer with one thing changed, and what the client makes of
// it: different settings (change), or an error.
type quirk struct {
	name     string
	old, new string // in the body, the first occurrence; in all of it if old begins with "*"
	status   int    // 200 if 0
	ctype    string // text/xml; charset=utf-8 if empty, none if "-"
	change   func(*Settings)
	err      error
}

func (q quirk) answer(t *testing.T, body string) Answer {
	t.Helper()
	n := 1
	old := q.old
	if rest, all := strings.CutPrefix(old, "*"); all {
		old, n = rest, -1
	}
	if !strings.Contains(body, old) {
		t.Fatalf("%q is not in the document", old)
	}
	a := Answer{Status: 200, ContentType: "text/xml; charset=utf-8", Body: []byte(strings.Replace(body, old, q.new, n))}
	if q.status != 0 {
		a.Status = q.status
	}
	switch q.ctype {
	case "":
	case "-":
		a.ContentType = ""
	default:
		a.ContentType = q.ctype
	}
	return a
}

// run reads the good document and then each quirk.
func run(t *testing.T, c Client, f Format, want Settings, quirks []quirk) {
	t.Helper()
	body := goodConfig
	if f == Autodiscover {
		body = goodPOX
	}
	reading, ok := c.Reading(f)
	if !ok {
		t.Fatalf("%s does not read %s", c.Name, f)
	}
	for _, q := range append([]quirk{{name: "a good document"}}, quirks...) {
		t.Run(f.String()+"/"+q.name, func(t *testing.T) {
			got, err := reading.Read(q.answer(t, body), jane(t))
			if !errors.Is(err, q.err) || (err == nil) != (q.err == nil) {
				t.Fatalf("error %v, want %v", err, q.err)
			}
			if err != nil {
				return
			}
			expected := want
			if q.change != nil {
				q.change(&expected)
			}
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func jane(t testing.TB) provider.Address { return providertest.Address(t, "jane@example.com") }

const (
	pop3First = `<incomingServer type="pop3"><hostname>pop.example.com</hostname><port>995</port><socketType>SSL</socketType>` +
		`<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>
    <incomingServer type="imap">`
	secondIMAP = `</incomingServer>
    <incomingServer type="imap"><hostname>imap2.example.com</hostname><port>143</port><socketType>STARTTLS</socketType>` +
		`<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>`
	secondSMTP = `</outgoingServer>
    <outgoingServer type="smtp"><hostname>smtp2.example.com</hostname><port>465</port><socketType>SSL</socketType>` +
		`<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></outgoingServer>`
)
