package clients

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
	"mailsetup/templates"
)

// A logInCase is a document whose servers accept a list of login methods.
type logInCase struct {
	name string
	// gmail: the hosts are Gmail's, which clients know. Otherwise no client knows them.
	gmail bool
	list  []string
	// section follows emailProvider.
	section string
	// auth is the list in a table, "" if a table cannot express the case.
	auth string
}

const (
	signInSection  = `<oAuth2><issuer>login.example.com</issuer><scope>mail</scope><authURL>https://login.example.com/authorize</authURL><tokenURL>https://login.example.com/token</tokenURL></oAuth2>`
	noTokenSection = `<oAuth2><issuer>login.example.com</issuer><scope>mail</scope><authURL>https://login.example.com/authorize</authURL></oAuth2>`
)

// logInCases are the columns of logIns.
var logInCases = []logInCase{
	{"OAuth2 and a password at Gmail", true, []string{"OAuth2", "password-cleartext"}, "", "[oauth2, password]"},
	{"a password and OAuth2 at Gmail", true, []string{"password-cleartext", "OAuth2"}, "", "[password, oauth2]"},
	{"OAuth2 alone at Gmail", true, []string{"OAuth2"}, "", "oauth2"},
	{"an unknown word, OAuth2 and a password at Gmail", true, []string{"SCRAM-SHA-256", "OAuth2", "password-cleartext"}, "", ""},
	{"OAuth2 and a password", false, []string{"OAuth2", "password-cleartext"}, "", "[oauth2, password]"},
	{"a password and OAuth2", false, []string{"password-cleartext", "OAuth2"}, "", "[password, oauth2]"},
	{"OAuth2 alone", false, []string{"OAuth2"}, "", "oauth2"},
	{"OAuth2 and a password, and where people sign in", false, []string{"OAuth2", "password-cleartext"}, signInSection, "[oauth2, password]"},
	{"OAuth2 alone, and where people sign in", false, []string{"OAuth2"}, signInSection, "oauth2"},
	{"OAuth2 alone, and half of where people sign in", false, []string{"OAuth2"}, noTokenSection, ""},
}

// logIns lists what each client makes of each case: a login method, or the error of a
// client that cannot use the document.
var logIns = func() map[string][]any {
	const o, p, asks = AuthOAuth2, AuthPassword, AuthNegotiated
	ignores := []any{asks, asks, asks, asks, asks, asks, asks, asks, asks, asks}
	return map[string][]any{
		thunderbird.Name:        {o, p, o, o, p, p, ErrDeadEnd, p, ErrDeadEnd, ErrDeadEnd},
		thunderbirdAndroid.Name: {o, p, o, o, p, p, ErrDeadEnd, p, ErrDeadEnd, ErrDeadEnd},
		thunderbirdIOS.Name:     {o, p, o, o, p, p, ErrDeadEnd, p, ErrDeadEnd, ErrDeadEnd},
		evolution.Name:          {o, o, o, o, p, p, asks, p, asks, asks},
		kmail.Name:              {o, o, o, o, o, o, o, o, o, o},
		himalaya.Name:           {p, p, asks, ErrNext, p, p, asks, p, o, ErrNext},
		parula.Name:             {o, p, o, o, p, p, ErrDeadEnd, o, o, ErrDeadEnd},
		// They read no list and always try a password.
		aerc.Name:                ignores,
		deltaChat.Name:           ignores,
		fairEmail.Name:           ignores,
		geary.Name:               ignores,
		gnomeOnlineAccounts.Name: ignores,
		mailspring.Name:          ignores,
		nextcloudMail.Name:       ignores,
		snappyMail.Name:          ignores,
		wino.Name:                ignores,
	}
}()

// logInReaders returns every client that reads autoconfig, with its row.
func logInReaders(t *testing.T, each func(Client, Reading, []any)) {
	t.Helper()
	rows := 0
	for _, c := range All {
		reading, ok := c.Reading(Autoconfig)
		if !ok {
			continue
		}
		row := logIns[c.Name]
		if len(row) != len(logInCases) {
			t.Fatalf("%s has %d of %d cases", c.Name, len(row), len(logInCases))
		}
		rows++
		each(c, reading, row)
	}
	if rows != len(logIns) {
		t.Errorf("%d clients read autoconfig, %d have a row", rows, len(logIns))
	}
}

