package ispdb_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/ispdb"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// realDatabase returns a checkout of the real database, which is not part of this
// repository.
func realDatabase(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("MAILSETUP_ISPDB")
	if dir == "" {
		t.Skip("MAILSETUP_ISPDB does not name a checkout of thunderbird/autoconfig at commit c6ad796")
	}
	return dir
}

// TestRealDatabase compares the import with what is known about the real database at
// commit c6ad796.
func TestRealDatabase(t *testing.T) {
	db, err := ispdb.Open(t.Context(), realDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	table := ispdb.Import(db)
	type leftOut struct{ Files, Domains int }
	type figures struct {
		Files, Taken, Services, Domains int
		LeftOut                         map[string]leftOut
	}
	got := figures{
		Files: table.Files, Taken: table.Report.Taken, Services: len(table.Providers), Domains: table.Domains(),
		LeftOut: make(map[string]leftOut),
	}
	for _, l := range table.Report.LeftOut {
		sum := got.LeftOut[l.Why.String()]
		got.LeftOut[l.Why.String()] = leftOut{sum.Files + 1, sum.Domains + l.Domains}
	}
	want := figures{
		Files: 163, Taken: 118, Services: 121, Domains: 815,
		LeftOut: map[string]leftOut{"no IMAP": {43, 144}, "IMAP without encryption": {2, 3}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	back, err := ispdb.Load("made.yaml", table.YAML())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(table.Providers, back, sameProvider); diff != "" {
		t.Errorf("the table that is read back differs (-made +read):\n%s", diff)
	}
}

// realTable returns the real database as a server would load it, with the built-in table.
func realTable(t *testing.T) (*ispdb.Table, *provider.Table) {
	t.Helper()
	db, err := ispdb.Open(t.Context(), realDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	made := ispdb.Import(db)
	loaded, err := provider.Load(provider.LoadConfig{
		Builtin: providertest.BuiltinSource(t),
		Tables:  []provider.Source{{Name: "made.yaml", Data: made.YAML()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return made, loaded
}

// TestRealDatabaseBelowBuiltin: built-in services win, and all others are served as
// imported.
func TestRealDatabaseBelowBuiltin(t *testing.T) {
	made, loaded := realTable(t)
	builtin := providertest.Table(t, "")
	taken, services := 0, len(builtin.Providers())
	for _, p := range made.Providers {
		_, replaced := builtin.Provider(p.ID)
		left := len(p.Domains) == 0
		for _, d := range p.Domains {
			if _, ok := builtin.ByDomain(d); ok {
				taken++
			} else {
				left = true
			}
		}
		if left && !replaced {
			services++
		}
	}
	if taken < 3 {
		t.Errorf("%d domains are built in, want those of iCloud at least", taken)
	}
	if n := len(loaded.Providers()); n != services {
		t.Errorf("%d services are served, want %d", n, services)
	}
	for _, p := range made.Providers {
		for _, d := range p.Domains {
			m, ok := loaded.ByDomain(d)
			if !ok || m.Provider().Layers[0] == provider.LayerImported && m.Provider().ID != p.ID {
				t.Errorf("%s is at %v, want %s or a built-in service", d, m.Provider(), p.ID)
			}
		}
	}
}

// TestRealExchangers: customers' domains are recognised by their exchangers, the longest
// matching name first.
func TestRealExchangers(t *testing.T) {
	made, loaded := realTable(t)
	for exchanger, want := range map[string]string{
		"aspmx.l.google.com":                   "imap.gmail.com",
		"x.mail.protection.outlook.com":        "outlook.office365.com",
		"mx-aol.mail.gm0.yahoodns.net":         "imap.aol.com",
		"mta7.am0.yahoodns.net":                "imap.mail.yahoo.com",
		"in1-smtp.messagingengine.com":         "imap.fastmail.com",
		"smtpin.rzone.de":                      "imap.strato.de",
		"mx00.kundenserver.de":                 "imap.1und1.de",
		"mx01.mail.icloud.com":                 "imap.mail.me.com",
		"shop-test.olc.protection.outlook.com": "outlook.office365.com",
	} {
		p, ok := loaded.ByMX(providertest.Domain(t, exchanger))
		if !ok || p.Incoming().Host.String() != want {
			t.Errorf("%s: %v, want %s", exchanger, p, want)
		}
	}
	outlook, _ := loaded.ByMX(providertest.Domain(t, "x.mail.protection.outlook.com"))
	if outlook.OwnsDomain(providertest.Domain(t, "hotmail.com")) {
		t.Error("Microsoft 365 is mistaken for Outlook.com")
	}
	local := 0
	for _, p := range made.Providers {
		if len(p.LoginDomains) == 0 {
			continue
		}
		local++
		served, ok := loaded.Provider(p.ID)
		if !ok {
			continue // built in
		}
		acc := provider.HostedAt(served, providertest.Domain(t, "shop.test")).Account(providertest.Address(t, "jane@shop.test"))
		if acc.Incoming.Login.Kind != provider.LoginUnknown || acc.Outgoing.Login.Kind != provider.LoginUnknown {
			t.Errorf("jane@shop.test would log in at %s as somebody else", p.ID)
		}
	}
	if local != 17 {
		t.Errorf("%d services log in by the local part, want 17", local)
	}
}

// A plainServer holds what a client takes from a server in a file.
type plainServer struct {
	Type           string   `xml:"type,attr"`
	Hostname       string   `xml:"hostname"`
	Port           string   `xml:"port"`
	SocketType     string   `xml:"socketType"`
	Username       string   `xml:"username"`
	Authentication []string `xml:"authentication"`
}

// TestRealServers reads the files of the real database in the simplest way and compares
// the first servers of every domain with the table's.
func TestRealServers(t *testing.T) {
	dir := realDatabase(t)
	db, err := ispdb.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	byDomain := make(map[string]*provider.Provider)
	for _, p := range ispdb.Import(db).Providers {
		for _, d := range p.MX {
			byDomain[d.String()] = p
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "ispdb", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	compared := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Domains  []string      `xml:"emailProvider>domain"`
			Incoming []plainServer `xml:"emailProvider>incomingServer"`
			Outgoing []plainServer `xml:"emailProvider>outgoingServer"`
		}
		if err := xml.Unmarshal(data, &file); err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Domains {
			p := byDomain[d]
			if p == nil {
				continue
			}
			compared++
			delete(byDomain, d)
			in, out := first(file.Incoming, "imap"), first(file.Outgoing, "smtp")
			if filepath.Base(name) == "teol.net.xml" && out.Username == "" {
				out.Username = in.Username // clients log in as "undefined"
			}
			for _, pair := range [][2]plainServer{{in.at(d), plain(p.Incoming())}, {out.at(d), plain(p.Outgoing())}} {
				if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
					t.Errorf("%s at %s (-file +table):\n%s", d, name, diff)
				}
			}
		}
	}
	if compared != 815 {
		t.Errorf("%d domains were compared", compared)
	}
}

func first(list []plainServer, kind string) plainServer {
	i := slices.IndexFunc(list, func(s plainServer) bool { return s.Type == kind })
	if i < 0 {
		return plainServer{}
	}
	return list[i]
}

func (s plainServer) at(domain string) plainServer {
	s.Hostname = strings.ReplaceAll(s.Hostname, "%EMAILDOMAIN%", domain)
	return s
}

// plain returns a server of the table in the database's terms.
func plain(s provider.MailServer) plainServer {
	words := plainServer{
		Type: s.Protocol.String(), Hostname: s.Host.String(),
		Port:       map[uint16]string{993: "993", 143: "143", 465: "465", 587: "587", 25: "25", 586: "586"}[s.Port],
		SocketType: map[provider.Security]string{provider.TLS: "SSL", provider.StartTLS: "STARTTLS"}[s.Security],
		Username:   map[provider.Username]string{provider.UsernameAddress: "%EMAILADDRESS%", provider.UsernameLocalPart: "%EMAILLOCALPART%"}[s.Username],
	}
	for _, a := range s.Auth.All() {
		words.Authentication = append(words.Authentication, map[provider.Auth]string{
			provider.AuthPassword: "password-cleartext", provider.AuthCRAMMD5: "password-encrypted", provider.AuthOAuth2: "OAuth2",
		}[a])
	}
	return words
}

// sameProvider compares services by everything that a table can say about them.
var sameProvider = cmp.Options{
	cmp.AllowUnexported(provider.Domain{}, provider.Link{}, provider.Date{}),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Layers" }, cmp.Ignore()),
	cmp.Transformer("", func(list []provider.Domain) []string {
		words := []string{}
		for _, d := range list {
			words = append(words, d.String())
		}
		return words
	}),
}
