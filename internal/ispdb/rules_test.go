package ispdb_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/ispdb"
)

// harbour is a file that is imported as it is.
const harbour = `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="harbour.test">
    <domain>harbour.test</domain>
    <domain>quay.test</domain>
    <displayName>Harbour Mail</displayName>
    <displayShortName>Harbour</displayShortName>
    <incomingServer type="imap">
      <hostname>imap.harbour.test</hostname>
      <port>993</port>
      <socketType>SSL</socketType>
      <username>%EMAILADDRESS%</username>
      <authentication>password-cleartext</authentication>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>smtp.harbour.test</hostname>
      <port>465</port>
      <socketType>SSL</socketType>
      <username>%EMAILADDRESS%</username>
      <authentication>password-cleartext</authentication>
    </outgoingServer>
  </emailProvider>
</clientConfig>
`

// Pieces of harbour that edits replace.
const (
	imapHost   = "<hostname>imap.harbour.test</hostname>"
	imapPort   = "<port>993</port>"
	imapStart  = `<incomingServer type="imap">`
	smtpHost   = "<hostname>smtp.harbour.test</hostname>"
	domainLine = "<domain>harbour.test</domain>"
	emailEnd   = "</emailProvider>"
)

// An edit replaces its first piece with the second.
type edit [2]string

func edited(t testing.TB, edits ...edit) []byte {
	t.Helper()
	text := harbour
	for _, e := range edits {
		if !strings.Contains(text, e[0]) {
			t.Fatalf("there is no %q to replace", e[0])
		}
		text = strings.Replace(text, e[0], e[1], 1)
	}
	return []byte(text)
}

func importOne(name string, data []byte) *ispdb.Table {
	return ispdb.Import(ispdb.Database{Files: []ispdb.File{{Name: name, Data: data}}})
}

// everywhere replaces all occurrences of a word.
func everywhere(old, new string) func(testing.TB) []byte {
	return func(testing.TB) []byte { return []byte(strings.ReplaceAll(harbour, old, new)) }
}

func by(edits ...edit) func(testing.TB) []byte {
	return func(t testing.TB) []byte { return edited(t, edits...) }
}

func text(s string) func(testing.TB) []byte { return func(testing.TB) []byte { return []byte(s) } }

