package provider

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sameTable compares the contents of tables, not what they were made from or in how many
// layers.
var sameTable = cmp.Options{
	cmp.Exporter(func(reflect.Type) bool { return true }),
	cmpopts.IgnoreFields(Table{}, "sources", "flags", "notes"),
	cmpopts.IgnoreFields(Provider{}, "Layers"),
	cmpopts.IgnoreFields(entry{}, "layer"),
}

// TestYAMLIsTheTable: the output of the table command can be saved and served, and
// serves the same.
func TestYAMLIsTheTable(t *testing.T) {
	files, err := filepath.Glob("testdata/valid/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatal("the valid tables are missing", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			for _, flags := range [][]string{nil, {"flag.test=icloud", "bücher.test=icloud"}} {
				checkYAML(t, LoadConfig{Builtin: builtin(t), Tables: tableFile(t, file), Domains: flags})
			}
		})
	}
	t.Run("flags alone", func(t *testing.T) {
		checkYAML(t, LoadConfig{Builtin: builtin(t), Domains: []string{"example.com=icloud"}})
	})
}

func checkYAML(t *testing.T, cfg LoadConfig) {
	t.Helper()
	table := load(t, cfg)
	text := table.YAML()
	printed := Source{Name: "printed.yaml", Data: text}
	for _, again := range []LoadConfig{
		{Builtin: printed},
		{Builtin: cfg.Builtin, Tables: []Source{printed}},
	} {
		back := load(t, again)
		if diff := cmp.Diff(table, back, sameTable); diff != "" {
			t.Errorf("the printed table differs (-loaded +printed):\n%s\n%s", diff, text)
		}
		if once := back.YAML(); again.Tables == nil && !bytes.Equal(once, text) {
			t.Errorf("printed again it differs:\n%s", cmp.Diff(string(text), string(once)))
		}
	}
}

// TestYAMLOfOneSource: the built-in table is printed with its comments and blank lines,
// as in the repository.
func TestYAMLOfOneSource(t *testing.T) {
	source := builtin(t)
	text := load(t, LoadConfig{Builtin: source}).YAML()
	if !bytes.Equal(text, source.Data) {
		t.Error("the built-in table is not printed byte for byte")
	}
	text[0] ^= 1
	if bytes.Equal(text, source.Data) {
		t.Error("the caller can change the table's source")
	}
}

// TestYAMLKeepsComments: an operator sees where a fact comes from, even in their own
// table.
func TestYAMLKeepsComments(t *testing.T) {
	table := load(t, LoadConfig{Builtin: builtin(t), Tables: tableFile(t, "testdata/valid/merged.yaml"), Domains: []string{"example.com=icloud"}})
	text := string(table.YAML())
	for _, want := range []string{
		"# The login of a mailbox on a custom domain is", // built in
		"# Only the port that is blocked least.",         // of the overlay
		"short_name: Apple # narrower\n",                 //
		"    password:\n      kind: app-specific\n",      // merged, laid out as the built-in one
		"domains:\n  example.com: icloud\n",              // of the flag
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing from\n%s", want, text)
		}
	}
	if gone := "# Apple documents 587 alone."; strings.Contains(text, gone) {
		t.Errorf("%q explains a list that the overlay has replaced", gone)
	}
}

func load(t *testing.T, cfg LoadConfig) *Table {
	t.Helper()
	table, err := Load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func builtin(t testing.TB) Source {
	return tableFile(t, filepath.Join("..", "..", "providers.yaml"))[0]
}

func tableFile(t testing.TB, file string) []Source {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return []Source{{Name: filepath.Base(file), Data: data}}
}
