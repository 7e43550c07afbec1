package pebbletest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"mailsetup/internal/certs"
)

const (
	// refusal is how long a visitor waits for a certificate that does not come: three
	// seconds, and room.
	refusal = 5 * time.Second
	// recovery is how long the next process takes to finish the order of one that was
	// killed: fifteen seconds, and room.
	recovery = 20 * time.Second
)

// serveAll makes rounds of handshakes for every name and counts those that fail.
func serveAll(a *authority, address string, names []string, rounds int) (failed int) {
	for range rounds {
		for _, name := range names {
			if _, err := a.shake(address, name); err != nil {
				failed++
			}
		}
	}
	return failed
}

func numbered(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("autoconfig.d%d.test", i))
	}
	return names
}

// The authority is down: stored certificates are served, even after a restart, and
// nobody waits longer than three seconds for others. When it comes back, everything
// works again.
func TestAuthorityDown(t *testing.T) {
	a, cfg := newConfig(t)
	cfg.Managed, cfg.AllowedBelow = numbered(5), "guest.test"
	n := startNode(t, cfg)
	await(t, "all names are ready", n.ready(5))
	n.stop()

	a.down.Store(true)
	n = startNode(t, cfg)
	if failed := serveAll(a, n.address, cfg.Managed, 20); failed != 0 {
		t.Errorf("%d of 100 handshakes for stored names failed", failed)
	}
	start := time.Now()
	if _, err := a.shake(n.address, "autoconfig.refused.guest.test"); err == nil {
		t.Error("a certificate without an authority")
	}
	within(t, refusal, "a new name while the authority refuses connections", start)
	a.down.Store(false)

	release := a.block() // it accepts requests and does not answer
	meanwhile := make(chan int)
	go func() { meanwhile <- serveAll(a, n.address, cfg.Managed, 20) }()
	start = time.Now()
	if _, err := a.shake(n.address, "autoconfig.hangs.guest.test"); err == nil {
		t.Error("a certificate from an authority that does not answer")
	}
	within(t, refusal, "a new name while the authority does not answer", start)
	if failed := <-meanwhile; failed != 0 {
		t.Errorf("meanwhile %d of 100 handshakes for stored names failed", failed)
	}
	release()
	await(t, "the order that the visitor did not wait for is finished", func() bool {
		_, err := n.acme.Certificate("autoconfig.hangs.guest.test")
		return err == nil
	})
	if _, err := a.shake(n.address, "autoconfig.hangs.guest.test"); err != nil {
		t.Error(err)
	}
}