// hostsOf returns the servers' hosts of a case.
func (l logInCase) hostsOf() (imap, smtp string) {
	if l.gmail {
		return "imap.gmail.com", "smtp.gmail.com"
	}
	return "imap.example.com", "smtp.example.com"
}

// A client that reads the list must choose a method that it supports at the host. With
// OAuth 2 that it does not support, people wait for a window that never opens; with a
// password that the service does not accept, they are refused after typing it.
func TestWaysToLogIn(t *testing.T) {
	logInReaders(t, func(c Client, reading Reading, row []any) {
		for i, l := range logInCases {
			imap, smtp := l.hostsOf()
			body := strings.NewReplacer(
				"imap.example.com", imap, "smtp.example.com", smtp,
				"<authentication>password-cleartext</authentication>",
				"<authentication>"+strings.Join(l.list, "</authentication><authentication>")+"</authentication>",
				"</emailProvider>", "</emailProvider>"+l.section,
			).Replace(goodConfig)
			got, err := reading.Read(Answer{Status: 200, ContentType: "text/xml", Body: []byte(body)}, jane(t))
			if what := unlike(got, err, row[i]); what != "" {
				t.Errorf("%s, %s: %s", c.Name, l.name, what)
			}
		}
	})
}

// unlike says how a reading differs from the one wanted, "" if it does not.
func unlike(got Settings, err error, want any) string {
	switch want := want.(type) {
	case error:
		if !errors.Is(err, want) {
			return fmt.Sprintf("error %v, want %v", err, want)
		}
	case Auth:
		if err != nil || got.Incoming.Auth != want || got.Outgoing.Auth != want {
			return fmt.Sprintf("%s for IMAP, %s for SMTP (error %v), want %s", got.Incoming.Auth, got.Outgoing.Auth, err, want)
		}
	}
	return ""
}

// Clients must read mailsetup's documents for such services in the same way, and set up
// the same servers and logins as for any other. A format that cannot express OAuth 2
// must give no document where there is nothing else.
func TestAllClientsAgreeOnWaysToLogIn(t *testing.T) {
	logInReaders(t, func(c Client, reading Reading, row []any) {
		for i, l := range logInCases {
			if l.auth == "" {
				continue
			}
			address := providertest.Address(t, "jane@service.test")
			match, known := providertest.Table(t, l.table()).ByDomain(address.Domain())
			if !known {
				t.Fatalf("%s: the table does not have service.test", l.name)
			}
			account := match.Account(address)
			document := answer(t, Autoconfig, account)
			got, err := reading.Read(document, address)
			if what := unlike(got, err, row[i]); what != "" {
				t.Errorf("%s, %s: %s\n%s", c.Name, l.name, what, document.Body)
				continue
			}
			if auth, usable := row[i].(Auth); usable {
				if err := check(c, reading, document, asked{account: account, address: address, auth: auth}); err != nil {
					t.Errorf("%s, %s: %v", c.Name, l.name, err)
				}
			}
		}
	})
	for _, l := range logInCases {
		if l.auth == "" {
			continue
		}
		address := providertest.Address(t, "jane@service.test")
		match, _ := providertest.Table(t, l.table()).ByDomain(address.Domain())
		account := match.Account(address)
		_, written := templates.Autodiscover(account)
		_, expected := Expected(Autodiscover, account, address)
		if alone := l.auth == "oauth2"; errors.Is(written, provider.ErrOAuth2Only) != alone || errors.Is(expected, provider.ErrOAuth2Only) != alone {
			t.Errorf("%s: Autodiscover: %v, expected: %v", l.name, written, expected)
		}
	}
}

// table has the case's service, with one domain.
func (l logInCase) table() string {
	imap, smtp := l.hostsOf()
	kind, signIn := "unstated", ""
	if l.auth == "oauth2" {
		kind = "none"
	}
	if l.section != "" {
		signIn = "oauth2: {issuer: login.example.com, scope: mail, authorization: https://login.example.com/authorize, token: https://login.example.com/token}"
	}
	return `
providers:
  service:
    name: Service
    short_name: Service
    domains: [service.test]
    imap: [{host: ` + imap + `, port: 993, security: tls, username: address, auth: ` + l.auth + `}]
    smtp: [{host: ` + smtp + `, port: 587, security: starttls, username: address, auth: ` + l.auth + `}]
    password: {kind: ` + kind + `}
    ` + signIn + "\n"
}

