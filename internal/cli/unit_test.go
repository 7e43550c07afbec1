package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What systemd says about the units in docs/running.md. --offline came with 250. Without
// systemd the test is skipped, or fails where MAILSETUP_E2E=require says that everything
// must be there.
func TestUnitsSatisfySystemd(t *testing.T) {
	missing := t.Skipf
	if os.Getenv("MAILSETUP_E2E") == "require" {
		missing = t.Fatalf
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		missing("systemd-analyze is missing (Debian: systemd)")
	}
	about, err := exec.Command(analyze, "--version").Output()
	var version int
	if _, scanErr := fmt.Sscanf(string(about), "systemd %d", &version); err != nil || scanErr != nil || version < 250 {
		missing("systemd-analyze is too old: %s", about)
	}
	blocks := regexp.MustCompile("(?s)```ini\n(.*?)```").FindAllStringSubmatch(readDoc(t, "docs", "running.md"), -1)
	if len(blocks) != 2 {
		t.Fatalf("docs/running.md has %d units, want a service and a socket", len(blocks))
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	units := make([]string, 2)
	for i, name := range []string{"mailsetup.service", "mailsetup.socket"} {
		units[i] = filepath.Join(dir, name)
		text := strings.Replace(blocks[i][1], "/usr/local/bin/mailsetup", self, 1) // it must exist
		if err := os.WriteFile(units[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"verify", units[0], units[1]},
		{"security", "--no-pager", "--offline=true", "--threshold=12", units[0]}, // 1.2 of 10
	} {
		out, err := exec.Command(analyze, args...).CombinedOutput()
		if err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}