// A full or read-only disk: stored names are served, new ones are refused, and they come
// without a restart once the disk can be written again.
func TestDiskFullAndReadOnly(t *testing.T) {
	dir := filepath.Join(smallDisk(t), "certificates")
	a, cfg := newConfig(t)
	cfg.Storage.Location = dir
	cfg.Managed, cfg.AllowedBelow = numbered(2), "guest.test"
	n := startNode(t, cfg)
	await(t, "all names are ready", n.ready(2))

	filler := filepath.Join(filepath.Dir(dir), "filler")
	if err := fill(filler); err == nil {
		t.Fatal("the disk is never full")
	}
	start := time.Now()
	if _, err := a.shake(n.address, "autoconfig.full.guest.test"); err == nil {
		t.Error("a certificate that cannot be stored was ordered")
	}
	within(t, refusal, "a new name while the disk is full", start)
	n.tellsOfRefusal(t, "no space left on device")
	if failed := serveAll(a, n.address, cfg.Managed, 100); failed != 0 {
		t.Errorf("disk full: %d of 200 handshakes for stored names failed", failed)
	}
	if orders := a.orders.Load(); orders != 2 {
		t.Errorf("%d orders, though the third could not be stored", orders)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	await(t, "a new name is served, as there is space again", func() bool {
		_, err := a.shake(n.address, "autoconfig.space.guest.test")
		return err == nil
	})

	remount(t, filepath.Dir(dir), "ro")
	n.stop()
	n = startNode(t, cfg)
	if failed := serveAll(a, n.address, cfg.Managed, 100); failed != 0 {
		t.Errorf("read-only: %d of 200 handshakes for stored names failed", failed)
	}
	start = time.Now()
	if _, err := a.shake(n.address, "autoconfig.readonly.guest.test"); err == nil {
		t.Error("a certificate that cannot be stored was ordered")
	}
	within(t, refusal, "a new name while the disk is read-only", start)
	n.tellsOfRefusal(t, "read-only file system")
	remount(t, filepath.Dir(dir), "rw")
	await(t, "a new name is served, as the disk is well again", func() bool {
		_, err := a.shake(n.address, "autoconfig.well.guest.test")
		return err == nil
	})
}

// tellsOfRefusal checks what an operator learns about the one visitor who was refused:
// what the metrics are made from (internal/cli/certmetrics.go), and the log.
func (n *node) tellsOfRefusal(t *testing.T, reason string) {
	t.Helper()
	if s := n.acme.Status(); s.Unready != 1 || s.Counts[certs.Failed] != 1 {
		t.Errorf("the status knows of %d visitors without a certificate and %d names that failed, want 1 and 1", s.Unready, s.Counts[certs.Failed])
	}
	if log := n.log.String(); !strings.Contains(log, "no certificate yet") || !strings.Contains(log, reason) {
		t.Errorf("the log does not say %q:\n%s", reason, log)
	}
}

// smallDisk is a file system of 128 KiB. The test is skipped where none can be mounted.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", dir).CombinedOutput(); err != nil {
		if os.Getenv("MAILSETUP_E2E") == "require" && runtime.GOOS == "linux" && os.Geteuid() == 0 {
			t.Fatalf("no file system can be mounted: %v: %s", err, out)
		}
		t.Skip("needs the right to mount a file system: full and read-only disks are not tested")
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "--lazy", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return dir
}

func remount(t *testing.T, dir, mode string) {
	t.Helper()
	if out, err := exec.Command("mount", "-o", "remount,"+mode, dir).CombinedOutput(); err != nil {
		t.Fatalf("remount: %v: %s", err, out)
	}
}

// fill writes until the disk is full, and returns the error that says so.
func fill(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for range 1 << 20 {
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return errors.Join(err, f.Sync())
		}
	}
	return nil
}

// Stopping does not wait for the authority and leaves no lock behind.
func TestStopInAnOrder(t *testing.T) {
	a, cfg := newConfig(t)
	release := a.block()
	defer release()
	cfg.Managed = numbered(4)
	n := startNode(t, cfg)
	locks := filepath.Join(cfg.Storage.Location, "locks", "*")
	await(t, "the orders have begun", func() bool {
		held, _ := filepath.Glob(locks)
		return len(held) >= 4 && a.requests.Load() > 0
	})
	start := time.Now()
	n.stop()
	took(t, "stopped in the middle of four orders", start)
	if held, _ := filepath.Glob(locks); len(held) != 0 {
		t.Errorf("left behind: %q", held)
	}
}

// A process is killed during an order: its lock and its unfinished order do not obstruct
// the next one.
func TestKilledInAnOrder(t *testing.T) {
	t.Parallel()
	a, cfg := newConfig(t)
	release := a.block()
	cfg.Managed = []string{"autoconfig.a.test"}
	_, kill := startProcess(t, cfg)
	lock := filepath.Join(cfg.Storage.Location, "locks", "issue_cert_autoconfig.a.test.lock")
	await(t, "the order has begun", func() bool { _, err := os.Stat(lock); return err == nil && a.requests.Load() > 0 })
	kill()
	release()
	if _, err := os.Stat(lock); err != nil {
		t.Fatalf("the killed process left no lock: %v", err)
	}
	start := time.Now()
	n := startNode(t, cfg)
	await(t, "the next process has finished the order", n.ready(1))
	within(t, recovery, "ready after the restart", start)
	if _, err := a.shake(n.address, "autoconfig.a.test"); err != nil {
		t.Error(err)
	}
}
