package export_test

import (
	"flag"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/document"
	"mailsetup/internal/export"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
	"mailsetup/server"
)

var update = flag.Bool("update", false, "write the golden files")

// everything has a domain of each kind: at a second mail service, beyond ASCII,
// with logins by address and with one login, and two whose names look like other
// names of the site.
const everything = `
providers:
  harbour:
    name: Harbour Mail
    short_name: Harbour
    domains: [harbour.test]
    mx: [mx.harbour.test]
    imap: [{host: imap.harbour.test, port: 993, security: tls, username: address}]
    smtp: [{host: smtp.harbour.test, port: 465, security: tls, username: address}]
    password: {kind: account}
domains:
  example.com: icloud
  example.org: {provider: icloud, logins: {jane@example.org: jane.appleseed@icloud.com}}
  family.test: {provider: icloud, login: family@icloud.com}
  xn--bcher-kva.test: icloud
  boats.test: harbour
  autoconfig.example.com: harbour
  boats.test.xml: harbour
`

func exportTable(t *testing.T, overlay string, change ...func(*export.Config)) (dir string, summary export.Summary, table *provider.Table) {
	t.Helper()
	table = providertest.Table(t, overlay)
	cfg := export.Config{Table: table}
	for _, f := range change {
		f(&cfg)
	}
	dir = filepath.Join(t.TempDir(), "site")
	summary, err := export.Write(dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return dir, summary, table
}

func withURL(t *testing.T) func(*export.Config) {
	u, err := document.ParsePublicURL("https://mail-settings.example.net")
	if err != nil {
		t.Fatal(err)
	}
	return func(cfg *export.Config) { cfg.PublicURL = u }
}

// files returns the paths of all files below dir, sorted, with slashes.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, err = filepath.Rel(dir, name)
			list = append(list, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A surplus file is an answer that clients should not get; a missing one is an
// answer that they lack.
func TestTree(t *testing.T) {
	dir, summary, _ := exportTable(t, everything, withURL(t))
	got := files(t, dir)
	if summary.Files != len(got)-1 { // the marker is not part of the site
		t.Errorf("the summary counts %d files, there are %d", summary.Files, len(got)-1)
	}
	if summary.Own != 4 || summary.Hosted != 7 {
		t.Errorf("the summary counts %d own domains and %d hosted ones", summary.Own, summary.Hosted)
	}
	for name, tt := range map[string]struct {
		got  []provider.Domain
		want string
	}{
		"logins by address": {summary.Mapped, "example.org"},
		"one login":         {summary.Login, "family.test"},
	} {
		if len(tt.got) != 1 || tt.got[0].String() != tt.want {
			t.Errorf("%s: %v, want %s", name, tt.got, tt.want)
		}
	}
	golden := filepath.Join("testdata", "tree.txt")
	text := strings.Join(got, "\n") + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// Without a public URL, nothing may be written that has to name it: a pointer to
// https://autodiscover.example.com would lead Outlook to a file that it cannot
// post to.
func TestTreeWithoutPublicURL(t *testing.T) {
	with, _, _ := exportTable(t, everything, withURL(t))
	without, _, _ := exportTable(t, everything)
	rest := files(t, without)
	for _, name := range files(t, with) {
		needsURL := path.Base(name) == "policies.json" || path.Base(name) == "autodiscoverv1.json"
		if needsURL != !slices.Contains(rest, name) {
			t.Errorf("%s: written without a public URL: %t", name, slices.Contains(rest, name))
		}
	}
}

// No file may offer POP or contain a login that belongs to one person.
func TestNothingPersonal(t *testing.T) {
	dir, _, _ := exportTable(t, everything, withURL(t))
	for _, name := range files(t, dir) {
		text := read(t, dir, name)
		if strings.Contains(text, "appleseed") || strings.Contains(text, "jane@") {
			t.Errorf("%s contains personal data", name)
		}
		machine := strings.HasPrefix(name, "hosts/") || strings.HasPrefix(name, "ispdb/") || path.Ext(name) == ".xml"
		if machine && strings.Contains(strings.ToLower(text), "pop") {
			t.Errorf("%s mentions POP", name)
		}
	}
}

// The same table must give the same bytes, or every export would send all files to
// the CDN again.
func TestSameBytes(t *testing.T) {
	first, _, _ := exportTable(t, everything, withURL(t))
	second, _, _ := exportTable(t, everything, withURL(t))
	for _, name := range files(t, first) {
		if read(t, first, name) != read(t, second, name) {
			t.Errorf("%s differs between two exports", name)
		}
	}
}

// DatabaseOnly must keep the whole database: the web server files serve every
// domain from it.
func TestDatabaseOnly(t *testing.T) {
	all, _, _ := exportTable(t, everything)
	database, _, _ := exportTable(t, everything, func(cfg *export.Config) { cfg.DatabaseOnly = true })
	got := files(t, database)
	var want []string
	for _, name := range files(t, all) {
		switch {
		case strings.HasPrefix(name, "hosts/"):
		case strings.HasPrefix(name, "rollout/") && !slices.Contains(got, name):
			// Only for hosted domains are the computers' files left out.
			if strings.Contains(name, "icloud.com") || !strings.HasSuffix(name, ".xml") {
				t.Errorf("%s is missing", name)
			}
		default:
			want = append(want, name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func serverOf(t *testing.T, table *provider.Table, public document.PublicURL) http.Handler {
	t.Helper()
	s, err := server.New(server.Config{
		Load:      func() (*provider.Table, error) { return table, nil },
		PublicURL: public,
		Log:       slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.Public()
}

func get(h http.Handler, url string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
	return w
}
