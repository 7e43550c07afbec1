package certs

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestKeyring(t *testing.T) {
	old, err := loadKeyring(storageKey(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := loadKeyring(storageKey(t, 2)) // a new key before the old one
	if err != nil {
		t.Fatal(err)
	}
	sealed := old.seal("a/key", []byte("value"))
	if bytes.Equal(sealed, old.seal("a/key", []byte("value"))) {
		t.Error("two encryptions of a value are the same")
	}
	if value, err := rotated.open("a/key", sealed); err != nil || string(value) != "value" {
		t.Errorf("with the old key behind the new one: %q, %v", value, err)
	}
	if _, err := old.open("a/key", rotated.seal("a/key", nil)); !errors.Is(err, errUnknownKey) {
		t.Errorf("a key that is not there: %v", err)
	}
	if _, err := old.open("b/key", sealed); !errors.Is(err, errTampered) {
		t.Errorf("moved: %v", err)
	}
	if _, err := old.open("a/key", []byte("-----BEGIN")); !errors.Is(err, errNotSealed) {
		t.Errorf("never encrypted: %v", err)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := old.open("a/key", changed); err == nil {
			t.Errorf("byte %d changed: no error", i)
		}
		if _, err := old.open("a/key", sealed[:i]); err == nil {
			t.Errorf("cut at %d: no error", i)
		}
	}
}

// FuzzKeyringOpen: what a broken storage returns is refused, not believed.
func FuzzKeyringOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "key")
	if err := os.WriteFile(path, make([]byte, StorageKeySize), 0o600); err != nil {
		f.Fatal(err)
	}
	ring, err := loadKeyring(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(sealedMark))
	f.Add(append([]byte(sealedMark), ring.current[:]...))
	f.Add(ring.seal("other", []byte("value")))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if value, err := ring.open("name", sealed); err == nil {
			t.Errorf("opened what nobody sealed: %q", value)
		}
	})
}
