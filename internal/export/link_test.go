package export_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"mailsetup/internal/export"
	"mailsetup/internal/provider/providertest"
)

// Whoever can write to the folder must not be able to make an export write
// elsewhere: one that runs as root could overwrite any file on the machine.
func TestExportFollowsNoLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need special rights on Windows")
	}
	cfg := export.Config{Table: providertest.Table(t, "domains: {example.com: icloud}")}
	for _, name := range []string{
		".mailsetup-export", ".mailsetup-export.tmp", "README.txt", "nginx.conf", "ispdb", "hosts", "rollout",
		"ispdb/v1.1", "ispdb/v1.1/example.com", "ispdb/_headers",
	} {
		for _, target := range []string{"file", "folder", "missing"} {
			t.Run(name+" to a "+target, func(t *testing.T) {
				outside, dir := t.TempDir(), t.TempDir()
				put(t, outside, "file", "precious")
				put(t, outside, "folder/file", "precious")
				if _, err := export.Write(dir, cfg); err != nil {
					t.Fatal(err)
				}
				link := filepath.Join(dir, filepath.FromSlash(name))
				if err := os.RemoveAll(link); err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(filepath.Join(outside, target), link); err != nil {
					t.Fatal(err)
				}
				if _, err := export.Write(dir, cfg); err != nil {
					t.Errorf("the export failed: %v", err)
				}
				if got := files(t, outside); len(got) != 2 || read(t, outside, "file") != "precious" || read(t, outside, "folder/file") != "precious" {
					t.Errorf("outside the folder there is now %v", got)
				}
				if info, err := os.Lstat(link); name != ".mailsetup-export.tmp" && (err != nil || info.Mode()&os.ModeSymlink != 0) {
					t.Errorf("the link is still there: %v, %v", info, err)
				}
			})
		}
	}
}
