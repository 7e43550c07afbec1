package clientstest

import (
	"fmt"
	"strings"

	"mailsetup/internal/clients"
)

// A Document is a server's answer.
type Document struct {
	Name   string
	Format clients.Format
	clients.Answer
	// Words means that only the contents of elements are odd.
	Words bool
}

// Good returns a document without a fault. Its servers and logins differ from
// those of the odd documents.
func Good(f clients.Format) clients.Answer {
	body := autoconfig
	if f == clients.Autodiscover {
		body = pox
	}
	body = strings.NewReplacer("example.com", "example.org", "%EMAILLOCALPART%", "other.%EMAILADDRESS%",
		"%EMAILADDRESS%", "other.%EMAILADDRESS%", "jane.imap", "jane.other", "jane.smtp", "jane.other").Replace(body)
	return xmlAnswer(body)
}

func xmlAnswer(body string) clients.Answer {
	return clients.Answer{Status: 200, ContentType: "text/xml; charset=utf-8", Body: []byte(body)}
}

// The odd documents are made from these.
const (
	declaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	autoconfig  = declaration + `<clientConfig version="1.1">
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
  </emailProvider>
</clientConfig>
`
	pox = `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <User>
      <DisplayName>Example Mail</DisplayName>
    </User>
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
      <Protocol>
        <Type>IMAP</Type>
        <Server>imap.example.com</Server>
        <Port>993</Port>
        <LoginName>jane.imap</LoginName>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>SSL</Encryption>
      </Protocol>
      <Protocol>
        <Type>SMTP</Type>
        <Server>smtp.example.com</Server>
        <Port>587</Port>
        <LoginName>jane.smtp</LoginName>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>TLS</Encryption>
      </Protocol>
    </Account>
  </Response>
</Autodiscover>
`
)

// An edit makes a good document odd: it replaces the first old with new, or each of them if
// old begins with "*". Without old, it puts new in front. Without either, only the answer's
// head is odd.
type edit struct {
	name     string
	old, new string
	status   int
	ctype    string
	format   clients.Format // for a whole body; 0: both
}

// whole stands for the whole body.
const whole = "{the whole body}"

// All returns every odd document in both formats. The first one in each format
// is good.
func All() []Document {
	var all []Document
	for _, set := range []struct {
		format clients.Format
		body   string
		edits  [][]edit
	}{
		{clients.Autoconfig, autoconfig, [][]edit{{{name: "a good document"}}, answers, markups, autoconfigWords, autoconfigServers}},
		{clients.Autodiscover, pox, [][]edit{{{name: "a good document"}}, answers, markups, poxWords}},
	} {
		for group, edits := range set.edits {
			for _, e := range edits {
				if !e.fits(set.format, set.body) {
					continue
				}
				all = append(all, Document{e.name, set.format, e.answer(set.body), group > 2})
			}
		}
	}
	return all
}

// fits leaves out edits of the other format's elements.
func (e edit) fits(f clients.Format, body string) bool {
	if e.old == whole {
		return e.format == 0 || e.format == f
	}
	return strings.Contains(body, strings.TrimPrefix(e.old, "*"))
}

func (e edit) answer(body string) clients.Answer {
	switch rest, each := strings.CutPrefix(e.old, "*"); {
	case e.old == whole:
		body = strings.ReplaceAll(e.new, whole, body)
	case each:
		body = strings.ReplaceAll(body, rest, e.new)
	case e.old == "":
		body = e.new + body
	default:
		body = strings.Replace(body, e.old, e.new, 1)
	}
	a := xmlAnswer(body)
	if e.status != 0 {
		a.Status = e.status
	}
	if e.ctype != "" {
		a.ContentType = strings.TrimPrefix(e.ctype, "-")
	}
	return a
}

// String names a document in messages.
func (d Document) String() string { return fmt.Sprintf("%s: %s", d.Format, d.Name) }
