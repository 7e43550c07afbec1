package clients

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// According to Microsoft's documents; no Outlook was run.
func TestOutlook(t *testing.T) {
	run(t, outlook, Autodiscover, good(), []quirk{
		{name: "any other status is passed over", status: 404, err: ErrNext},
		{name: "malformed XML", old: "</Autodiscover>", new: "", err: ErrDeadEnd},
		{name: "an error at 200", old: "<User>", new: "<Error/><User>", err: ErrDeadEnd},
		{name: "https in the schema", old: `xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook`,
			new: `xmlns="https://schemas.microsoft.com/exchange/autodiscover/outlook`, err: ErrDeadEnd},
		{name: "https in the frame's schema", old: `xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema`,
			new: `xmlns="https://schemas.microsoft.com/exchange/autodiscover/responseschema`, err: ErrDeadEnd},
		{name: "ActiveSync's schema", old: "outlook/responseschema/2006a", new: "mobilesync/responseschema/2006", err: ErrDeadEnd},
		{name: "no User", old: "<User><DisplayName>Example Mail</DisplayName></User>", new: "", err: ErrDeadEnd},
		{name: "another account type", old: "<AccountType>email", new: "<AccountType>nntp", err: ErrDeadEnd},
		{name: "a redirect", old: "<Action>settings", new: "<Action>redirectUrl", err: ErrDeadEnd},
		{name: "POP3 is preferred when it is first", old: "<Protocol>", new: "<Protocol><Type>POP3</Type></Protocol><Protocol>", err: ErrDeadEnd},
		{name: "the first of a type counts", old: "</Account>",
			new: "<Protocol><Type>SMTP</Type><Server>smtp2.example.com</Server><Port>465</Port></Protocol></Account>"},
		{name: "Encryption overrides SSL", old: "<SSL>on", new: "<SSL>off"},
		{name: "TLS on 993 is STARTTLS, and fails there", old: "<Encryption>SSL", new: "<Encryption>TLS",
			change: func(s *Settings) { s.Incoming.Security = StartTLS }},
		{name: "Encryption None is plaintext", old: "<Encryption>SSL", new: "<Encryption>None",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "Encryption Auto may be plaintext", old: "<Encryption>SSL", new: "<Encryption>Auto",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "an unknown Encryption is plaintext", old: "<Encryption>SSL", new: "<Encryption>starttls",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "SSL alone is TLS", old: "<Encryption>SSL</Encryption>", new: ""},
		{name: "neither is TLS by default", old: "<SSL>on</SSL>\n        <Encryption>SSL</Encryption>", new: ""},
		{name: "SSL off alone is plaintext", old: "<SSL>on</SSL>\n        <Encryption>SSL</Encryption>", new: "<SSL>off</SSL>",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "SSL yes is plaintext", old: "<SSL>on</SSL>\n        <Encryption>SSL</Encryption>", new: "<SSL>yes</SSL>",
			change: func(s *Settings) { s.Incoming.Security = Plaintext }},
		{name: "SPA is on by default, and the login fails", old: "<SPA>off</SPA>", new: "",
			change: func(s *Settings) { s.Incoming.Auth = AuthSPA }},
		{name: "AuthRequired off sends no password", old: "<AuthRequired>on", new: "<AuthRequired>off",
			change: func(s *Settings) { s.Incoming.Auth = AuthNone }},
		{name: "no login", old: "<LoginName>jane</LoginName>", new: "",
			change: func(s *Settings) { s.Incoming.Login, s.Incoming.Stated = "", false }},
		{name: "DomainRequired asks for the domain", old: "<DomainRequired>off", new: "<DomainRequired>on",
			change: func(s *Settings) { s.Incoming.Login, s.Incoming.Stated = "", false }},
		{name: "UsePOPAuth means the incoming login", old: "<Encryption>TLS", new: "<UsePOPAuth>on</UsePOPAuth><Encryption>TLS",
			change: func(s *Settings) { s.Outgoing.Login = "jane" }},
	})
}

