package completion_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/completion"
)

var update = flag.Bool("update", false, "rewrite the scripts")

// sample has a flag and an argument of every kind, and texts that need quoting.
var sample = completion.Program{
	Name: "sample",
	Commands: []completion.Command{
		{Name: "serve", Usage: "serve: the usual [one], and Jane's", Flags: []completion.Flag{mode, listen, root}},
		{Name: "check", Usage: `check, and \ mind`, More: completion.Value{Kind: completion.Files, Name: "FILE"}},
		{Name: "render", Usage: "print", Arguments: []completion.Value{
			{Kind: completion.Words, Name: "FORMAT", Words: []string{"autoconfig", "autodiscover", "json"}},
			{Kind: completion.Text, Name: "ADDRESS"},
		}},
		{Name: "export", Usage: "write", Arguments: []completion.Value{{Kind: completion.Folders, Name: "DIR"}}},
		{Name: "import", Usage: "read", Flags: []completion.Flag{{Name: "prune", Usage: "leave out"}}, Arguments: []completion.Value{
			{Kind: completion.Words, Name: "ispdb", Words: []string{"ispdb"}},
			{Kind: completion.Files, Name: "SOURCE"},
		}},
		{Name: "quit", Usage: "do nothing"},
	},
	Flags: []completion.Flag{
		{Name: "table", Usage: "a table [or two]", Value: completion.Value{Kind: completion.Files, Name: "FILE"}, Repeated: true},
		{Name: "domain", Usage: "a domain", Value: completion.Value{Kind: completion.Text, Name: "DOMAIN[:PORT]"}, Repeated: true},
		{Name: "help", Letter: "h", Usage: "show help"},
	},
	Bare: []completion.Flag{{Name: "version", Letter: "v", Usage: "print it"}, mode, listen, root},
}

var (
	mode   = completion.Flag{Name: "mode", Usage: "Jane's way", Value: completion.Value{Kind: completion.Words, Name: "MODE", Words: []string{"off", "files", "acme"}}}
	listen = completion.Flag{Name: "listen", Usage: "where: to", Value: completion.Value{Kind: completion.Text, Name: "ADDRESS"}}
	root   = completion.Flag{Name: "root", Usage: "what to open", Value: completion.Value{Kind: completion.Folders, Name: "FOLDER"}}
)

func script(t *testing.T, shell string) string {
	t.Helper()
	text, err := sample.Script(shell)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestScripts(t *testing.T) {
	for _, shell := range completion.Shells {
		file := filepath.Join("testdata", "sample."+shell)
		got := script(t, shell)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", file, diff)
		}
	}
}

func TestRefused(t *testing.T) {
	other := mode
	other.Value = completion.Value{Kind: completion.Text, Name: "MODE"}
	for want, p := range map[string]completion.Program{
		`"$(reboot)" is not a plain word`:                     {Name: "p", Commands: []completion.Command{{Name: "$(reboot)"}}},
		`"a b" is not a plain word`:                           {Name: "p", Flags: []completion.Flag{{Name: "a b"}}},
		`"x;y" is not a plain word`:                           {Name: "p", Flags: []completion.Flag{{Name: "a", Value: completion.Value{Kind: completion.Words, Words: []string{"x;y"}}}}},
		`"" is not a plain word`:                              {},
		"--mode takes different values in different commands": {Name: "p", Flags: []completion.Flag{mode}, Bare: []completion.Flag{other}},
	} {
		for _, shell := range completion.Shells {
			if _, err := p.Script(shell); err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", shell, err, want)
			}
		}
	}
	if _, err := sample.Script("tcsh"); err == nil || !strings.Contains(err.Error(), "use bash, zsh or fish") {
		t.Errorf("tcsh: %v", err)
	}
}
