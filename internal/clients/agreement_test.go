package clients

import (
	"errors"
	"fmt"
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
	"mailsetup/templates"
)

// agreementTable goes on top of the built-in table: domains hosted at iCloud with
// and without known logins, a service whose logins are equal and whose servers use
// the other kind of TLS, and one whose logins are the part before the @.
const agreementTable = `
providers:
  equal:
    name: Smith & Sons <Mail>
    short_name: Smith
    domains: [mail.test, post.test]
    imap: [{host: imap.mail.test, port: 143, security: starttls, username: address, auth: cram-md5}]
    smtp: [{host: smtp.mail.test, port: 465, security: tls, username: address, auth: cram-md5}]
    password: {kind: account}
  short:
    name: Short
    short_name: Short
    domains: [short.test]
    imap: [{host: mail.short.test, port: 993, security: tls, username: localpart}]
    smtp: [{host: mail.short.test, port: 587, security: starttls, username: localpart}]
    password: {kind: account}
domains:
  example.com:
    provider: icloud
    logins: {jane@example.com: jane.appleseed@icloud.com}
  example.org:
    provider: icloud
    login: family@me.com
  xn--mnchen-3ya.test: icloud
  hosted.test: equal
  hosted.short.test: short
`

// people are the local parts that every domain is tried with.
var people = []string{"jane", "Jane.Appleseed+News", "o'neil&sons", "a=b", "00123"}

// Every document must set up the same account in every client that reads it: same
// host, port, security and login. Where a client disagrees with the table, people
// of that client cannot log in, or worse, log in without encryption.
func TestAllClientsAgree(t *testing.T) {
	table := providertest.Table(t, agreementTable)
	for _, c := range All {
		for _, reading := range c.Readings {
			if reading.Format == AutodiscoverJSON || reading.Format == MobileSync {
				continue
			}
			t.Run(c.Name+"/"+reading.Format.String(), func(t *testing.T) {
				agrees(t, table, c, reading)
			})
		}
	}
}

func agrees(t *testing.T, table *provider.Table, c Client, reading Reading) {
	read := 0
	for _, d := range allDomains(table) {
		match, _ := table.ByDomain(d)
		for _, local := range people {
			address := providertest.Address(t, local+"@"+d.String())
			asker := address
			if c.Name == snappyMail.Name && reading.Format == Autodiscover {
				asker = providertest.Address(t, snappyMailbox(address))
			}
			for kind, account := range map[string]provider.Account{
				"personal":           match.Account(asker),
				"without an address": match.Account(provider.Address{}),
				"the generic":        match.Provider().Account(),
			} {
				if !agreesOn(c, reading.Format, kind, match) {
					continue
				}
				read++
				if err := check(c, reading, answer(t, reading.Format, account), asked{account: account, address: address}); err != nil {
					// One failure is enough: what breaks one document breaks
					// hundreds.
					t.Fatalf("%s at %s, the document %s: %v", local, d, kind, err)
				}
			}
		}
	}
	if read < 100 {
		t.Errorf("only %d documents were read", read)
	}
}

// agreesOn leaves out what no client uses: the generic account lists only the
// provider's own domains, so Parula cannot use it elsewhere.
func agreesOn(c Client, f Format, kind string, match provider.Match) bool {
	return !(c.Name == parula.Name && f == Autoconfig && kind == "the generic" && match.Class() == provider.ClassHosted)
}

func allDomains(table *provider.Table) []provider.Domain {
	var all []provider.Domain
	for _, p := range table.Providers() {
		all = append(all, p.Domains...)
	}
	for d := range table.Hosted() {
		all = append(all, d)
	}
	return all
}

// answer renders the account in one format.
func answer(t *testing.T, f Format, account provider.Account) Answer {
	t.Helper()
	a := Answer{Status: 200, ContentType: templates.XMLType}
	var err error
	switch f {
	case Autoconfig:
		a.Body, err = templates.Autoconfig(account)
	case Autodiscover:
		a.Body, err = templates.Autodiscover(account)
	default:
		err = errors.New("it contains no settings")
	}
	if err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	return a
}

// check reads one answer and compares it with the table, or with what the
// exceptions expect instead.
func check(c Client, reading Reading, answer Answer, who asked) error {
	want, err := Expected(reading.Format, who.account, who.address)
	if err != nil {
		return err
	}
	if who.auth != 0 {
		want.Incoming.Auth, want.Outgoing.Auth = who.auth, who.auth
	}
	excepted := false
	for _, e := range exceptions {
		if e.client.Name == c.Name && e.format == reading.Format {
			e.expect(who, &want)
			excepted = true
		}
	}
	if excepted != (reading.Limit != "") && c.Name != thunderbird.Name {
		return errors.New("a limit without an exception here, or the other way round")
	}
	got, err := reading.Read(answer, who.address)
	if err != nil {
		return err
	}
	var failures []error
	for _, what := range got.Differs(want) {
		failures = append(failures, errors.New(what))
	}
	// A login that a client makes up must be the full address or nothing: the part
	// before the @ of jane@example.com is the login of jane@icloud.com.
	for _, s := range []ServerSettings{got.Incoming, got.Outgoing} {
		if !s.Stated && s.Login != "" && s.Login != who.address.String() && c.Name != snappyMail.Name {
			failures = append(failures, fmt.Errorf("it makes up the login %s", s.Login))
		}
		if s.Stated && s.Login == "" {
			failures = append(failures, errors.New("an empty login"))
		}
	}
	return errors.Join(failures...)
}

// The JSON pointer must lead Outlook to the XML and nowhere else, and after an
// error Outlook must go on searching.
func TestOutlookReadsTheJSON(t *testing.T) {
	const pox = "https://autodiscover.example.com/autodiscover/autodiscover.xml"
	body, err := templates.AutodiscoverJSON(pox)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Client{outlook, outlookCloud} {
		reading, _ := c.Reading(AutodiscoverJSON)
		_, err := reading.Read(Answer{Status: 200, ContentType: "application/json", Body: body}, jane(t))
		further, ok := errors.AsType[*FollowUp](err)
		if !ok || further.Request.URL != pox {
			t.Errorf("%s: %v", c.Name, err)
		}
		refusal, err := templates.AutodiscoverJSONError(templates.JSONInvalidProtocol, "ActiveSync", 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reading.Read(Answer{Status: 400, Body: refusal}, jane(t)); !errors.Is(err, ErrNext) {
			t.Errorf("%s, refused: %v", c.Name, err)
		}
	}
}

// The server must understand what clients post: Thunderbird's own lines as well as
// ActiveSync's, which must be recognised in order to be refused.
func TestRequestsAreUnderstood(t *testing.T) {
	posted := 0
	for _, local := range people {
		address := providertest.Address(t, local+"@example.com")
		for _, c := range All {
			if c.Requests == nil {
				continue
			}
			for _, r := range c.Requests(address) {
				if len(r.Body) == 0 {
					continue
				}
				posted++
				got, err := templates.ParseAutodiscoverRequest(r.Body)
				if refused, ok := errors.AsType[*templates.AutodiscoverError](err); r.Format == MobileSync && ok && refused.Code == templates.ErrorSchema {
					continue
				}
				if err != nil {
					t.Errorf("%s for %s: %v", c.Name, local, err)
					continue
				}
				want := address
				if c.Name == snappyMail.Name {
					want = providertest.Address(t, snappyMailbox(address))
				}
				if got.Address != want {
					t.Errorf("%s for %s: the address is read as %s", c.Name, local, got.Address)
				}
			}
		}
	}
	if posted < 50 {
		t.Errorf("only %d requests have a body", posted)
	}
}
