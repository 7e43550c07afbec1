package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// Somebody edits the table and does nothing else: it must go live by itself,
// once for each change, and a broken one must be told once, not every 10 s.
func TestWatchReloadsOncePerChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my.yaml")
	write := func(text string) {
		t.Helper()
		// As editors and ConfigMaps do: a new file in the place of the old.
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	write("domains: {example.com: icloud}\n")
	source := &tableSource{builtin: providertest.BuiltinSource(t).Data, file: file}
	if _, err := source.Load(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		sighup := make(chan os.Signal)
		var reloads, failures atomic.Int32
		go watch(ctx, source, sighup, func() error {
			reloads.Add(1)
			_, err := source.Load()
			if err != nil {
				failures.Add(1)
			}
			return err
		})
		expect := func(when string, wantReloads, wantFailures int32) {
			t.Helper()
			time.Sleep(3 * pollInterval)
			synctest.Wait()
			if r, f := reloads.Load(), failures.Load(); r != wantReloads || f != wantFailures {
				t.Fatalf("%s: %d reloads, %d failed; want %d and %d", when, r, f, wantReloads, wantFailures)
			}
		}
		expect("nothing changed", 0, 0)
		write("domains: {example.com: icloud, example.org: icloud}\n")
		expect("a domain was added", 1, 0)
		write("domains: {example.com: icluod}\n")
		expect("the file is broken", 2, 1)
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		expect("the file is gone", 3, 2)
		write("domains: {example.com: icluod}\n")
		expect("the broken file is back", 4, 3)
		write("domains: {example.com: icloud}\n")
		expect("the file is mended", 5, 3)
		sighup <- syscall.SIGTERM // which signal it is does not matter here
		expect("a SIGHUP reloads what did not change", 6, 3)
	})
}

// Mistakes must reach whoever called with their positions, and a failed load
// must not take the last good table away.
func TestTableSourceKeepsTheLastGoodTable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my.yaml")
	if err := os.WriteFile(file, []byte("domains: {example.com: icloud}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	source := &tableSource{builtin: providertest.BuiltinSource(t).Data, file: file}
	good, err := source.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("domains: {example.com: icluod}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = source.Load()
	if mistakes, ok := errors.AsType[provider.Errors](err); !ok || len(mistakes) != 1 || mistakes[0].Line != 1 {
		t.Errorf("error of a broken table: %v", err)
	}
	if source.Loaded() != good {
		t.Error("the good table was forgotten")
	}
}
