package main_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows lists which of the project's packages a package may import. Each knows only
// what is below it, so that the documents can be understood without the server, and
// the table without either.
var arrows = map[string][]string{
	".":                              {"internal/cli"},
	"internal/cli":                   {"*"},
	"server":                         {"internal/metrics", "internal/language", "internal/document", "templates", "templates/page", "profiles", "internal/connlimit", "internal/filewatch", "internal/mx", "internal/provider"},
	"internal/document":              {"templates", "profiles", "internal/provider"},
	"internal/fill":                  {},
	"internal/language":              {},
	"templates":                      {"internal/fill", "internal/provider"},
	"templates/page":                 {"internal/language", "internal/provider", "internal/spelling"},
	"profiles":                       {"internal/fill", "internal/language", "internal/provider"},
	"internal/mx":                    {"internal/provider"},
	"internal/metrics":               {},
	"internal/ispdb":                 {"internal/provider", "internal/regularfile"},
	"internal/dnsrecords":            {"internal/provider"},
	"internal/clients":               {"internal/provider"}, // none of the packages that write the documents it reads
	"internal/clients/clientstest":   {"internal/clients"},
	"internal/clients/appleprofile":  {"internal/clients", "internal/provider"}, // only for tests
	"internal/clients/androidimport": {"internal/clients"},                      // only for tests
	"internal/export":                {"internal/document", "profiles", "internal/provider"},
	"internal/doctor":                {"internal/doctor/report", "internal/doctor/judge", "internal/doctor/probe", "internal/clients", "internal/dnsrecords", "internal/provider", "templates"},
	"internal/doctor/survey":         {"internal/doctor/report", "internal/doctor/judge", "internal/provider", "internal/terminal"},
	"internal/doctor/report":         {"internal/doctor/judge", "internal/doctor/probe", "internal/provider", "internal/terminal"},
	"internal/doctor/judge":          {"internal/doctor/probe", "internal/clients", "internal/dnsrecords", "internal/provider"},
	"internal/doctor/probe":          {"internal/clients", "internal/provider"},
	"internal/certs":                 {"internal/certs/redisstore", "internal/certs/pgstore", "internal/filewatch", "internal/secretfile"},
	"internal/certs/certstest":       {}, // only for tests
	"internal/certs/redisstore":      {},
	"internal/certs/pgstore":         {},
	"internal/completion":            {},
	"internal/connlimit":             {},
	"internal/memlimit":              {},
	"internal/terminal":              {},
	"internal/logbuffer":             {},
	"internal/provider":              {"internal/spelling"},
	"internal/spelling":              {},
	"internal/regularfile":           {},
	"internal/secretfile":            {"internal/regularfile"},
	"internal/filewatch":             {"internal/regularfile", "internal/secretfile"},
	"internal/provider/providertest": {"internal/provider"},
	"bench":                          {"bench/load", "bench/target"}, // like e2e, from outside
	"bench/performance":              {"bench/target", "bench/wrk"},
	"bench/chart":                    {}, // a separate module
	"bench/floor":                    {}, // the program is compared with it
	"bench/load":                     {},
	"bench/wrk":                      {},
	"bench/target":                   {},
	"e2e/dovecot":                    {"e2e/world"}, // e2e uses the program only from outside
}

// testsOnly are packages that no part of the program may import.
var testsOnly = []string{"internal/certs/certstest", "internal/clients/androidimport", "internal/clients/appleprofile", "internal/clients/clientstest", "internal/provider/providertest"}

// homes says where each library with a job of its own may be imported. Replacing one
// then touches one folder, and the floor, which must use the same libraries.
var homes = map[string]string{
	"github.com/labstack/echo":     "server",
	"github.com/beevik/etree":      "templates",
	"howett.net/plist":             "profiles",
	"github.com/smallstep/pkcs7":   "profiles",
	"gopkg.in/yaml.v3":             "internal/provider",
	"github.com/urfave/cli":        "internal/cli",
	"github.com/coreos/go-systemd": "internal/cli",
	"rsc.io/qr":                    "templates/page",
	"github.com/emersion":          "internal/doctor/probe",
	"golang.org/x/net/idna":        "internal/provider",
	"golang.org/x/text/language":   "internal/language",
	"github.com/caddyserver":       "internal/certs",
	"github.com/mholt/acmez":       "internal/certs",
	"go.uber.org/zap":              "internal/certs",
	"github.com/gomodule/redigo":   "internal/certs/redisstore",
	"github.com/jackc/pgx":         "internal/certs/pgstore",
	"github.com/google/jsonschema": "", // tests only
	"github.com/google/go-cmp":     "",
	"github.com/rogpeppe":          "",
	"github.com/chromedp":          "",
	"go.uber.org/goleak":           "",
	"gonum.org/v1/plot":            "bench/chart",
	"github.com/prometheus":        "internal/metrics",
}

// TestStructure reads the imports of every Go file that is not a test.
func TestStructure(t *testing.T) {
	for _, imp := range imports(t) {
		if inside, ok := strings.CutPrefix(imp.path, "mailsetup/"); ok {
			allowed, known := arrows[imp.from]
			switch {
			case slices.Contains(testsOnly, inside):
				t.Errorf("%s imports %s, which is only for tests", imp.file, inside)
			case !known:
				t.Errorf("%s: add package %s to arrows, with the packages that it may import", imp.file, imp.from)
			case !slices.Contains(allowed, inside) && !slices.Contains(allowed, "*"):
				t.Errorf("%s imports %s, which is not below it", imp.file, inside)
			}
		}
		for library, home := range homes {
			if strings.HasPrefix(imp.path, library) && imp.from != home && imp.from != "bench/floor" {
				t.Errorf("%s imports %s, whose home is %q", imp.file, imp.path, home)
			}
		}
	}
}

// TestFolderTable compares the table of folders in docs/design.md with the folders
// that contain Go code. Whoever adds a package describes it there.
func TestFolderTable(t *testing.T) {
	design, err := os.ReadFile("docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(design), "| folder |")
	if !found {
		t.Fatal("docs/design.md has no table of folders")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var described []string
	for row := range strings.Lines(table) {
		cell, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		for i, part := range strings.Split(cell, "`") {
			if i%2 == 1 {
				described = append(described, part)
			}
		}
	}
	var existing []string
	for _, imp := range imports(t) {
		if imp.from != "." && !slices.Contains(existing, imp.from) {
			existing = append(existing, imp.from)
		}
	}
	for _, folder := range existing {
		if !slices.Contains(described, folder) {
			t.Errorf("docs/design.md: the table of folders lacks %s", folder)
		}
	}
	for _, folder := range described {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			t.Errorf("docs/design.md: the table of folders has %s, which does not exist", folder)
		}
	}
}

type goImport struct{ file, from, path string }

func imports(t *testing.T) []goImport {
	t.Helper()
	var all []goImport
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		file = filepath.ToSlash(file)
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			skip := file == "dist" || entry.Name() == "testdata" || entry.Name() == "node_modules" || file != "." && strings.HasPrefix(entry.Name(), ".")
			if skip {
				return fs.SkipDir
			}
			return nil
		case !strings.HasSuffix(file, ".go"), strings.HasSuffix(file, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			all = append(all, goImport{file, path.Dir(file), name})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("found %d imports, want those of the whole project", len(all))
	}
	return all
}
