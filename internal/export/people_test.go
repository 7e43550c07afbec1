package export

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"mailsetup/internal/provider/providertest"
)

// FuzzParsePeople: any list gives either mistakes or people with addresses that are
// served, each once.
func FuzzParsePeople(f *testing.F) {
	table := providertest.Table(f, "")
	for _, list := range []string{"", "#", "jane@icloud.com", "jane@icloud.com\tJane\r\n\r\n#x\njohn@me.com", "\ufeffjane@icloud.com", "jane", "a@b.test x\nA@b.test",
		"sep=;\r\nName;E-Mail\r\n\"J\"\"\nane\";jane@icloud.com", "\"jane@icloud.com\",\"x", "#;mail\n#1;jane@icloud.com", "mail\tname\n\t\tx\n"} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		people, err := ParsePeople([]byte(list), table)
		if (people == nil) != (err != nil) {
			t.Fatalf("people %v and mistake %v", people, err)
		}
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for p := range people.All() {
			address := p.Account.Address.Folded().String()
			if seen[address] || !strings.Contains(address, "@") || p.Account.Provider == nil {
				t.Errorf("%q came to be %q", list, address)
			}
			seen[address] = true
		}
		if len(seen) != people.Count || len(seen) == 0 {
			t.Errorf("%q has %d people, and %d were counted", list, len(seen), people.Count)
		}
	})
}

// TestPeopleWithoutProfiles: the error names the line of everybody who cannot have
// a profile.
func TestPeopleWithoutProfiles(t *testing.T) {
	table := providertest.Table(t, `
providers:
  signin:
    name: Sign-in Mail
    short_name: Sign-in
    domains: [signin.test]
    imap: [{host: imap.signin.test, port: 993, security: tls, username: address, auth: oauth2}]
    smtp: [{host: smtp.signin.test, port: 465, security: tls, username: address, auth: oauth2}]
    password: {kind: none}
`)
	_, err := ParsePeople([]byte("jane@icloud.com\njane@signin.test"), table)
	if err == nil || err.Error() != "line 2: Sign-in Mail has no profiles, because it accepts no password from mail clients: remove the line" {
		t.Errorf("%v", err)
	}
}

// TestProfilesArePrivate: nobody else on the machine can read them.
func TestProfilesArePrivate(t *testing.T) {
	table := providertest.Table(t, "")
	people, err := ParsePeople([]byte("jane@icloud.com"), table)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "a", "people")
	if err := WriteProfiles(t.Context(), dir, people, ProfilesConfig{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{".": fs.ModeDir | 0o700, "1.mobileconfig": 0o600, IndexFile: 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(left) != 1 {
		t.Errorf("next to the folder: %v, %v", left, err)
	}
}

// TestManyMistakes: a file that is not such a list does not fill the screen with
// mistakes.
func TestManyMistakes(t *testing.T) {
	_, err := ParsePeople([]byte(strings.Repeat("jane\n", 250)), providertest.Table(t, ""))
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 101 || lines[100] != "... and 150 more mistakes, 250 in all" {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}
