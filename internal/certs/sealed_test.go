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
		t.Errorf("a missing key: %v", err)
	}
	if _, err := old.open("b/key", sealed); !errors.Is(err, errTampered) {
		t.Errorf("under another name: %v", err)
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

// A key is changed in two steps, and in the end the old one is not needed for anything,
// not even for the account, which is stored only once.
func TestChangeOfTheStorageKey(t *testing.T) {
	ctx, dir := t.Context(), filepath.Join(t.TempDir(), "certificates")
	keyFile := func(keys ...byte) string {
		path := filepath.Join(t.TempDir(), "key")
		var data []byte
		for _, key := range keys {
			data = append(data, bytes.Repeat([]byte{key}, StorageKeySize)...)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const account, cert = "acme/ca/users/owner/owner.key", "certificates/ca/a.test/a.test.crt"
	load := func(step, key, want string, s *Storage) {
		t.Helper()
		if got, err := s.main.Load(ctx, key); err != nil || string(got) != want {
			t.Errorf("%s: %s is %q, %v", step, key, got, err)
		}
	}
	before := openStorage(t, StorageConfig{Location: dir, KeyFile: keyFile(1)})
	for key, value := range map[string]string{account: "account", cert: "first"} {
		if err := before.main.Store(ctx, key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	step1 := openStorage(t, StorageConfig{Location: dir, KeyFile: keyFile(1, 2)})
	step2 := openStorage(t, StorageConfig{Location: dir, KeyFile: keyFile(2, 1)})
	for step, s := range map[string]*Storage{"step 1": step1, "step 2": step2} {
		load(step, account, "account", s)
		load(step, cert, "first", s)
	}
	if err := step2.main.Store(ctx, cert, []byte("renewed")); err != nil {
		t.Fatal(err)
	}
	load("step 1, after a renewal at step 2", cert, "renewed", step1)
	load("step 2", account, "account", step2)
	after := openStorage(t, StorageConfig{Location: dir, KeyFile: keyFile(2)})
	load("without the old key", account, "account", after)
	load("without the old key", cert, "renewed", after)
}

// FuzzKeyringOpen: whatever a broken storage returns is refused.
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
			t.Errorf("opened a value that was never sealed: %q", value)
		}
	})
}
