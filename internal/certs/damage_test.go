package certs

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/caddyserver/certmagic"
)

// A crash between storing a key and its certificate, or a file that a full disk cut off,
// left a name without a certificate forever, because certmagic orders none for a name that
// has one.
func TestDamagedCertificateIsRemoved(t *testing.T) {
	for _, kind := range storages[:2] {
		t.Run(kind.name, func(t *testing.T) {
			s, _ := kind.open(t)
			m := newTestMagic(t, s)
			keys, issuer := certmagic.StorageKeys, m.issuer.IssuerKey()
			cert, key, meta := keys.SiteCert(issuer, "a.test"), keys.SitePrivateKey(issuer, "a.test"), keys.SiteMeta(issuer, "a.test")
			of := func(change func([]byte) []byte, keys ...string) func() {
				return func() {
					for _, k := range keys {
						value, err := s.main.Load(t.Context(), k)
						if err == nil {
							err = s.main.Store(t.Context(), k, change(value))
						}
						if err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			empty := func([]byte) []byte { return nil }
			half := func(value []byte) []byte { return value[:len(value)/2] }
			noise := func([]byte) []byte { return bytes.Repeat([]byte{0xa5, '\n'}, 200) }
			for name, damage := range map[string]func(){
				"empty certificate": of(empty, cert), "half a certificate": of(half, cert), "noise as certificate": of(noise, cert),
				"empty key": of(empty, key), "half a key": of(half, key),
				"empty metadata": of(empty, meta), "half of the metadata": of(half, meta), "noise as metadata": of(noise, meta),
				"the key of another": of(func([]byte) []byte { return otherKey(t) }, key),
				"cut off on the disk": func() {
					for _, k := range []string{cert, key, meta} {
						if err := os.Truncate(diskPath(t, s, k), 10); err != nil {
							t.Fatal(err)
						}
					}
				},
			} {
				m.put(t, s.main, "a.test", time.Now(), 90*day)
				if removed, err := m.removeDamaged(t.Context(), "a.test"); removed || err != nil {
					t.Fatalf("a good certificate was removed: %v, %v", removed, err)
				}
				damage()
				if _, err := m.load(t.Context(), "a.test"); !errors.Is(err, errDamaged) {
					t.Errorf("%s: %v", name, err)
				}
				if _, err := m.update(t.Context(), "a.test", 0); !errors.Is(err, errDamaged) {
					t.Errorf("%s, while it is in use: %v", name, err)
				}
				if removed, err := m.removeDamaged(t.Context(), "a.test"); !removed || err != nil {
					t.Errorf("%s: removed: %v, %v", name, removed, err)
				}
				if _, err := m.load(t.Context(), "a.test"); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s, removed: %v", name, err)
				}
			}
			if locked, err := s.main.TryLock(t.Context(), orderLock+"a.test"); !locked || err != nil {
				t.Errorf("the lock was left behind: %v", err)
			}
		})
	}
}

// A wrong storage key is the operator's mistake: the values are good, and stay.
func TestValuesOfAnotherKeyAreNotDamaged(t *testing.T) {
	for name, c := range map[string]struct{ first, second, want string }{
		"another key":     {first: storageKey(t, 1), second: storageKey(t, 2), want: "add that key after the current one"},
		"no key any more": {first: storageKey(t, 1), want: "no storage key is set"},
		"a key at last":   {second: storageKey(t, 1), want: "not encrypted"},
	} {
		t.Run(name, func(t *testing.T) {
			second := c.second
			if name == "another key" {
				second = filepath.Join(t.TempDir(), "another.key")
				if err := os.WriteFile(second, bytes.Repeat([]byte{9}, StorageKeySize), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			dir := filepath.Join(t.TempDir(), "certificates")
			s := openStorage(t, StorageConfig{Location: dir, KeyFile: c.first})
			m := newTestMagic(t, s)
			m.put(t, s.main, "a.test", time.Now(), 90*day)
			storeAccount(t, m, []byte(`{"status": "valid", "contact": []}`), otherKey(t))

			m2 := newTestMagic(t, openStorage(t, StorageConfig{Location: dir, KeyFile: second}))
			if _, err := m2.load(t.Context(), "a.test"); err == nil || errors.Is(err, errDamaged) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if removed, err := m2.removeDamaged(t.Context(), "a.test"); removed || err != nil {
				t.Errorf("removed: %v, %v", removed, err)
			}
			if m2.removeDamagedAccount(t.Context()) {
				t.Error("a good account was removed")
			}
			if _, err := m.load(t.Context(), "a.test"); err != nil {
				t.Errorf("with the first key again: %v", err)
			}
		})
	}
}

func TestDamagedAccountIsRemoved(t *testing.T) {
	m := newTestMagic(t, openStorage(t, StorageConfig{Location: filepath.Join(t.TempDir(), "certificates")}))
	if m.removeDamagedAccount(t.Context()) {
		t.Error("there is no account yet")
	}
	storeAccount(t, m, []byte("{}"), otherKey(t))
	if m.removeDamagedAccount(t.Context()) {
		t.Error("a good account was removed")
	}
	for name, c := range map[string]struct{ registration, key []byte }{
		"empty registration":  {nil, otherKey(t)},
		"half a registration": {[]byte(`{"status": "va`), otherKey(t)},
		"empty key":           {[]byte("{}"), nil},
		"half a key":          {[]byte("{}"), otherKey(t)[:100]},
	} {
		folder := storeAccount(t, m, c.registration, c.key)
		if !m.removeDamagedAccount(t.Context()) || m.storage.main.Exists(t.Context(), folder) {
			t.Errorf("%s was not removed", name)
		}
	}
}

// The name gets a new certificate, whether the damage is found at the start, by the first
// visitor, or while the certificate is in use.
func TestDamagedCertificateIsOrderedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		e.store("autoconfig.a.test", time.Now(), 90*day)
		e.damaged = map[string]bool{"autoconfig.a.test": true}
		var log logText
		a := run(t, e, ACMEConfig{
			Managed: names("autoconfig.a.test"), Log: log.logger(),
			Allowed: func(name string) bool { return name == "autoconfig.guest.test" },
		})
		time.Sleep(time.Minute)
		if e.ordersFor("autoconfig.a.test") != 1 || a.stateOf("autoconfig.a.test") != Ready {
			t.Errorf("at the start: %d orders, %+v", e.ordersFor("autoconfig.a.test"), a.Status())
		}
		synctest.Wait()
		if n := strings.Count(log.String(), "was damaged"); n != 1 || strings.Contains(log.String(), "ERROR") {
			t.Errorf("logged %d times:\n%s", n, &log)
		}

		e.store("autoconfig.guest.test", time.Now(), 90*day)
		e.set(func() { e.damaged["autoconfig.guest.test"] = true })
		if cert, err := visit(a, "autoconfig.guest.test"); cert == nil || err != nil {
			t.Errorf("the first visitor: %v", err)
		}

		e.set(func() { e.damaged["autoconfig.a.test"] = true })
		time.Sleep(2 * time.Hour)
		if e.ordersFor("autoconfig.a.test") != 2 || len(a.Status().Names) != 0 {
			t.Errorf("in use: %d orders, %+v", e.ordersFor("autoconfig.a.test"), a.Status())
		}
		synctest.Wait()
		if strings.Contains(log.String(), "guest") {
			t.Errorf("a name outside the table is in the log:\n%s", &log)
		}
	})
}

// The damaged certificate cannot be removed either while the disk is read-only. That is
// tried again, ever more rarely and without an order, and ends when the disk works.
func TestDamagedCertificateOnAReadOnlyDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		e.damaged = map[string]bool{"autoconfig.a.test": true}
		e.readOnly = errors.New("read-only file system")
		a := run(t, e, ACMEConfig{Managed: names("autoconfig.a.test")})
		time.Sleep(time.Hour)
		if s := a.Status(); e.orderCount() != 0 || len(s.Names) != 1 || s.Names[0].State != Failed || !strings.Contains(s.Names[0].Reason, "read-only") {
			t.Errorf("%d orders, %+v", e.orderCount(), s)
		}
		e.set(func() { e.readOnly = nil })
		time.Sleep(time.Hour)
		if a.stateOf("autoconfig.a.test") != Ready {
			t.Errorf("an hour after the disk works: %+v", a.Status())
		}
	})
}

func otherKey(t *testing.T) []byte {
	t.Helper()
	key, err := certmagic.StandardKeyGenerator{KeyType: certmagic.P256}.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	pem, err := certmagic.PEMEncodePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem
}

// storeAccount stores an account as certmagic does, and returns its folder.
func storeAccount(t *testing.T, m *magic, registration, key []byte) (folder string) {
	t.Helper()
	folder = "acme/127.0.0.1-1-dir/users/owner@example.com"
	if err := m.storage.main.Store(t.Context(), folder+"/owner.json", registration); err != nil {
		t.Fatal(err)
	}
	if err := m.storage.main.Store(t.Context(), folder+"/owner.key", key); err != nil {
		t.Fatal(err)
	}
	return folder
}

// diskPath is the file of a value.
func diskPath(t *testing.T, s *Storage, key string) string {
	t.Helper()
	inner := s.main
	switch wrapped := inner.(type) {
	case sealedStorage:
		inner = wrapped.lockingStorage
	case plainStorage:
		inner = wrapped.lockingStorage
	}
	return inner.(folderStorage).Filename(key)
}