// leftOut has a file for each reason to leave one out.
var leftOut = []struct {
	why  ispdb.Reason
	name string // "" for harbour.test.xml
	data func(testing.TB) []byte
}{
	{ispdb.BadFileName, "harbour.test", text(harbour)},
	{ispdb.BadFileName, "Harbour.test.xml", text(harbour)},
	{ispdb.BadFileName, ".xml", text(harbour)},
	{ispdb.BadFileName, "a\nb.xml", text(harbour)},
	{ispdb.BadFileName, strings.Repeat("long", 20) + ".xml", text(harbour)},
	{ispdb.BadEncoding, "", by(edit{"UTF-8", "UTF-16"})},
	{ispdb.HasDoctype, "", by(edit{"<clientConfig", "<!DOCTYPE clientConfig SYSTEM 'http://evil.test/x.dtd'><clientConfig"})},
	{ispdb.HasDoctype, "", text(billionLaughs)},
	{ispdb.InvalidXML, "", text("")},
	{ispdb.InvalidXML, "", by(edit{"</clientConfig>", ""})},
	{ispdb.InvalidXML, "", by(edit{"</clientConfig>", "</clientConfig> more"})},
	{ispdb.InvalidXML, "", by(edit{"</clientConfig>", "</clientConfig><clientConfig/>"})},
	{ispdb.InvalidXML, "", by(edit{"Harbour Mail", "Harbour &mail;"})},
	{ispdb.InvalidXML, "", by(edit{"Harbour Mail", "Harbour \xff"})},
	{ispdb.InvalidXML, "", by(edit{emailEnd, strings.Repeat("<a>", 20) + strings.Repeat("</a>", 20) + emailEnd})},
	{ispdb.NoClientConfig, "", text("<html/>")},
	{ispdb.NoClientConfig, "", by(edit{"<clientConfig", `<clientConfig xmlns="urn:other"`})},
	{ispdb.NoProvider, "", text("<clientConfig/>")},
	{ispdb.SeveralProviders, "", by(edit{emailEnd, emailEnd + `<emailProvider id="two.test"></emailProvider>`})},
	{ispdb.NoID, "", by(edit{` id="harbour.test"`, ""})},
	{ispdb.NoID, "", by(edit{` id="harbour.test"`, ` id="no name"`})},
	{ispdb.TooManyParts, "", by(edit{emailEnd, strings.Repeat("<documentation/>", 1001) + emailEnd})},
	{ispdb.NoDomain, "", by(edit{domainLine, ""}, edit{"<domain>quay.test</domain>", "<domain>*</domain>"})},
	{ispdb.NoDomain, "", by(edit{domainLine, "<domain>rzone.de</domain>"}, edit{"<domain>quay.test</domain>", ""}, edit{"imap.harbour.test", "imap.%EMAILDOMAIN%"})},
	{ispdb.TooManyDomains, "", by(edit{"imap.harbour.test", "imap.%EMAILDOMAIN%"}, edit{domainLine, manyDomains()})},
	{ispdb.RefusedByTable, "", by(edit{"Harbour Mail", "1e5"}, edit{"<displayShortName>Harbour</displayShortName>", ""})},
	{ispdb.RefusedByTable, "pop3.xml", text(harbour)},
	{ispdb.NoIMAP, "", by(edit{`type="imap"`, `type="pop3"`})},
	{ispdb.NoSMTP, "", by(edit{`type="smtp"`, `type="submission"`})},
	{ispdb.PlainIMAP, "", everywhere("SSL", "plain")},
	{ispdb.PlainSMTP, "", by(edit{"<port>465</port>\n      <socketType>SSL", "<port>25</port>\n      <socketType>plain"})},
	{ispdb.UnknownSecurity, "", by(edit{"SSL", "ssl"})},
	{ispdb.UnknownSecurity, "", by(edit{"<socketType>SSL</socketType>", ""})},
	{ispdb.BadPlaceholder, "", by(edit{"%EMAILADDRESS%", "%EMAILADDRESS"})},
	{ispdb.BadPlaceholder, "", by(edit{"%EMAILADDRESS%", "%EMAILLOCALPART%.%EMAILDOMAIN%"})},
	{ispdb.BadPlaceholder, "", by(edit{"imap.harbour.test", "%EMAILLOCALPART%.harbour.test"})},
	{ispdb.InvalidHost, "", by(edit{"imap.harbour.test", "192.0.2.1"})},
	{ispdb.InvalidHost, "", by(edit{"imap.harbour.test", "localhost"})},
	{ispdb.InvalidHost, "", by(edit{imapHost, ""})},
	{ispdb.InvalidPort, "", by(edit{"993", "0"})},
	{ispdb.InvalidPort, "", by(edit{"993", "65536"})},
	{ispdb.InvalidPort, "", by(edit{"993", "+993"})},
	{ispdb.InvalidPort, "", by(edit{imapPort, ""})},
	{ispdb.UnusualPort, "", by(edit{"993", "587"})},
	{ispdb.UnusualPort, "", by(edit{"993", "143"})},
	{ispdb.UnusualPort, "", by(edit{"993", "995"})},
	{ispdb.UnusualPort, "", by(edit{"465", "587"})},
	{ispdb.UnusualHost, "", by(edit{"imap.harbour.test", "pop.harbour.test"})},
	{ispdb.UnusualHost, "", by(edit{"imap.harbour.test", "smtp.harbour.test"})},
	{ispdb.UnusualHost, "", by(edit{smtpHost, "<hostname>imap.harbour.test</hostname>"})},
	{ispdb.NoUsername, "", by(edit{"<username>%EMAILADDRESS%</username>", ""})},
	{ispdb.UnknownUsername, "", by(edit{"%EMAILADDRESS%", "jane"})},
	{ispdb.NoAuth, "", by(edit{"password-cleartext", "GSSAPI"})},
	{ispdb.NoAuth, "", by(edit{"<authentication>password-cleartext</authentication>", ""})},
}

const billionLaughs = `<?xml version="1.0"?><!DOCTYPE c [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><clientConfig>&c;</clientConfig>`

func manyDomains() string {
	var b strings.Builder
	for i := range 101 {
		b.WriteString("<domain>d" + strings.Repeat("x", i) + ".test</domain>")
		if i > 50 {
			b.WriteString("<domain>e" + strings.Repeat("x", i-50) + ".test</domain>")
		}
	}
	return b.String()
}

