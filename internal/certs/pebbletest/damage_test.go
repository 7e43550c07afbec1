package pebbletest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailsetup/internal/certs"
)

// A crash or a full disk has damaged what is stored. Each name gets a new certificate, and
// the account is registered again, without an operator.
func TestDamagedStorage(t *testing.T) {
	a, cfg := newConfig(t)
	cfg.Managed = numbered(4)
	n := startNode(t, cfg)
	await(t, "all names are ready", n.ready(4))
	n.stop()

	stored := func(i int, ext string) string {
		name := cfg.Managed[i]
		found, err := filepath.Glob(filepath.Join(cfg.Storage.Location, "certificates", "*", name, name+ext))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s%s: %q, %v", name, ext, found, err)
		}
		return found[0]
	}
	truncate := func(path string, size int64) {
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
	}
	truncate(stored(0, ".crt"), 100)
	truncate(stored(1, ".json"), 0)
	another, err := os.ReadFile(stored(3, ".key"))
	if err == nil {
		err = os.WriteFile(stored(2, ".key"), another, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	account, err := filepath.Glob(filepath.Join(cfg.Storage.Location, "acme", "*", "users", "*", "*.json"))
	if err != nil || len(account) != 1 {
		t.Fatalf("the account: %q, %v", account, err)
	}
	truncate(account[0], 20)

	n = startNode(t, cfg)
	await(t, "all names are ready again", n.ready(4))
	if failed := serveAll(a, n.address, cfg.Managed, 1); failed != 0 {
		t.Errorf("%d of 4 handshakes failed", failed)
	}
	if orders := a.orders.Load(); orders != 7 {
		t.Errorf("%d orders, want 4, and one for each damaged certificate", orders)
	}
	if log := n.log.String(); strings.Count(log, "was damaged") != 3 || strings.Contains(log, "ERROR") {
		t.Errorf("the log:\n%s", log)
	}

	// One that is in use is found at the next check; meanwhile it is served from memory.
	truncate(stored(3, ".key"), 0)
	await(t, "the certificate in use was replaced", func() bool { return a.orders.Load() == 8 })
	await(t, "its renewal is no longer reported", func() bool {
		s := n.acme.Status()
		return s.Counts[certs.Ready] == 4 && len(s.Names) == 0
	})
	if _, err := a.shake(n.address, cfg.Managed[3]); err != nil {
		t.Error(err)
	}
}
