package ispdb_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/ispdb"
	"mailsetup/internal/provider"
)

// present is an existing imported table, as text and parsed.
func present(t *testing.T, files ...ispdb.File) []*provider.Provider {
	t.Helper()
	list, err := ispdb.Load("present.yaml", ispdb.Import(ispdb.Database{Files: files}).YAML())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func named(name string, data []byte) ispdb.File { return ispdb.File{Name: name, Data: data} }

func changes(t *testing.T, before []*provider.Provider, after *ispdb.Table) string {
	t.Helper()
	var b bytes.Buffer
	if err := ispdb.WriteChanges(&b, ispdb.Compare(before, after.Providers)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const oAuth2 = `<oAuth2><issuer>accounts.harbour.test</issuer><scope>mail</scope>
<authURL>https://accounts.harbour.test/authorize</authURL><tokenURL>https://accounts.harbour.test/token</tokenURL></oAuth2>`

// TestEveryFieldIsCompared: every change in an update is reported. Only a new host that
// would get passwords is marked.
func TestEveryFieldIsCompared(t *testing.T) {
	second := server("imap", "imap.harbour.test", "143", "STARTTLS")
	for _, test := range []struct {
		edits []edit
		want  string
	}{
		{[]edit{{"Harbour Mail", "Quay Mail"}}, "    name: Harbour Mail -> Quay Mail\n"},
		{[]edit{{">Harbour<", ">Quay<"}}, "    short_name: Harbour -> Quay\n"},
		{[]edit{{domainLine, domainLine + "<domain>new.test</domain>"}}, "    domains: (nothing) -> new.test\n    mx: (nothing) -> new.test\n"},
		{[]edit{{imapHost, "<hostname>imap.other.test</hostname>"}}, "!   imap[0].host: imap.harbour.test -> imap.other.test   OTHER HOST: passwords go there\n"},
		{[]edit{{smtpHost, "<hostname>smtp.other.test</hostname>"}}, "!   smtp[0].host: smtp.harbour.test -> smtp.other.test   OTHER HOST: passwords go there\n"},
		{[]edit{{"993", "1993"}}, "    imap[0].port: 993 -> 1993\n"},
		{[]edit{{imapPort, "<port>143</port>"}, {"SSL", "STARTTLS"}}, "    imap[0].port: 993 -> 143\n    imap[0].security: tls -> starttls\n"},
		{[]edit{{"%EMAILADDRESS%", "%EMAILLOCALPART%"}}, "    imap[0].username: address -> localpart\n    login.domains: (nothing) -> harbour.test, quay.test\n"},
		{[]edit{{"password-cleartext", "password-encrypted"}}, "    imap[0].auth: [password] -> [cram-md5]\n"},
		{[]edit{{"password-cleartext", "OAuth2"}, {"password-cleartext", "OAuth2"}}, "    imap[0].auth: [password] -> [oauth2]\n    smtp[0].auth: [password] -> [oauth2]\n    password.kind: unstated -> none\n"},
		{[]edit{{"<outgoingServer", second + "<outgoingServer"}}, "    imap[1]: (nothing) -> imap.harbour.test:143 starttls, address, [password]\n"},
		{[]edit{{"<outgoingServer", strings.Replace(second, "imap.", "two.", 1) + "<outgoingServer"}}, "!   imap[1]: (nothing) -> two.harbour.test:143 starttls, address, [password]   OTHER HOST: passwords go there\n"},
		{[]edit{{emailEnd, emailEnd + oAuth2}}, "    oauth2.issuer: (nothing) -> accounts.harbour.test\n    oauth2.scope: (nothing) -> mail\n    oauth2.authorization: (nothing) -> https://accounts.harbour.test/authorize\n    oauth2.token: (nothing) -> https://accounts.harbour.test/token\n"},
		{[]edit{{emailEnd, `<documentation url="http://help.harbour.test/"><descr>How to</descr></documentation>` + emailEnd}}, "    help.pages: (nothing) -> How to <http://help.harbour.test/>\n"},
		{[]edit{{emailEnd, emailEnd + `<webMail><loginPage url="https://www.harbour.test/"/></webMail>`}}, "    help.webmail: (nothing) -> https://www.harbour.test/\n"},
	} {
		got := changes(t, present(t, named("harbour.test.xml", []byte(harbour))), importOne("harbour.test.xml", edited(t, test.edits...)))
		want := "harbour-test: changed\n" + test.want
		if n := strings.Count(test.want, "\n!") + strings.Count(test.want[:1], "!"); n > 0 {
			want += "1 line marked with !: check each host on the service's own pages\n"
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		// The other way round: what a table can gain, it can lose.
		if got := changes(t, present(t, named("harbour.test.xml", edited(t, test.edits...))), importOne("harbour.test.xml", []byte(harbour))); !strings.HasPrefix(got, "harbour-test: changed\n") {
			t.Errorf("backwards: %s", got)
		}
	}
}

// TestOrderOfDomains: the first domain identifies the service in machine documents.
func TestOrderOfDomains(t *testing.T) {
	after := importOne("harbour.test.xml", edited(t, edit{"<domain>quay.test</domain>", ""}, edit{domainLine, "<domain>quay.test</domain>" + domainLine}))
	got := changes(t, present(t, named("harbour.test.xml", []byte(harbour))), after)
	want := "harbour-test: changed\n    id: harbour.test -> quay.test\n" +
		"    domains: harbour.test, quay.test -> quay.test, harbour.test\n    mx: harbour.test, quay.test -> quay.test, harbour.test\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDomainMoves: a new file that takes over another's domain sends its people's
// passwords elsewhere, as a changed host does.
func TestDomainMoves(t *testing.T) {
	before := present(t, named("harbour.test.xml", []byte(harbour)))
	after := ispdb.Import(ispdb.Database{Files: []ispdb.File{
		named("harbour.test.xml", edited(t, edit{"<domain>quay.test</domain>", ""})),
		named("thief.test.xml", []byte(strings.ReplaceAll(strings.Replace(harbour, domainLine, "", 1), "harbour.test", "thief.test"))),
	}})
	got := changes(t, before, after)
	if !strings.Contains(got, "!   domains: (nothing) -> quay.test   OTHER HOST: passwords go there\n") {
		t.Errorf("no mark:\n%s", got)
	}
	// The same servers under another id are not a different host.
	after = importOne("renamed.test.xml", []byte(harbour))
	want := "harbour-test: gone; its domain is at renamed-test now: change the id in tables of your own\n" +
		"renamed-test: new\n    imap[0].host: (nothing) -> imap.harbour.test\n    smtp[0].host: (nothing) -> smtp.harbour.test\n    domains: (nothing) -> harbour.test, quay.test\n"
	if diff := cmp.Diff(want, changes(t, before, after)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if u := after.CarryOver(before, false); len(u.Kept) > 0 || len(after.Providers) != 1 {
		t.Errorf("an empty entry is kept: %v", u)
	}
}

// TestDomainMovesToAnother: a known service takes over another's domain.
func TestDomainMovesToAnother(t *testing.T) {
	other := []byte(strings.ReplaceAll(strings.Replace(harbour, "<domain>quay.test</domain>", "", 1), "harbour.test", "other.test"))
	before := present(t, named("harbour.test.xml", []byte(harbour)), named("other.test.xml", other))
	after := ispdb.Import(ispdb.Database{Files: []ispdb.File{
		named("harbour.test.xml", edited(t, edit{"<domain>quay.test</domain>", ""})),
		named("other.test.xml", bytes.Replace(other, []byte("</domain>"), []byte("</domain><domain>quay.test</domain>"), 1)),
	}})
	if got := changes(t, before, after); !strings.Contains(got, "!   domains: (nothing) -> quay.test   OTHER HOST: passwords go there\n") {
		t.Errorf("no mark:\n%s", got)
	}
}

// TestKept: a service that is gone upstream keeps what no other service claims.
func TestKept(t *testing.T) {
	before := present(t, named("harbour.test.xml", []byte(harbour)))
	quay := []byte(strings.ReplaceAll(strings.Replace(harbour, domainLine, "", 1), "harbour.test", "quay.test"))
	for prune, want := range map[bool][]string{false: {"harbour-test", "quay-test"}, true: {"quay-test"}} {
		after := importOne("quay.test.xml", quay)
		u := after.CarryOver(before, prune)
		var got []string
		for _, p := range after.Providers {
			got = append(got, p.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" || len(u.Kept) != len(want)-1 {
			t.Errorf("prune %v: kept %v (-want +got):\n%s", prune, u.Kept, diff)
		}
		list, err := ispdb.Load("updated.yaml", after.YAML())
		if err != nil {
			t.Fatal(err)
		}
		if !prune && (len(list[0].Domains) != 1 || list[0].Identifier.String() != "harbour.test") {
			t.Errorf("kept: %+v", list[0])
		}
	}
}

// TestVerified: the date on which somebody verified the servers applies to those
// servers only.
func TestVerified(t *testing.T) {
	text := string(ispdb.Import(ispdb.Database{Files: []ispdb.File{named("harbour.test.xml", []byte(harbour))}}).YAML())
	before, err := ispdb.Load("present.yaml", []byte(strings.Replace(text, "    password:", "    verified: 2026-01-31\n    password:", 1)))
	if err != nil {
		t.Fatal(err)
	}
	same := importOne("harbour.test.xml", edited(t, edit{"Harbour Mail", "Other Name"}))
	if u := same.CarryOver(before, false); len(u.Unverified) > 0 || same.Providers[0].Verified.String() != "2026-01-31" {
		t.Errorf("another name removed the date: %v", u)
	}
	if again, err := ispdb.Load("again.yaml", same.YAML()); err != nil || again[0].Verified.String() != "2026-01-31" {
		t.Errorf("the date is not written: %v", err)
	}
	other := importOne("harbour.test.xml", edited(t, edit{"993", "1993"}))
	if u := other.CarryOver(before, false); len(u.Unverified) != 1 || !other.Providers[0].Verified.IsZero() {
		t.Errorf("another port kept the date: %v", u)
	}
}

func TestLoadRefusesOwnTables(t *testing.T) {
	for _, text := range []string{"domains: {example.com: icloud}\n", "", "# imported: {}\n"} {
		if _, err := ispdb.Load("own.yaml", []byte(text)); err != ispdb.ErrNotImported {
			t.Errorf("%q: %v", text, err)
		}
	}
}
