//go:build unix

package server

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mailsetup/internal/filewatch"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// swaps replace a file with something that is not a file, or that may not be read.
var swaps = map[string]func(path string) error{
	"a pipe": func(path string) error { return syscall.Mkfifo(path, 0o600) },
	"a link to a pipe": func(path string) error {
		if err := syscall.Mkfifo(path+".pipe", 0o600); err != nil {
			return err
		}
		return os.Symlink(path+".pipe", path)
	},
	"a folder":       func(path string) error { return os.Mkdir(path, 0o700) },
	"nothing":        func(string) error { return nil },
	"a link nowhere": func(path string) error { return os.Symlink(path+".gone", path) },
	"a link to itself": func(path string) error {
		return os.Symlink(filepath.Base(path), path)
	},
	"a device": func(path string) error { return os.Symlink("/dev/zero", path) },
}

// Whatever replaces a watched file, nothing hangs, what was loaded stays in use,
// readyz names the file, and the file's return is noticed.
func TestSwappedFiles(t *testing.T) {
	for name, swap := range swaps {
		for _, which := range []string{"table", "list", "logo", "certificate", "key"} {
			t.Run(name+" for the "+which, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				signing := SignerFiles{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
				newKeyPair(t, time.Now().Add(time.Hour)).write(t, signing)
				paths := map[string]string{"table": filepath.Join(dir, "t.yaml"), "list": filepath.Join(dir, "list"), "logo": filepath.Join(dir, "logo.png"),
					"certificate": signing.Cert, "key": signing.Key}
				writeFile(t, paths["table"], []byte("domains: {example.com: icloud}\n"), 0o600)
				writeFile(t, paths["list"], []byte("example.org icloud\n"), 0o600)
				writeFile(t, paths["logo"], onePixel(t), 0o600)
				s := newTestServer(t, "", signedBy(signing), func(cfg *Config) {
					cfg.Files = new(filewatch.Set)
					cfg.Load = func() (*provider.Table, error) {
						data, err := cfg.Files.Read(paths["table"], provider.MaxSource)
						if err != nil {
							return nil, err
						}
						return provider.Load(provider.LoadConfig{
							Builtin: providertest.BuiltinSource(t), Tables: []provider.Source{{Name: paths["table"], Data: data}},
							DomainsFiles: []string{paths["list"]}, ReadFile: cfg.Files.Read,
						})
					}
					cfg.LoadLogo = func() ([]byte, error) { return cfg.Files.Read(paths["logo"], 1<<20) }
				})
				path := paths[which]
				good, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				polls := func(when string) {
					t.Helper()
					done := make(chan struct{})
					go func() {
						defer close(done)
						s.poll()
						s.poll()
						_ = s.Reload()
					}()
					select {
					case <-done:
					case <-time.After(30 * time.Second):
						t.Fatalf("%s: the look at the files hangs", when)
					}
					for _, domain := range []string{"example.com", "example.org"} {
						if w := ask(s.Public(), "GET", "/v1.1/"+domain, ""); w.Code != 200 {
							t.Errorf("%s: status %d for %s", when, w.Code, domain)
						}
					}
					if w := ask(s.Public(), "GET", "/profile/icloud.mobileconfig", ""); w.Code != 200 {
						t.Errorf("%s: status %d for the profile", when, w.Code)
					}
				}
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				if err := swap(path); err != nil {
					t.Fatal(err)
				}
				polls("swapped")
				if state := stateOf(readyNow(t, s), path); state != filewatch.Unreadable {
					t.Errorf("swapped: readyz calls it %q", state)
				}
				if err := os.RemoveAll(path); err != nil {
					t.Fatal(err)
				}
				writeFile(t, path, good, 0o600)
				polls("back")
				if state := stateOf(readyNow(t, s), path); state != filewatch.InUse {
					t.Errorf("back: readyz calls it %q", state)
				}
			})
		}
	}
}

// A signing key becomes readable for everybody on the machine: the server goes on
// signing with the one in its memory, and readyz says what to do.
func TestKeyOpenedToEverybody(t *testing.T) {
	files := newFiles(t)
	newKeyPair(t, time.Now().Add(time.Hour)).write(t, files)
	s := newTestServer(t, "", signedBy(files))
	for _, step := range []struct {
		mode os.FileMode
		want filewatch.State
	}{{0o644, filewatch.Unreadable}, {0o600, filewatch.InUse}} {
		if err := os.Chmod(files.Key, step.mode); err != nil {
			t.Fatal(err)
		}
		s.poll()
		s.poll()
		if w := ask(s.Public(), "GET", "/profile/icloud.mobileconfig", ""); w.Code != 200 {
			t.Errorf("mode %o: status %d for the profile", step.mode, w.Code)
		}
		ready := readyNow(t, s)
		if state := stateOf(ready, files.Key); state != step.want {
			t.Errorf("mode %o: readyz calls the key %q, want %q", step.mode, state, step.want)
		}
		if said := strings.Contains(ready.Files.Signing.Watched[1].Error, "chmod o="); said != (step.want == filewatch.Unreadable) {
			t.Errorf("mode %o: readyz says %q", step.mode, ready.Files.Signing.Watched[1].Error)
		}
	}
}

// onePixel is the smallest logo.
func onePixel(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func stateOf(r readiness, path string) filewatch.State {
	for _, w := range append(r.Files.Table.Watched, r.Files.Signing.Watched...) {
		if w.File == path {
			return w.State
		}
	}
	return ""
}
