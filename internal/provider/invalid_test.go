package provider_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

var update = flag.Bool("update", false, "write the errors that occur into testdata/invalid")

// cannotSee marks a file whose mistakes providers.schema.json lets through.
const cannotSee = "schema: cannot see"

// TestInvalid loads every table of testdata/invalid on top of the built-in one,
// and wants exactly the errors in its last comment. With wrong positions, or with
// one mistake at a time, an operator would need an hour to fix a table.
func TestInvalid(t *testing.T) {
	files := invalidFiles(t)
	if len(files) < 40 {
		t.Fatalf("found %d files, want the whole collection", len(files))
	}
	for _, file := range files {
		t.Run(tableName(file), func(t *testing.T) {
			data := readFile(t, file)
			_, err := provider.Load(provider.LoadConfig{
				Builtin: providertest.BuiltinSource(t),
				Tables:  []provider.Source{{Name: filepath.Base(file), Data: data}},
			})
			if err == nil {
				t.Fatal("the table was loaded")
			}
			errs, ok := errors.AsType[provider.Errors](err)
			if !ok {
				t.Fatalf("the error is a %T", err)
			}
			var got []string
			for _, e := range errs {
				if e.File != filepath.Base(file) {
					t.Errorf("the error blames %s", e.File)
				}
				got = append(got, strings.TrimLeft(strings.TrimPrefix(e.Error(), e.File), ": "))
			}
			if *update {
				writeWanted(t, file, data, got)
				return
			}
			if diff := cmp.Diff(wanted(data), got); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

const wantMark = "\n# want"

// wanted returns the lines of the comment that ends an invalid table.
func wanted(data []byte) []string {
	var lines []string
	_, block, _ := bytes.Cut(data, []byte(wantMark))
	for line := range strings.Lines(string(block)) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "# "); ok && text != cannotSee {
			lines = append(lines, text)
		}
	}
	return lines
}

func writeWanted(t *testing.T, file string, data []byte, errs []string) {
	t.Helper()
	head, _, _ := bytes.Cut(data, []byte(wantMark))
	out := append(bytes.TrimRight(head, "\n"), "\n"+wantMark+"\n"...)
	for _, e := range errs {
		out = append(out, "# "+e+"\n"...)
	}
	if bytes.Contains(data, []byte(cannotSee)) {
		out = append(out, "# "+cannotSee+"\n"...)
	}
	if err := os.WriteFile(file, out, 0o644); err != nil {
		t.Fatal(err)
	}
}

func invalidFiles(t *testing.T) []string { return tables(t, "invalid") }

func tables(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func tableName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".yaml") }

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
