package certs

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"

	"mailsetup/internal/certs/certstest"
)

// storages are all kinds of storage. Each is opened twice, as by two replicas, or by
// two processes with one folder.
var storages = []struct {
	name string
	open func(t *testing.T) (a, b *Storage)
}{
	{"files", func(t *testing.T) (a, b *Storage) {
		dir := filepath.Join(t.TempDir(), "certificates")
		return openStorage(t, StorageConfig{Location: dir}), openStorage(t, StorageConfig{Location: dir})
	}},
	{"encrypted files", func(t *testing.T) (a, b *Storage) {
		cfg := StorageConfig{Location: filepath.Join(t.TempDir(), "certificates"), KeyFile: storageKey(t, 1)}
		return openStorage(t, cfg), openStorage(t, cfg)
	}},
	{"redis", func(t *testing.T) (a, b *Storage) { return openShared(t, certstest.StartRedis(t)) }},
	{"postgres", func(t *testing.T) (a, b *Storage) { return openShared(t, certstest.StartPostgres(t)) }},
}

func openShared(t *testing.T, server *certstest.Server) (a, b *Storage) {
	cfg := StorageConfig{Location: server.URL, KeyFile: storageKey(t, 1)}
	cfg.Cache = filepath.Join(t.TempDir(), "a")
	a = openStorage(t, cfg)
	cfg.Cache = filepath.Join(t.TempDir(), "b")
	return a, openStorage(t, cfg)
}

