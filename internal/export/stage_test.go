package export_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailsetup/internal/export"
	"mailsetup/internal/provider/providertest"
)

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name)))
	return err == nil
}

// Naming the wrong folder must neither put mailsetup's files into it nor delete
// what is there.
func TestForeignFolder(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "index.html", "mine")
	put(t, dir, "ispdb/v1.1/example.org", "mine, too")
	cfg := export.Config{Table: providertest.Table(t, "")}
	if _, err := export.Write(dir, cfg); !errors.Is(err, export.ErrForeign) {
		t.Fatalf("export to a folder with files in it: %v", err)
	}
	if got := files(t, dir); len(got) != 2 {
		t.Fatalf("a refused export has left %v", got)
	}

	cfg.Force = true
	if _, err := export.Write(dir, cfg); err != nil {
		t.Fatal(err)
	}
	if read(t, dir, "index.html") != "mine" {
		t.Error("a forced export has changed a file that it does not write")
	}
	if exists(dir, "ispdb/v1.1/example.org") {
		t.Error("a forced export has mixed its own folder with another")
	}

	cfg.Force = false
	if _, err := export.Write(dir, cfg); err != nil {
		t.Errorf("the export after a forced one: %v", err)
	}
	if !exists(dir, "index.html") {
		t.Error("the export after a forced one has removed a file of others")
	}
}

// The files of a domain that has left the table must go, or its people would be
// sent to a mail service that they have left.
func TestStaleFilesGo(t *testing.T) {
	dir := t.TempDir()
	for _, overlay := range []string{"domains: {example.com: icloud, example.org: icloud}", "domains: {example.org: icloud}"} {
		if _, err := export.Write(dir, export.Config{Table: providertest.Table(t, overlay)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range files(t, dir) {
		if strings.Contains(name, "example.com") {
			t.Errorf("%s is still there", name)
		}
	}
	if !exists(dir, "hosts/autoconfig.example.org/mail/config-v1.1.xml") {
		t.Error("the remaining domain is missing")
	}
}

// An unchanged file keeps its time: web servers make its ETag from that, and
// rsync decides by it.
func TestUnchangedFilesKeepTheirTime(t *testing.T) {
	dir := t.TempDir()
	write := func(overlay string) {
		t.Helper()
		if _, err := export.Write(dir, export.Config{Table: providertest.Table(t, overlay)}); err != nil {
			t.Fatal(err)
		}
	}
	write("domains: {example.com: icloud, family.test: icloud}")
	before := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, name := range files(t, dir) {
		if err := os.Chtimes(filepath.Join(dir, name), before, before); err != nil {
			t.Fatal(err)
		}
	}
	write("domains: {example.com: icloud, family.test: {provider: icloud, login: family@icloud.com}}")
	for name, same := range map[string]bool{
		"ispdb/v1.1/example.com":                            true,
		"hosts/autoconfig.example.com/mail/config-v1.1.xml": true,
		"nginx.conf":             true,
		"ispdb/v1.1/family.test": false,
	} {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if info.ModTime().Equal(before) != same {
			t.Errorf("%s: time kept %t, want %t", name, !same, same)
		}
	}
}

// A failed export must leave the previous one as it was, and its remains must not
// stop the next one.
func TestFailedExportChangesNothing(t *testing.T) {
	dir := t.TempDir()
	if _, err := export.Write(dir, export.Config{Table: providertest.Table(t, "domains: {example.com: icloud}")}); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	// DNS allows the name, but no file system allows a file of that name with
	// .xml.
	long := strings.Repeat(strings.Repeat("a", 62)+".", 4)[:252-len(".test")] + ".test"
	table := providertest.Table(t, "domains: {example.com: {provider: icloud, login: jane@icloud.com}, "+long+": icloud}")
	if _, err := export.Write(dir, export.Config{Table: table}); err == nil {
		t.Fatal("a file name of 256 octets was not an error: the test needs another fault")
	}
	if after := files(t, dir); strings.Join(before, "\n") != strings.Join(after, "\n") {
		t.Errorf("before: %v\nafter: %v", before, after)
	}
	if text := read(t, dir, "ispdb/v1.1/example.com"); strings.Contains(text, "jane") {
		t.Error("a file of the failed export is in place")
	}

	// As after a power failure in the middle of the first export.
	cut := t.TempDir()
	put(t, cut, ".mailsetup-export", "")
	put(t, cut, ".mailsetup-export.tmp/new/hosts/example.com/x", "half")
	if _, err := export.Write(cut, export.Config{Table: providertest.Table(t, "")}); err != nil {
		t.Error(err)
	}
	if exists(cut, ".mailsetup-export.tmp") || exists(cut, "hosts") {
		t.Error("a part of the export that was cut off is left")
	}
}
