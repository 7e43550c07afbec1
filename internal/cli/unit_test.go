//go:build unix

package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// systemd checks the units in deploy/systemd, alone and with each drop-in. --offline came
// with version 250. Without systemd the test is skipped, or fails where
// MAILSETUP_E2E=require says that everything must be there.
func TestUnitsSatisfySystemd(t *testing.T) {
	analyze := systemdAnalyze(t)
	for _, variant := range []struct {
		dropIn string
		// limit is the highest exposure allowed, in tenths: 0 is the best, 100 the worst.
		limit string
	}{
		{"", "14"},
		{"socket.conf", "11"},
		{"proxy.conf", "9"},
		{"no-network.conf", "5"},
	} {
		t.Run("with "+variant.dropIn, func(t *testing.T) {
			dir := t.TempDir()
			service := installUnit(t, dir, "mailsetup.service", "mailsetup.service")
			socket := installUnit(t, dir, "mailsetup.socket", "mailsetup.socket")
			if variant.dropIn != "" {
				installUnit(t, dir, "drop-ins/"+variant.dropIn, "mailsetup.service.d/"+variant.dropIn)
			}
			for _, args := range [][]string{
				{"verify", "--man=no", service, socket},
				{"security", "--no-pager", "--offline=true", "--threshold=" + variant.limit, service},
			} {
				out, err := exec.Command(analyze, args...).CombinedOutput()
				if err != nil || args[0] == "verify" && len(out) > 0 {
					t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
				}
			}
		})
	}
}

// installUnit writes a file of deploy/systemd to dir, with a program that exists, and
// returns the path.
func installUnit(t *testing.T, dir, from, to string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filepath.FromSlash(to))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(readDoc(t, "deploy", "systemd", filepath.FromSlash(from)), "/usr/bin/mailsetup", self, 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func systemdAnalyze(t *testing.T) string {
	t.Helper()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		skipUnlessRequired(t, "systemd-analyze is missing (Debian: systemd)")
	}
	about, err := exec.Command(analyze, "--version").Output()
	var version int
	if _, scanErr := fmt.Sscanf(string(about), "systemd %d", &version); err != nil || scanErr != nil || version < 250 {
		skipUnlessRequired(t, "systemd-analyze is too old: %s", about)
	}
	return analyze
}

// A server must start with the settings that come with the package.
func TestPackagedSettingsAreUnderstood(t *testing.T) {
	binary, table := program(t)
	var env []string
	for line := range strings.Lines(readDoc(t, "deploy", "systemd", "mailsetup.env")) {
		if line = strings.TrimSpace(line); strings.HasPrefix(strings.TrimPrefix(line, "#"), "MAILSETUP_") {
			env = append(env, strings.TrimPrefix(line, "#")) // also those to be filled in
		}
	}
	if len(env) < 5 {
		t.Fatalf("found only %q", env)
	}
	// An impossible address ends the start before anything is opened, but after all other
	// settings have been read.
	cmd := exec.Command(binary, "serve", "--admin-listen", "off", "--listen", "192.0.2.1:8443", "--http-listen", "off", "--cert-storage", filepath.Join(t.TempDir(), "certificates"))
	cmd.Env = append(append(os.Environ(), "BUILTIN_TABLE="+table, "MAILSETUP_PROVIDERS="+docPath("deploy", "package", "providers.yaml")), env...)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "this machine does not have this address") {
		t.Errorf("with %q: %v\n%s", env, err, out)
	}
}