// The vendors' tables differ in their hosts and in how they match them.
func TestOAuth2Hosts(t *testing.T) {
	for host, want := range map[string]string{
		"imap.gmail.com":             "Thunderbird, Android, iOS, Evolution, Parula",
		"gmail.com":                  "Thunderbird, iOS",
		"smtp.googlemail.com":        "Thunderbird, Android, iOS, Evolution",
		"IMAP.GMAIL.COM":             "Android, Evolution",
		"outlook.office365.com":      "Thunderbird, Android, iOS, Parula",
		"smtp-mail.outlook.com":      "Thunderbird, Android, iOS, Evolution",
		"imap.mail.yahoo.com":        "Thunderbird, Android, Evolution, Parula",
		"export.imap.mail.yahoo.com": "Thunderbird, Evolution",
		"imap.aol.com":               "Thunderbird, Android, Parula",
		"imap.fastmail.com":          "Thunderbird, Android, iOS, Parula",
		"smtp.comcast.net":           "Thunderbird",
		"comcast.net":                "",
		"mail.thundermail.com":       "Thunderbird, Android, iOS",
		"notgmail.com":               "iOS",
		"imap.gmail.com.example.com": "Evolution",
		"imap.mail.me.com":           "",
		"imap.example.com":           "",
	} {
		var got []string
		for _, c := range []struct {
			name  string
			knows func(string) bool
		}{
			{"Thunderbird", thunderbirdKnowsOAuth2},
			{"Android", thunderbirdAndroidKnowsOAuth2},
			{"iOS", thunderbirdIOSKnowsOAuth2},
			{"Evolution", evolutionKnowsOAuth2},
			{"Parula", parulaKnowsOAuth2},
		} {
			if c.knows(host) {
				got = append(got, c.name)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s is known to %q, want %q", host, strings.Join(got, ", "), want)
		}
	}
}

// The two servers of an account may take different login methods.
func TestWaysToLogInByServer(t *testing.T) {
	config := func(imapHost, imapAuth, smtpHost, smtpAuth string) Answer {
		body := strings.NewReplacer("imap.example.com", imapHost, "smtp.example.com", smtpHost).Replace(goodConfig)
		body = strings.Replace(body, "password-cleartext", imapAuth, 1)
		return Answer{Status: 200, ContentType: "text/xml", Body: []byte(strings.Replace(body, "password-cleartext</authentication>\n    </outgoing", smtpAuth+"</authentication>\n    </outgoing", 1))}
	}
	for _, tt := range []struct {
		name   string
		client Client
		answer Answer
		in     Auth
		out    Auth
		err    error
	}{
		{"Outlook's SMTP host is one that Parula does not know, and needs no sign-in of its own", parula,
			config("outlook.office365.com", "OAuth2", "smtp-mail.outlook.com", "OAuth2"), AuthOAuth2, AuthOAuth2, nil},
		{"Parula has no sign-in for SMTP alone", parula,
			config("imap.example.com", "password-cleartext", "smtp.gmail.com", "OAuth2"), 0, 0, ErrDeadEnd},
		{"Thunderbird takes each server by itself", thunderbird,
			config("imap.example.com", "password-cleartext", "smtp.gmail.com", "OAuth2"), AuthPassword, AuthOAuth2, nil},
		{"Thunderbird for Android too", thunderbirdAndroid,
			config("imap.gmail.com", "OAuth2", "smtp.example.com", "password-cleartext"), AuthOAuth2, AuthPassword, nil},
		{"one server without a use is the end there", thunderbirdAndroid,
			config("imap.gmail.com", "OAuth2", "smtp.example.com", "OAuth2"), 0, 0, ErrDeadEnd},
		{"and in Thunderbird", thunderbird,
			config("imap.gmail.com", "OAuth2", "smtp.example.com", "OAuth2"), 0, 0, ErrDeadEnd},
	} {
		reading, _ := tt.client.Reading(Autoconfig)
		got, err := reading.Read(tt.answer, jane(t))
		if !errors.Is(err, tt.err) || got.Incoming.Auth != tt.in || got.Outgoing.Auth != tt.out {
			t.Errorf("%s: %s, %s, error %v", tt.name, got.Incoming.Auth, got.Outgoing.Auth, err)
		}
	}
}