func openStorage(t *testing.T, cfg StorageConfig) *Storage {
	t.Helper()
	s, err := OpenStorage(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// storageKey writes a file with n keys.
func storageKey(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "storage.key")
	var keys []byte
	for i := range n {
		keys = append(keys, bytes.Repeat([]byte{byte(n - i)}, StorageKeySize)...)
	}
	if err := os.WriteFile(path, keys, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestStorageContract checks that every storage does what certmagic asks of one
// (storage.go in github.com/caddyserver/certmagic).
func TestStorageContract(t *testing.T) {
	for _, kind := range storages {
		t.Run(kind.name, func(t *testing.T) {
			opened, other := kind.open(t)
			a, b := opened.main, other.main
			t.Run("values", func(t *testing.T) { testValues(t, a, b) })
			t.Run("missing", func(t *testing.T) { testMissing(t, a) })
			t.Run("folders", func(t *testing.T) { testFolders(t, a, b) })
			t.Run("concurrent", func(t *testing.T) { testConcurrentStores(t, a, b) })
			t.Run("locks", func(t *testing.T) { testLocks(t, a, b) })
			t.Run("exclusion", func(t *testing.T) { testExclusion(t, a, b) })
		})
	}
}

func testValues(t *testing.T, a, b lockingStorage) {
	ctx := t.Context()
	large := bytes.Repeat([]byte("0123456789"), 1000) // certmagic stores this much to test a storage
	for _, value := range [][]byte{[]byte("one"), []byte("two"), {}, {0, 0xff, '\n', 0}, large} {
		if err := a.Store(ctx, "values/key.txt", value); err != nil {
			t.Fatal(err)
		}
		got, err := b.Load(ctx, "values/key.txt")
		if err != nil || !bytes.Equal(got, value) {
			t.Errorf("stored %d bytes, loaded %d: %v", len(value), len(got), err)
		}
	}
	info, err := b.Stat(ctx, "values/key.txt")
	if err != nil || info.Key != "values/key.txt" || !info.IsTerminal || info.Modified.IsZero() {
		t.Errorf("stat: %+v, %v", info, err)
	}
	if !b.Exists(ctx, "values/key.txt") {
		t.Error("a stored value does not exist")
	}
	for range 2 { // deleting a missing value is not an error
		if err := b.Delete(ctx, "values/key.txt"); err != nil {
			t.Error(err)
		}
	}
	if _, err := a.Load(ctx, "values/key.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("deleted: %v", err)
	}
}

func testMissing(t *testing.T, s lockingStorage) {
	ctx := t.Context()
	_, loadErr := s.Load(ctx, "missing/key")
	_, statErr := s.Stat(ctx, "missing/key")
	_, listErr := s.List(ctx, "missing", true)
	for name, err := range map[string]error{"Load": loadErr, "Stat": statErr, "List": listErr} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.Exists(ctx, "missing") || s.Exists(ctx, "missing/key") {
		t.Error("a missing value exists")
	}
}

func testFolders(t *testing.T, a, b lockingStorage) {
	ctx := t.Context()
	for _, key := range []string{"f/a/1", "f/a/2", "f/a/sub/3", "f/ab/4", "f/a.b", "f/_wild%card*?[x]"} {
		if err := a.Store(ctx, key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		folder    string
		recursive bool
		want      []string
	}{
		{"f", false, []string{"f/_wild%card*?[x]", "f/a", "f/a.b", "f/ab"}},
		{"f/a", false, []string{"f/a/1", "f/a/2", "f/a/sub"}},
		{"f/a", true, []string{"f/a/1", "f/a/2", "f/a/sub", "f/a/sub/3"}},
	} {
		got, err := b.List(ctx, c.folder, c.recursive)
		slices.Sort(got)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("List(%s, %v): %q, %v; want %q", c.folder, c.recursive, got, err, c.want)
		}
	}
	if info, err := b.Stat(ctx, "f/a"); err != nil || info.IsTerminal || info.Key != "f/a" {
		t.Errorf("stat of a folder: %+v, %v", info, err)
	}
	if !b.Exists(ctx, "f/a") || b.Exists(ctx, "f/a/su") {
		t.Error("a folder must exist, and the beginning of its name must not")
	}
	if err := b.Delete(ctx, "f/a"); err != nil {
		t.Fatal(err)
	}
	got, err := a.List(ctx, "f", true)
	slices.Sort(got)
	if want := []string{"f/_wild%card*?[x]", "f/a.b", "f/ab", "f/ab/4"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("after the folder was deleted: %q, %v; want %q", got, err, want)
	}
}

// While others write, a reader sees one of the values, complete.
func testConcurrentStores(t *testing.T, a, b lockingStorage) {
	ctx := t.Context()
	value := func(i int) []byte { return bytes.Repeat([]byte{byte('a' + i)}, 3000) }
	if err := a.Store(ctx, "c/key", value(0)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		s := a
		if i%2 == 0 {
			s = b
		}
		wg.Go(func() {
			for range 10 {
				if err := s.Store(ctx, "c/key", value(i)); err != nil {
					t.Error(err)
				}
				got, err := s.Load(ctx, "c/key")
				if err != nil || len(got) != 3000 || !bytes.Equal(got, value(int(got[0]-'a'))) {
					t.Errorf("a value of %d bytes, %v", len(got), err)
				}
			}
		})
	}
	wg.Wait()
}

func testLocks(t *testing.T, a, b lockingStorage) {
	ctx := t.Context()
	if err := a.Lock(ctx, "issue_cert_x.test"); err != nil {
		t.Fatal(err)
	}
	if held, err := b.TryLock(ctx, "issue_cert_x.test"); held || err != nil {
		t.Errorf("a lock that somebody holds was taken: %v, %v", held, err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.Lock(cancelled, "issue_cert_x.test"); err == nil {
		t.Error("a lock that somebody holds was taken")
	}
	if held, err := b.TryLock(ctx, "issue_cert_y.test"); !held || err != nil {
		t.Errorf("another lock: %v, %v", held, err)
	}
	if err := b.Unlock(ctx, "issue_cert_y.test"); err != nil {
		t.Error(err)
	}
	waited := make(chan error)
	go func() { waited <- b.Lock(ctx, "issue_cert_x.test") }()
	if renewer, ok := a.(certmagic.LockLeaseRenewer); ok {
		if err := renewer.RenewLockLease(ctx, "issue_cert_x.test", time.Minute); err != nil {
			t.Error(err)
		}
	}
	if err := a.Unlock(ctx, "issue_cert_x.test"); err != nil {
		t.Error(err)
	}
	if err := <-waited; err != nil {
		t.Errorf("the waiting one did not get the lock: %v", err)
	}
	if err := b.Unlock(ctx, "issue_cert_x.test"); err != nil {
		t.Error(err)
	}
	if err := b.Unlock(ctx, "issue_cert_x.test"); err == nil {
		t.Error("a lock that is not held was released")
	}
}

// Two replicas with several workers each: a lock has only one holder at a time.
func testExclusion(t *testing.T, a, b lockingStorage) {
	ctx := t.Context()
	var inside, entered atomic.Int32
	var wg sync.WaitGroup
	for _, s := range []lockingStorage{a, b} {
		for range 2 {
			wg.Go(func() {
				for range 2 {
					if err := s.Lock(ctx, "exclusion"); err != nil {
						t.Error(err)
						return
					}
					if inside.Add(1) != 1 {
						t.Error("two hold one lock")
					}
					entered.Add(1)
					inside.Add(-1)
					if err := s.Unlock(ctx, "exclusion"); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	if entered.Load() != 8 {
		t.Errorf("entered %d times, want 8", entered.Load())
	}
}

// Whoever can read the server's data or its disk learns nothing.
func TestSharedValuesAreEncrypted(t *testing.T) {
	for _, start := range []func(*testing.T) *certstest.Server{certstest.StartRedis, certstest.StartPostgres} {
		t.Run("", func(t *testing.T) {
			a, _ := openShared(t, start(t))
			if err := a.main.Store(t.Context(), "some/key", []byte("a private key")); err != nil {
				t.Fatal(err)
			}
			raw, err := a.main.(sealedStorage).lockingStorage.Load(t.Context(), "some/key")
			if err != nil || bytes.Contains(raw, []byte("private")) || !bytes.HasPrefix(raw, []byte(sealedMark)) {
				t.Errorf("stored as %q, %v", raw, err)
			}
		})
	}
}

func TestOpenStorageErrors(t *testing.T) {
	key, dir := storageKey(t, 1), t.TempDir()
	open := filepath.Join(dir, "open")
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(dir, "short")
	if err := os.WriteFile(short, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cfg  StorageConfig
		want string
	}{
		{StorageConfig{}, "need a folder"},
		{StorageConfig{Location: "mysql://localhost"}, "redis, rediss or postgres"},
		{StorageConfig{Location: "redis://localhost", Cache: dir}, "head -c 32 /dev/urandom"},
		{StorageConfig{Location: "redis://localhost", KeyFile: key}, "local folder"},
		{StorageConfig{Location: "redis://u:hunter2@local host", KeyFile: key, Cache: dir}, "write it as redis://"},
		{StorageConfig{Location: "postgres://u:hunter2@local host", KeyFile: key, Cache: dir}, "write it as postgres://"},
		{StorageConfig{Location: open}, "chmod o= " + open},
		{StorageConfig{Location: dir, KeyFile: short}, "5 bytes, not 32"},
		{StorageConfig{Location: dir, KeyFile: filepath.Join(dir, "none")}, "storage key cannot be read"},
	} {
		s, err := OpenStorage(c.cfg)
		if err == nil {
			_ = s.Close()
			t.Errorf("%+v: no error", c.cfg)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v; want %q", c.cfg, err, c.want)
		}
	}
}

// Only the owner can read the files: they include private keys.
func TestFolderModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "certificates")
	s := openStorage(t, StorageConfig{Location: dir})
	if err := s.main.Store(t.Context(), "certificates/ca/a.test/a.test.key", []byte("key")); err != nil {
		t.Fatal(err)
	}
	const account = "register_acme_account_owner@example.com"
	if err := s.main.Lock(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.main.Unlock(t.Context(), account); err != nil {
			t.Error(err)
		}
	}()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.Contains(path, "owner") {
			t.Errorf("%s names the account's address", path)
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 && filepath.Ext(path) != ".lock" {
			t.Errorf("%s has mode %04o", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
