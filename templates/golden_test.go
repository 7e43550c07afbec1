package templates

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares bytes with testdata/name: a change here is a change for every
// client.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", filepath.FromSlash(name))
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run go test ./templates -update and read the diff)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestGoldenAutoconfig(t *testing.T) {
	table := table(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Autoconfig(account(t, table, c.who))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "autoconfig/"+c.name+".xml", got)
		})
	}
}

func TestGoldenAutodiscover(t *testing.T) {
	table := table(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Autodiscover(account(t, table, c.who))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "autodiscover/"+c.name+".xml", got)
		})
	}
}

func TestGoldenAutodiscoverError(t *testing.T) {
	at := time.Date(2026, 2, 3, 21, 25, 4, 889_000_000, time.UTC)
	got, err := AutodiscoverErrorDocument(ErrorUnknownAddress, at, 0)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "autodiscover/error-500.xml", got)
}

// A golden file that no test compares would look like a promise.
func TestGoldenFilesAreAllUsed(t *testing.T) {
	used := map[string]bool{"testdata/autodiscover/error-500.xml": true}
	for _, c := range cases {
		used["testdata/autoconfig/"+c.name+".xml"] = true
		used["testdata/autodiscover/"+c.name+".xml"] = true
	}
	files, err := filepath.Glob("testdata/auto*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !used[filepath.ToSlash(file)] {
			t.Errorf("%s belongs to no test", file)
		}
	}
}
