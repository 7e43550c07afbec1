package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file name or a flag can come from somebody else's archive or script; an error
// must not pass its escape sequences on to the terminal.
func TestErrorsAreSafeToPrint(t *testing.T) {
	const nasty = "a\x1b]0;owned\x07\u202egnp\u009b2J"
	for _, args := range [][]string{
		{"check", "--providers", nasty},
		{"check", nasty},
		{"check", "--" + nasty},
		{"--" + nasty},
		{nasty},
		{"help", nasty},
		{"check", "--domain", nasty},
		{"doctor", nasty},
		{"doctor", "example.com", "--ca", nasty},
		{"doctor", "example.com", "--resolver", nasty},
		{"render", nasty, nasty},
		{"dns", nasty},
		{"export", nasty},
		{"table", nasty},
		{"healthcheck", "--admin-listen", nasty},
		{"serve", "--listen", nasty},
		{"serve", "--public-url", nasty},
	} {
		var out, errs bytes.Buffer
		Main(t.Context(), Config{Args: append([]string{"mailsetup"}, args...), Stdout: &out, Stderr: &errs})
		if got := out.String() + errs.String(); strings.ContainsAny(got, "\x1b\x07\u202e\u009b") || errs.Len() == 0 {
			t.Errorf("%q prints %q", args, got)
		}
	}
}

// Successful commands print file names, too: on standard output and in warnings.
func TestAnswersAreSafeToPrint(t *testing.T) {
	const nasty = "a\x1b]0;owned\x07\u202egnp\u009b2J"
	table, err := os.ReadFile(filepath.Join("..", "..", "providers.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	list := nasty + ".txt"
	if err := os.WriteFile(list, []byte("example.com icloud\nexample.com icloud\n"), 0o600); err != nil {
		t.Skip("this file system does not allow such a name:", err)
	}
	if err := os.WriteFile(nasty, []byte("domains:\n  example.org: icloud\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"check", nasty},
		{"check", nasty, "--domains-file", list},
		{"export", "--providers", nasty, nasty + "-export"},
	} {
		var out, errs bytes.Buffer
		code := Main(t.Context(), Config{Args: append([]string{"mailsetup"}, args...), BuiltinTable: table, Stdout: &out, Stderr: &errs})
		if got := out.String() + errs.String(); code != 0 || out.Len() == 0 || strings.ContainsAny(got, "\x1b\x07\u202e\u009b") {
			t.Errorf("%q: status %d, prints %q", args, code, got)
		}
	}
}

// A document reaches a file byte for byte, and a terminal without control
// characters.
func TestWriteDocument(t *testing.T) {
	const doc = "# \u202enasty\x1b[2J\n\tok\n"
	for toTerminal, want := range map[bool]string{false: doc, true: "# ?nasty?[2J\n\tok\n"} {
		var out bytes.Buffer
		if err := writeDocument(&out, []byte(doc), toTerminal); err != nil || out.String() != want {
			t.Errorf("terminal %v: %q, %v", toTerminal, out.String(), err)
		}
	}
}
