package certs

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mailsetup/internal/certs/certstest"
)

// lockHolder tells this program, run again by a test, to take a lock and hold it.
const lockHolder = "MAILSETUP_TEST_HOLD_LOCK_AT"

func TestMain(m *testing.M) {
	if location := os.Getenv(lockHolder); location != "" {
		holdLock(location)
		return
	}
	goleak.VerifyTestMain(m,
		// certmagic's files: the holder of a lock checks every five seconds whether it
		// still exists (filestorage.go).
		goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.keepLockfileFresh"),
		// One for each account and authority, for as long as the program runs (ratelimiter.go).
		goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.(*RingBufferRateLimiter).loop"),
	)
}

func holdLock(location string) {
	s, err := OpenStorage(StorageConfig{Location: location, KeyFile: os.Getenv("KEY"), Cache: os.Getenv("CACHE")})
	if err == nil {
		err = s.main.Lock(context.Background(), "killed")
	}
	if err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		return
	}
	os.Stdout.WriteString("held\n")
	time.Sleep(time.Hour)
}

// The locks of a killed process end with their lease.
func TestLockOfAKilledProcess(t *testing.T) {
	for _, kind := range []struct {
		name     string
		location func(t *testing.T) string
	}{
		{"files", func(t *testing.T) string { return filepath.Join(t.TempDir(), "certificates") }},
		{"redis", func(t *testing.T) string { return certstest.StartRedis(t).URL }},
		{"postgres", func(t *testing.T) string { return certstest.StartPostgres(t).URL }},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel() // they wait
			cfg := StorageConfig{Location: kind.location(t), KeyFile: storageKey(t, 1), Cache: filepath.Join(t.TempDir(), "cache")}
			holder := exec.Command(os.Args[0])
			holder.Env = append(os.Environ(), lockHolder+"="+cfg.Location, "KEY="+cfg.KeyFile, "CACHE="+cfg.Cache)
			stdout, err := holder.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := holder.Start(); err != nil {
				t.Fatal(err)
			}
			line, _ := bufio.NewReader(stdout).ReadString('\n')
			s := openStorage(t, cfg)
			held, tryErr := s.main.TryLock(t.Context(), "killed")
			_ = holder.Process.Kill()
			_ = holder.Wait()
			if line != "held\n" || held || tryErr != nil {
				t.Fatalf("the other process says %q; the lock was taken from it: %v, %v", line, held, tryErr)
			}
			if err := s.main.Lock(t.Context(), "killed"); err != nil {
				t.Fatal(err)
			}
			if err := s.main.Unlock(t.Context(), "killed"); err != nil {
				t.Error(err)
			}
		})
	}
}

// A replica whose machine was paused comes back and finishes its order. Another has long
// since taken the lock, ordered and stored: its certificate must stay.
func TestNothingIsStoredWithALostLock(t *testing.T) {
	for _, start := range []func(*testing.T) *certstest.Server{certstest.StartRedis, certstest.StartPostgres} {
		t.Run("", func(t *testing.T) {
			ctx := t.Context()
			paused, other := openShared(t, start(t))
			shared := paused.main.(sealedStorage).lockingStorage.(*sharedStorage)
			const lock, key = "issue_cert_x.test", "certificates/ca/x.test/x.test.crt"
			if err := paused.main.Lock(ctx, lock); err != nil {
				t.Fatal(err)
			}
			if err := paused.main.Store(ctx, key, []byte("while the lock is held")); err != nil {
				t.Fatal(err)
			}
			held := shared.held[lock]
			held.stop() // nobody extends the lease any more
			<-held.ended
			shared.lease = 100 * time.Millisecond // and what is left of it ends soon
			if still, err := shared.backend.Extend(ctx, lock, held.token, shared.lease); !still || err != nil {
				t.Fatalf("the lock was lost before its time: %v", err)
			}

			if err := other.main.Lock(ctx, lock); err != nil {
				t.Fatal(err)
			}
			if err := other.main.Store(ctx, key, []byte("the other's")); err != nil {
				t.Fatal(err)
			}
			if err := paused.main.Store(ctx, key, []byte("late")); !errors.Is(err, errLockLost) {
				t.Errorf("the late store: %v", err)
			}
			if err := paused.main.(sealedStorage).RenewLockLease(ctx, lock, time.Minute); !errors.Is(err, errLockLost) {
				t.Errorf("the lease of a lost lock was renewed: %v", err)
			}
			if err := paused.main.Unlock(ctx, lock); err != nil {
				t.Error(err)
			}
			if held, err := paused.main.TryLock(ctx, lock); held || err != nil {
				t.Errorf("unlocking took the lock from its new holder: %v, %v", held, err)
			}
			if err := other.main.Unlock(ctx, lock); err != nil {
				t.Error(err)
			}
			// When nobody holds the lock, its former holder still stores nothing.
			if got, err := paused.main.Load(ctx, key); err != nil || string(got) != "the other's" {
				t.Errorf("stored is %q, %v", got, err)
			}
		})
	}
}

// A restart of the server in the middle: errors but no hanging meanwhile, and everything
// works afterwards.
func TestServerRestart(t *testing.T) {
	for _, start := range []func(*testing.T) *certstest.Server{certstest.StartRedis, certstest.StartPostgres} {
		t.Run("", func(t *testing.T) {
			ctx := t.Context()
			server := start(t)
			a, b := openShared(t, server)
			if err := a.main.Lock(ctx, "issue_cert_x.test"); err != nil {
				t.Fatal(err)
			}
			if err := a.main.Store(ctx, "some/key", []byte("value")); err != nil {
				t.Fatal(err)
			}
			server.Stop()
			if _, err := a.main.Load(ctx, "some/key"); err == nil || errors.Is(err, os.ErrNotExist) {
				t.Errorf("while the server is down: %v", err)
			}
			if a.main.Exists(ctx, "some/key") {
				t.Error("a key is said to exist while the server is down")
			}
			if err := a.main.Store(ctx, "some/key", []byte("value")); err == nil {
				t.Error("stored while the server is down")
			}
			if _, err := b.main.TryLock(ctx, "issue_cert_y.test"); err == nil {
				t.Error("locked while the server is down")
			}
			server.Start()
			var got []byte
			err := errors.New("never tried")
			for i := 0; i < 100 && err != nil; i++ { // PostgreSQL recovers for a while
				if got, err = b.main.Load(ctx, "some/key"); err != nil {
					time.Sleep(100 * time.Millisecond)
				}
			}
			if err != nil || string(got) != "value" {
				t.Errorf("after the restart: %q, %v", got, err)
			}
			if err := a.main.Unlock(ctx, "issue_cert_x.test"); err != nil {
				t.Error(err)
			}
		})
	}
}

// Redis was restarted since it was last used, and every connection that was kept is
// lost. The next operation must not fail because of that.
func TestRedisRestartBetweenOperations(t *testing.T) {
	ctx := t.Context()
	server := certstest.StartRedis(t)
	s, _ := openShared(t, server)
	if err := s.main.Store(ctx, "some/key", []byte("value")); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := s.main.Load(ctx, "some/key"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	server.Stop()
	server.Start()
	if got, err := s.main.Load(ctx, "some/key"); err != nil || string(got) != "value" {
		t.Errorf("%q, %v", got, err)
	}
}
