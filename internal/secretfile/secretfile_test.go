package secretfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"mailsetup/internal/regularfile"
)

func TestRead(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mode os.FileMode
		good bool
	}{{0o600, true}, {0o400, true}, {0o440, true}, {0o644, false}, {0o602, false}, {0o601, false}} {
		if err := os.Chmod(key, c.mode); err != nil {
			t.Fatal(err)
		}
		data, err := Read(key, 100)
		switch {
		case c.good || runtime.GOOS == "windows":
			if err != nil || string(data) != "secret" {
				t.Errorf("mode %o: %v", c.mode, err)
			}
		case err == nil || data != nil || !strings.Contains(err.Error(), "chmod o= "+key):
			t.Errorf("mode %o: %v", c.mode, err)
		}
	}
	if err := os.Chmod(key, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(key, 5); !errors.Is(err, regularfile.ErrTooLarge) || strings.Contains(err.Error(), "secret") {
		t.Errorf("too large: %v", err)
	}
	if _, err := Read(filepath.Dir(key), 5); !errors.Is(err, regularfile.ErrNotRegular) {
		t.Errorf("a folder: %v", err)
	}
	if runtime.GOOS != "windows" {
		link := key + ".link"
		if err := os.Symlink(key, link); err != nil {
			t.Fatal(err)
		}
		if data, err := Read(link, 100); err != nil || string(data) != "secret" {
			t.Errorf("a link: %v", err)
		}
	}
}
