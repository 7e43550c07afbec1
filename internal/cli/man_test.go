package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mailsetup/internal/cli"
)

func manual(t *testing.T) string {
	t.Helper()
	t.Setenv("SOURCE_DATE_EPOCH", "1735689600")
	var page, stderr bytes.Buffer
	status := cli.Main(t.Context(), cli.Config{Args: []string{"mailsetup", "man"}, Stdout: &page, Stderr: &stderr})
	if status != 0 || stderr.Len() > 0 {
		t.Fatalf("status %d: %s", status, &stderr)
	}
	return page.String()
}

// The page contains every command and flag of the help.
func TestManualHoldsTheHelp(t *testing.T) {
	page := manual(t)
	if !strings.HasPrefix(page, `.TH MAILSETUP 1 "2025-01-01" "mailsetup `) {
		t.Errorf("the page begins with %q", page[:80])
	}
	help := readDoc(t, "internal", "cli", "testdata", "script", "help.txtar")
	wanted := 0
	for line := range strings.Lines(help) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case strings.HasPrefix(line, "  --"):
			wanted++
			if !strings.Contains(page, "\n\\fB"+strings.ReplaceAll(name, "-", `\-`)) {
				t.Errorf("the flag %s is missing", name)
			}
		case strings.HasPrefix(line, "mailsetup ") && strings.Contains(line, ": "):
			command, _, _ := strings.Cut(line, ":")
			wanted++
			if !strings.Contains(page, "\n.SS \""+command) {
				t.Errorf("the command %s is missing", command)
			}
		}
	}
	if wanted < 60 {
		t.Errorf("only %d commands and flags were compared", wanted)
	}
}

// A formatter finds nothing wrong with the page.
func TestManualSatisfiesMandoc(t *testing.T) {
	mandoc, err := exec.LookPath("mandoc")
	if err != nil {
		skipUnlessRequired(t, "mandoc is missing (Debian: mandoc)")
	}
	file := filepath.Join(t.TempDir(), "mailsetup.1")
	if err := os.WriteFile(file, []byte(manual(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(mandoc, "-T", "lint", "-W", "warning", file).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	text, err := exec.Command(mandoc, "-T", "ascii", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := "  mailsetup import ispdb autoconfig --to ispdb.yaml\n"; !strings.Contains(string(text), want) {
		t.Errorf("the formatted page lacks %q", want)
	}
}
