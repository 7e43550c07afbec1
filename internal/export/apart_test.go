package export_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailsetup/internal/export"
	"mailsetup/internal/provider/providertest"
)

// onePerson writes a folder of profiles.
func onePerson(t *testing.T, dir string) {
	t.Helper()
	if err := export.WriteProfiles(t.Context(), dir, jane(t), export.ProfilesConfig{}); err != nil {
		t.Fatal(err)
	}
}

// jane is a list of one.
func jane(t *testing.T) *export.People {
	t.Helper()
	people, err := export.ParsePeople([]byte("jane@icloud.com\n"), providertest.Table(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	return people
}

// A web server would publish people's profiles together with the site, and --force only
// promises to leave their files alone.
func TestSiteAwayFromProfiles(t *testing.T) {
	cfg := export.Config{Table: providertest.Table(t, ""), Force: true}
	above := filepath.Join(t.TempDir(), "of", "many")
	private := filepath.Join(above, "people")
	onePerson(t, private)
	for _, dir := range []string{private, filepath.Join(private, "site"), filepath.Join(private, "deep", "site"), above} {
		if _, err := export.Write(dir, cfg); err == nil || errors.Is(err, export.ErrForeign) || !strings.Contains(err.Error(), "personal profiles") {
			t.Errorf("site in %s: %v", dir, err)
		}
	}
	if _, err := export.Write(filepath.Dir(above), cfg); err == nil || !strings.Contains(err.Error(), "personal profiles") {
		t.Errorf("site two folders above: %v", err)
	}
	if got := files(t, above); len(got) != 3 {
		t.Errorf("a refused export has left %v", got)
	}
	if _, err := export.Write(filepath.Join(above, "site"), cfg); err != nil {
		t.Errorf("site next to profiles: %v", err)
	}
}

// A web server follows links, so profiles behind one are as public as the folder with it.
func TestSiteAwayFromLinkedProfiles(t *testing.T) {
	cfg := export.Config{Table: providertest.Table(t, ""), Force: true}
	private := filepath.Join(t.TempDir(), "deep", "people")
	onePerson(t, private)
	for _, target := range []string{private, filepath.Dir(private), filepath.Dir(filepath.Dir(private)), filepath.Join(private, export.IndexFile)} {
		site := t.TempDir()
		put(t, site, "docs/index.html", "")
		if err := os.Symlink(target, filepath.Join(site, "docs", "link")); err != nil {
			t.Skip(err)
		}
		if _, err := export.Write(site, cfg); err == nil || !strings.Contains(err.Error(), "personal profiles") {
			t.Errorf("site with a link to %s: %v", target, err)
		}
	}
	circle := t.TempDir()
	put(t, circle, "docs/index.html", "")
	if err := os.Symlink(circle, filepath.Join(circle, "docs", "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := export.Write(circle, cfg); err != nil {
		t.Errorf("site with a link to itself: %v", err)
	}
}

// A link in a site leads out of it on the disk, and is part of it for a web server.
func TestProfilesBehindLinkInSite(t *testing.T) {
	site, outside := t.TempDir(), t.TempDir()
	if _, err := export.Write(site, export.Config{Table: providertest.Table(t, "")}); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(site, "link")); err != nil {
		t.Skip(err)
	}
	for _, dir := range []string{filepath.Join(site, "link"), filepath.Join(site, "link", "people")} {
		if err := export.WriteProfiles(t.Context(), dir, jane(t), export.ProfilesConfig{}); err == nil || !strings.Contains(err.Error(), "inside an export") {
			t.Errorf("profiles in %s: %v", dir, err)
		}
	}
	if got := files(t, outside); len(got) != 0 {
		t.Errorf("a refusal has left %v", got)
	}
}

// The folder would be replaced while the shell is still in it.
func TestProfilesInCurrentFolder(t *testing.T) {
	people, here := jane(t), t.TempDir()
	t.Chdir(here)
	for _, dir := range []string{".", "./", here} {
		if err := export.WriteProfiles(t.Context(), dir, people, export.ProfilesConfig{}); err == nil || !strings.Contains(err.Error(), "is the current folder: give the name of a new folder") {
			t.Errorf("profiles in %q: %v", dir, err)
		}
	}
	if got := files(t, here); len(got) != 0 {
		t.Errorf("a refusal has left %v", got)
	}
}

// The link stays, and the profiles are in its target.
func TestProfilesBehindLink(t *testing.T) {
	real, link := filepath.Join(t.TempDir(), "real"), filepath.Join(t.TempDir(), "link")
	if err := errors.Join(os.Mkdir(real, 0o700), os.Symlink(real, link)); err != nil {
		t.Skip(err)
	}
	onePerson(t, link)
	if !exists(real, export.IndexFile) {
		t.Error("the profiles are not where the link leads")
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v", err)
	}
}

// An interrupt must not leave profiles of people in a hidden folder.
func TestInterruptedProfiles(t *testing.T) {
	above := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := export.WriteProfiles(ctx, filepath.Join(above, "people"), jane(t), export.ProfilesConfig{})
	if left, _ := os.ReadDir(above); !errors.Is(err, context.Canceled) || len(left) > 0 {
		t.Errorf("%v, left %v", err, left)
	}
}
