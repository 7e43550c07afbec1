package main_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestOneWordForMailClients: operators read "mail client", people on the setup page "mail
// app", and nobody a third word. Whoever reads two words looks for two things.
func TestOneWordForMailClients(t *testing.T) {
	var (
		neither = regexp.MustCompile(`(?i)\bmail[\s#/*]+programs?\b`)
		apps    = regexp.MustCompile(`\b[Mm]ail[\s#/*]+apps?\b`)
		texts   = []string{".go", ".json", ".md", ".html", ".txt", ".txtar", ".yaml"}
		page    = []string{"templates/page/", "profiles/", "providers.yaml"}
		read    int
	)
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "node_modules" || file == "dist"):
			return fs.SkipDir
		case entry.IsDir() || !slices.Contains(texts, filepath.Ext(file)) || file == "words_test.go":
			return nil
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		read++
		forPeople := slices.ContainsFunc(page, func(prefix string) bool { return strings.HasPrefix(filepath.ToSlash(file), prefix) })
		if found := neither.Find(content); found != nil {
			t.Errorf("%s: %q: write mail client, or mail app for the setup page", file, found)
		}
		if found := apps.Find(content); found != nil && !forPeople {
			t.Errorf("%s: %q: write mail client; mail app is the word of the setup page", file, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 500 {
		t.Errorf("read only %d files", read)
	}
}