func TestLeftOut(t *testing.T) {
	for _, test := range leftOut {
		name := test.name
		if name == "" {
			name = "harbour.test.xml"
		}
		table := importOne(name, test.data(t))
		if len(table.Report.LeftOut) != 1 || len(table.Providers) != 0 || table.Report.LeftOut[0].Why != test.why {
			t.Errorf("%s: left out: %+v, want %s", name, table.Report.LeftOut, test.why)
		}
		if len(table.Report.Losses) > 0 {
			t.Errorf("%s: losses for a file that is left out: %v", test.why, table.Report.Losses)
		}
	}
}

// lost has a file for each part that can be lost while the rest is kept.
var lost = []struct {
	why  ispdb.Reason
	what string
	data func(testing.TB) []byte
}{
	{ispdb.InvalidDomain, `domain "*.harbour.test"`, by(edit{domainLine, domainLine + "<domain>*.harbour.test</domain>"})},
	{ispdb.TooLong, `displayShortName "The Harbour Mail Company"`, by(edit{">Harbour<", ">The Harbour Mail Company<"})},
	{ispdb.BadPlaceholder, "displayName", by(edit{"Harbour Mail", "%EMAILADDRESS%"})},
	{ispdb.InvalidLink, "documentation 1", by(edit{emailEnd, `<documentation url="javascript:alert(1)"/>` + emailEnd})},
	{ispdb.InvalidLink, "documentation 1", by(edit{emailEnd, `<documentation url="https://help.%EMAILDOMAIN%/"/>` + emailEnd})},
	{ispdb.InvalidLink, "webMail", by(edit{emailEnd, emailEnd + `<webMail><loginPage url="http://www.harbour.test/"/></webMail>`})},
	{ispdb.InvalidLink, "webMail", by(edit{emailEnd, emailEnd + `<webMail><loginPage url="https://www.harbour.test/?domain=%EMAILDOMAIN%"/></webMail>`})},
	{ispdb.AboutPOP, "documentation 1", by(edit{emailEnd, `<documentation url="https://help.harbour.test/"><descr>Set up POP3</descr></documentation>` + emailEnd})},
	{ispdb.IncompleteOAuth2, "oAuth2", by(edit{emailEnd, emailEnd + `<oAuth2><issuer>accounts.harbour.test</issuer><scope>mail</scope><authURL>https://accounts.harbour.test/a</authURL></oAuth2>`})},
	{ispdb.UnknownAuth, `authentication "NTLM" of IMAP server 1`, by(edit{"<authentication>", "<authentication>NTLM</authentication><authentication>"})},
	{ispdb.PlainIMAP, "IMAP server 1", by(edit{imapStart, server("imap", "imap.harbour.test", "143", "plain") + imapStart})},
	{ispdb.UnusualPort, "IMAP server 2", by(edit{`<outgoingServer`, server("imap", "imap.harbour.test", "587", "STARTTLS") + `<outgoingServer`})},
}

func server(kind, host, port, security string) string {
	return `<incomingServer type="` + kind + `"><hostname>` + host + `</hostname><port>` + port + `</port><socketType>` + security +
		`</socketType><username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>`
}

// TestLost: what a table cannot express is reported, and the rest is as it would be without
// it.
func TestLost(t *testing.T) {
	for _, test := range lost {
		table := importOne("harbour.test.xml", test.data(t))
		want := []ispdb.Loss{{File: "harbour.test.xml", What: test.what, Why: test.why}}
		if diff := cmp.Diff(want, table.Report.Losses); diff != "" || len(table.Providers) != 1 {
			t.Errorf("%s: losses (-want +got):\n%s%+v", test.why, diff, table.Report.LeftOut)
			continue
		}
		p := table.Providers[0]
		if p.Incoming().Host.String() != "imap.harbour.test" || len(p.IMAP) != 1 || len(p.SMTP) != 1 || len(p.Domains) != 2 || len(p.Help.Pages) != 0 {
			t.Errorf("%s: the service is %+v", test.why, p)
		}
	}
}

// TestExchangerAndPlaceholder: hosts that depend on the domain of an address do not follow
// from the name of an exchanger.
func TestExchangerAndPlaceholder(t *testing.T) {
	table := importOne("harbour.test.xml", edited(t, edit{"imap.harbour.test", "imap.%EMAILDOMAIN%"}, edit{domainLine, domainLine + "<domain>rzone.de</domain>"}))
	want := []ispdb.Loss{{File: "harbour.test.xml", What: "domain rzone.de", Why: ispdb.NotForPlaceholder}}
	if diff := cmp.Diff(want, table.Report.Losses); diff != "" || len(table.Providers) != 2 || table.Domains() != 2 {
		t.Errorf("%d services, losses (-want +got):\n%s", len(table.Providers), diff)
	}
}

