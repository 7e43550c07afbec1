package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"mailsetup/internal/completion"
)

// Each script knows every command and flag.
func TestCompletionHoldsTheHelp(t *testing.T) {
	wanted := []string{"--help", "--version"}
	for _, c := range (program{}).root().Commands {
		wanted = append(wanted, c.Name)
		for _, f := range c.VisibleFlags() {
			wanted = append(wanted, "--"+f.Names()[0])
		}
	}
	if len(wanted) < 50 {
		t.Fatalf("found only %d commands and flags", len(wanted))
	}
	for _, shell := range completion.Shells {
		var script bytes.Buffer
		if status := Main(t.Context(), Config{Args: []string{"mailsetup", "completion", shell}, Stdout: &script, Stderr: &script}); status != 0 {
			t.Fatal(&script)
		}
		words := strings.FieldsFunc(script.String(), func(r rune) bool { return strings.ContainsRune(" \n\t'\"|()[]=:*", r) })
		for _, want := range wanted {
			if shell == "fish" {
				want = strings.TrimPrefix(want, "--") // it writes -l NAME
			}
			if !slices.Contains(words, want) {
				t.Errorf("the script for %s lacks %s", shell, want)
			}
		}
	}
}

// The offered values are accepted, and no others.
func TestOfferedWordsAreAccepted(t *testing.T) {
	seen := 0
	for _, c := range (program{}).root().Commands {
		for _, f := range c.Flags {
			choice, ok := f.(*choiceFlag)
			if !ok {
				continue
			}
			seen++
			for _, word := range append(slices.Clone(choice.words), "nonsense") {
				var stderr bytes.Buffer
				// This table does not exist, so nothing is served.
				args := []string{"mailsetup", c.Name, "--" + choice.Name, word, "--providers", "no/such/table.yaml"}
				status := Main(t.Context(), Config{Args: args, Stdout: &bytes.Buffer{}, Stderr: &stderr})
				refused := strings.Contains(stderr.String(), "--"+choice.Name+": ")
				if status == 0 || refused != (word == "nonsense") {
					t.Errorf("%q: status %d, %s", args, status, &stderr)
				}
			}
		}
	}
	if seen < 4 {
		t.Errorf("only %d flags with a choice", seen)
	}
}

// Files and folders are offered where they are wanted.
func TestCompletedKinds(t *testing.T) {
	p := commandLines(program{}.root())
	got := map[string]completion.Kind{}
	for _, f := range append(slices.Clone(p.Flags), p.Bare...) {
		got["--"+f.Name] = f.Value.Kind
	}
	for _, c := range p.Commands {
		for _, a := range append(slices.Clone(c.Arguments), c.More) {
			got[c.Name+" "+a.Name] = a.Kind
		}
	}
	for name, want := range map[string]completion.Kind{
		"--providers": completion.Files, "--tls-cert": completion.Files, "--logo": completion.Files,
		"--cert-storage": completion.Folders, "--cert-cache": completion.Folders,
		"--tls": completion.Words, "--log-level": completion.Words,
		"--listen": completion.Text, "--domain": completion.Text,
		"--tls-apex": completion.Nothing,
		"check FILE": completion.Files, "export DIR": completion.Folders,
		"render FORMAT": completion.Words, "render ADDRESS": completion.Text,
		"import ispdb": completion.Words, "import SOURCE": completion.Files, "doctor DOMAIN": completion.Text,
	} {
		if kind, ok := got[name]; !ok || kind != want {
			t.Errorf("%s: kind %d, want %d", name, kind, want)
		}
	}
}
