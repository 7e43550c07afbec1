package export_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"mailsetup/internal/export"
	"mailsetup/internal/provider/providertest"
)

// Shells complete the name of a folder with a slash.
func TestProfilesFolderWithSlash(t *testing.T) {
	cfg := export.Config{Table: providertest.Table(t, "")}
	people, err := export.ParsePeople([]byte("jane@icloud.com\n"), cfg.Table)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "people")
	if err := export.WriteProfiles(t.Context(), dir+string(filepath.Separator), people, export.ProfilesConfig{}); err != nil {
		t.Fatal(err)
	}
	if !exists(dir, export.IndexFile) {
		t.Error("the index is missing")
	}
}

// Otherwise personal profiles would end below the root of a public site.
func TestProfilesBehindLinkIntoExport(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need special rights on Windows")
	}
	cfg := export.Config{Table: providertest.Table(t, "")}
	people, err := export.ParsePeople([]byte("jane@icloud.com\n"), cfg.Table)
	if err != nil {
		t.Fatal(err)
	}
	site, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	if _, err := export.Write(site, cfg); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(site, "ispdb"), link); err != nil {
		t.Fatal(err)
	}
	if err := export.WriteProfiles(t.Context(), filepath.Join(link, "deep", "people"), people, export.ProfilesConfig{}); err == nil {
		t.Error("profiles of people were written into an export")
	}
	if exists(site, "ispdb/deep") {
		t.Error("a folder was made in the export")
	}
}
