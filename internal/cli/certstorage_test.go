package cli

import (
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Whatever characters a password contains, the server gets it exactly as it is
// in the file.
func TestWithPassword(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	for _, c := range []struct{ location, content, user, password string }{
		{"redis://redis:6379/1", "secret\n", "", "secret"},
		{"rediss://mail@redis", "a/b:c@d%41?#+ é", "mail", "a/b:c@d%41?#+ é"},
		{"postgres://mail@db/certs?sslmode=disable", "secret\r\n", "mail", "secret"},
	} {
		if err := os.WriteFile(file, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := withPassword(c.location, file)
		if err != nil {
			t.Errorf("%s: %v", c.location, err)
			continue
		}
		u, err := url.Parse(got)
		if err != nil {
			t.Fatal(err)
		}
		if password, _ := u.User.Password(); password != c.password || u.User.Username() != c.user {
			t.Errorf("%s: user %q, password %q", c.location, u.User.Username(), password)
		}
		if u.User = nil; u.String() != strings.Replace(c.location, "mail@", "", 1) {
			t.Errorf("%s became %s", c.location, u)
		}
	}
	if err := os.WriteFile(file, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := withPassword("redis://redis", file); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("an empty file: %v", err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := withPassword("redis://redis", file); err == nil && runtime.GOOS != "windows" {
		t.Error("a password file that everybody can read was accepted")
	}
}