func TestReadAutodiscoverJSON(t *testing.T) {
	const good = `{"Protocol":"AutodiscoverV1","Url":"https://autodiscover.example.com/autodiscover/autodiscover.xml"}`
	for _, tt := range []struct {
		name, body string
		status     int
		err        error
	}{
		{name: "good", body: good},
		{name: "the protocol in any case", body: strings.Replace(good, "V1", "v1", 1)},
		{name: "refused", body: good, status: 400, err: ErrNext},
		{name: "a page", body: "<html>", err: ErrNext},
		{name: "a list", body: "[]", err: ErrNext},
		{name: "keys in another case", body: strings.Replace(good, "Url", "url", 1), err: ErrNext},
		{name: "a number", body: `{"Protocol":1,"Url":"https://example.com"}`, err: ErrNext},
		{name: "http", body: strings.Replace(good, "https", "http", 1), err: ErrNext},
		{name: "no host", body: `{"Protocol":"AutodiscoverV1","Url":"/autodiscover.xml"}`, err: ErrNext},
		{name: "ActiveSync announced: no IMAP any more", body: strings.Replace(good, "AutodiscoverV1", "ActiveSync", 1), err: ErrDeadEnd},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.status == 0 {
				tt.status = 200
			}
			url, err := ReadAutodiscoverJSON(Answer{Status: tt.status, Body: []byte(tt.body)})
			if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err == nil && url != "https://autodiscover.example.com/autodiscover/autodiscover.xml" {
				t.Errorf("URL %s", url)
			}
		})
	}
}

// Classic Outlook asks where the XML is and posts there; without an answer it posts
// to the URLs it makes up.
func TestOutlookGoesFromJSONToXML(t *testing.T) {
	json := []byte(`{"Protocol":"AutodiscoverV1","Url":"https://elsewhere.example.com/autodiscover/autodiscover.xml"}`)
	ask := func(known string) func(Request) (Answer, error) {
		return func(r Request) (Answer, error) {
			switch {
			case r.Format == AutodiscoverJSON && known != "":
				return Answer{Status: 200, Body: json}, nil
			case r.Method == http.MethodPost && strings.HasPrefix(r.URL, known) && strings.Contains(string(r.Body), "outlook/responseschema/2006a"):
				return Answer{Status: 200, Body: []byte(goodPOX)}, nil
			}
			return Answer{Status: 404}, nil
		}
	}
	for known, want := range map[string]string{
		"https://elsewhere.": "https://elsewhere.example.com/autodiscover/autodiscover.xml",
		"":                   "https://example.com/autodiscover/autodiscover.xml",
	} {
		found, err := outlook.Discover(jane(t), ask(known))
		if err != nil {
			t.Errorf("%q: %v", known, err)
			continue
		}
		if found.Request.URL != want {
			t.Errorf("settings came from %s, want %s", found.Request.URL, want)
		}
	}
}

// A request for ActiveSync must be refused with a status other than 200, so that
// the client goes on to IMAP.
func TestActiveSyncMustFallThrough(t *testing.T) {
	const announced = `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"><Action><Settings><Server><Type>MobileSync</Type><Url>https://example.com/Microsoft-Server-ActiveSync</Url></Server></Settings></Action></Response></Autodiscover>`
	for _, c := range []Client{outlookCloud, androidExchange} {
		reading, _ := c.Reading(MobileSync)
		for _, tt := range []struct {
			name, body string
			status     int
			err        error
		}{
			{"refused", "", 404, ErrNext},
			{"refused with an error document", "<Autodiscover><Response><Error/></Response></Autodiscover>", 404, ErrNext},
			{"IMAP at 200", goodPOX, 200, ErrDeadEnd},
			{"a page at 200", "<html>", 200, ErrDeadEnd},
			{"announced", announced, 200, ErrDeadEnd},
		} {
			if _, err := reading.Read(Answer{Status: tt.status, Body: []byte(tt.body)}, jane(t)); !errors.Is(err, tt.err) {
				t.Errorf("%s, %s: error %v, want %v", c.Name, tt.name, err, tt.err)
			}
		}
	}
}

// The cloud asks for JSON in both forms and for ActiveSync, then posts.
func TestOutlookCloudRequests(t *testing.T) {
	var urls []string
	for _, r := range outlookCloud.Requests(jane(t)) {
		urls = append(urls, r.Method+" "+r.URL)
	}
	want := []string{
		"GET https://autodiscover.example.com/autodiscover/autodiscover.json?Email=jane%40example.com&Protocol=ActiveSync&RedirectCount=1",
		"GET https://autodiscover.example.com/autodiscover/autodiscover.json?Email=jane%40example.com&Protocol=Autodiscoverv1&RedirectCount=1",
		"GET https://autodiscover.example.com/autodiscover/autodiscover.json/v1.0/jane@example.com?Protocol=Autodiscoverv1&RedirectCount=1",
		"POST https://autodiscover.example.com/autodiscover/autodiscover.xml",
	}
	if strings.Join(urls, "\n") != strings.Join(want, "\n") {
		t.Errorf("requests\n%s\nwant\n%s", strings.Join(urls, "\n"), strings.Join(want, "\n"))
	}
}