// TestOldEncoding: some files date from before UTF-8 was universal.
func TestOldEncoding(t *testing.T) {
	for label, name := range map[string]string{"ISO-8859-1": "Port M\xfcnster", "utf-8": "Port Münster", "US-ASCII": "Port Munster"} {
		table := importOne("harbour.test.xml", edited(t, edit{"UTF-8", label}, edit{"Harbour Mail", name}))
		want := strings.ReplaceAll(name, "\xfc", "ü")
		if len(table.Providers) != 1 || table.Providers[0].Name != want {
			t.Errorf("%s: %+v", label, table.Report)
		}
	}
	marked := append([]byte("\ufeff"), harbour...)
	if table := importOne("harbour.test.xml", marked); len(table.Providers) != 1 {
		t.Errorf("with a byte order mark: %+v", table.Report)
	}
}

// elsewhere are the reasons that other tests cover: for several files, and for files that
// cannot be read.
var elsewhere = []ispdb.Reason{ispdb.IsLink, ispdb.TooLarge, ispdb.Unreadable, ispdb.DomainTaken, ispdb.IDTaken, ispdb.NotForPlaceholder}

// TestReasonsAreTested: a new reason needs a test file and its own words.
func TestReasonsAreTested(t *testing.T) {
	tested := make(map[ispdb.Reason]bool)
	for _, why := range elsewhere {
		tested[why] = true
	}
	for _, test := range leftOut {
		tested[test.why] = true
	}
	for _, test := range lost {
		tested[test.why] = true
	}
	words := make(map[string]bool)
	why := ispdb.NoReason + 1
	for ; why.String() != "invalid reason"; why++ {
		if !tested[why] || why.String() == "" || words[why.String()] {
			t.Errorf("reason %d (%q) is not tested or has no words of its own", why, why)
		}
		words[why.String()] = true
	}
	if why < 30 {
		t.Errorf("there are only %d reasons", why)
	}
}

// TestSeveralFiles: an id or a domain belongs to the first file that has it.
func TestSeveralFiles(t *testing.T) {
	files := []ispdb.File{
		{Name: "a.test.xml", Data: []byte(harbour)},
		{Name: "a-test.xml", Data: everywhere("harbour.test", "other.test")(t)},
		{Name: "b.test.xml", Data: edited(t, edit{domainLine, "<domain>own.test</domain>"})},
		{Name: "c.test.xml", Data: []byte(harbour)},
		{Name: "d.test.xml", Fault: ispdb.TooLarge},
		{Name: "e.test.xml", Data: []byte(harbour)},
	}
	table := ispdb.Import(ispdb.Database{Files: files})
	var got []string
	for _, p := range table.Providers {
		got = append(got, p.ID+" "+p.Origin.File+" "+p.Identifier.String())
	}
	for _, l := range table.Report.LeftOut {
		got = append(got, l.File+": "+l.Why.String())
	}
	for _, l := range table.Report.Losses {
		got = append(got, l.File+": "+l.What+": "+l.Why.String())
	}
	want := []string{ // a-test.xml comes before a.test.xml
		"a-test a-test.xml other.test",
		"b-test b.test.xml own.test",
		"c-test c.test.xml harbour.test",
		"a.test.xml: another file has the same id in the table",
		"d.test.xml: larger than 1 MiB",
		"e.test.xml: domain of another file",
		"b.test.xml: domain quay.test: domain of another file",
		"c.test.xml: domain quay.test: domain of another file",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOrderDoesNotMatter: a folder and a zip may list files in any order.
func TestOrderDoesNotMatter(t *testing.T) {
	db, err := ispdb.Open(t.Context(), "testdata/database")
	if err != nil {
		t.Fatal(err)
	}
	want := ispdb.Import(db)
	var report, other bytes.Buffer
	_ = want.WriteReport(&report)
	for range len(db.Files) {
		db.Files = append(db.Files[1:], db.Files[0])
		db.Files[0], db.Files[2] = db.Files[2], db.Files[0]
		got := ispdb.Import(db)
		other.Reset()
		_ = got.WriteReport(&other)
		if !bytes.Equal(got.YAML(), want.YAML()) || other.String() != report.String() {
			t.Fatal("the order of files changes the table or the report")
		}
	}
}
