package clients

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mailsetup/internal/ispdb"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
	"mailsetup/templates"
)

// imported loads a table that mailsetup import ispdb made from a database, below the
// built-in one.
func imported(t *testing.T, database string) *provider.Table {
	t.Helper()
	db, err := ispdb.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	table, err := provider.Load(provider.LoadConfig{
		Builtin: providertest.BuiltinSource(t),
		Tables:  []provider.Source{{Name: "imported.yaml", Data: ispdb.Import(db).YAML()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestImportedAgree: imported services are served to every client like all others, and a
// service that takes no password has no documents for clients that know nothing else.
func TestImportedAgree(t *testing.T) {
	table := imported(t, filepath.Join("..", "ispdb", "testdata", "database"))
	without := 0
	for _, p := range table.Providers() {
		account := provider.HostedAt(p, providertest.Domain(t, "shop.example")).Account(jane(t))
		_, err := templates.Autodiscover(account)
		if refused := errors.Is(err, provider.ErrOAuth2Only); refused == p.TakesPassword() {
			t.Errorf("%s takes a password: %t; Autodiscover: %v", p.ID, p.TakesPassword(), err)
		} else if refused {
			without++
		}
	}
	if without == 0 {
		t.Error("no service without a password was imported")
	}
	for _, c := range All {
		reading, reads := c.Reading(Autoconfig)
		if !reads {
			continue
		}
		t.Run(c.Name, func(t *testing.T) { agreesWithTable(t, table, c, reading) })
	}
}

// agreesWithTable reads our document for every domain as one client.
func agreesWithTable(t *testing.T, table *provider.Table, c Client, reading Reading) {
	t.Helper()
	for _, d := range allDomains(table) {
		m, _ := table.ByDomain(d)
		if !m.Provider().TakesPassword() || m.Provider().Incoming().Auth.Has(provider.AuthOAuth2) {
			continue // sign-in is tested elsewhere
		}
		address := providertest.Address(t, "jane@"+d.String())
		account := m.Account(provider.Address{})
		if err := check(c, reading, answer(t, Autoconfig, account), asked{account: account, address: address}); err != nil {
			t.Fatalf("%s: %v", d, err)
		}
	}
}

// lastServer lists clients that take the last of several servers. Our documents have one,
// so these clients may end up with a different one than from the original.
var lastServer = []string{"Evolution", "aerc", "FairEmail", "KMail", "Wino Mail"}

// TestRealDatabaseReaders reads every file of the real database as each client, and our
// document instead: a client that can use the original can use ours, and ends up with the
// same settings.
func TestRealDatabaseReaders(t *testing.T) {
	dir := os.Getenv("MAILSETUP_ISPDB")
	if dir == "" {
		t.Skip("MAILSETUP_ISPDB does not name a checkout of thunderbird/autoconfig at commit c6ad796")
	}
	table := imported(t, dir)
	files := map[string][]byte{}
	readings, onlyOurs, differ := 0, 0, map[string]int{}
	for _, p := range table.Providers() {
		if p.Origin.File == "" {
			continue
		}
		if files[p.Origin.File] == nil {
			data, err := os.ReadFile(filepath.Join(dir, "ispdb", p.Origin.File))
			if err != nil {
				t.Fatal(err)
			}
			files[p.Origin.File] = data
		}
		for _, d := range p.MX { // all of the file's names
			m, ok := table.ByDomain(d)
			if !ok {
				m = provider.HostedAt(p, d)
			}
			address := providertest.Address(t, "jane@"+d.String())
			original := Answer{Status: 200, ContentType: templates.XMLType, Body: files[p.Origin.File]}
			ours := answer(t, Autoconfig, m.Account(provider.Address{}))
			for _, c := range All {
				reading, reads := c.Reading(Autoconfig)
				if !reads {
					continue
				}
				readings++
				want, wantErr := reading.Read(original, address)
				got, err := reading.Read(ours, address)
				switch {
				case wantErr != nil && err == nil, strings.Contains(want.Incoming.Host, "%") && err == nil:
					onlyOurs++ // a client that fills no placeholder into a host has no server
				case wantErr == nil && err != nil:
					t.Errorf("%s at %s (%s): the original can be used, ours cannot: %v", c.Name, d, p.Origin.File, err)
				case wantErr == nil && fmt.Sprint(want) != fmt.Sprint(got):
					differ[c.Name]++
					if !slices.Contains(lastServer, c.Name) && !isExcepted(p.Origin.File, m, want) {
						t.Errorf("%s at %s (%s):\noriginal %+v\nours     %+v", c.Name, d, p.Origin.File, want, got)
					}
				}
			}
		}
	}
	t.Logf("%d readings; %d can use only ours; other settings: %v", readings, onlyOurs, differ)
	if readings < 9000 {
		t.Errorf("only %d readings", readings)
	}
}

// isExcepted reports two cases: teol.net states no login for SMTP, so clients make one up;
// and an exchanger that is not a domain of the service belongs to a hosted domain, whose
// local part is not a login.
func isExcepted(file string, m provider.Match, want Settings) bool {
	if file == "teol.net.xml" {
		return true
	}
	return !m.Provider().IsLogin(m.Domain()) && !strings.Contains(want.Incoming.Login+want.Outgoing.Login, "@")
}
