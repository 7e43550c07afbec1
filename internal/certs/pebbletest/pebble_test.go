package pebbletest

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mailsetup/internal/certs"
	"mailsetup/internal/certs/certstest"
)

// newConfig starts an authority and returns the configuration of a server that uses it.
func newConfig(t *testing.T) (*authority, nodeConfig) {
	t.Helper()
	cfg := nodeConfig{
		Storage: certs.StorageConfig{Location: filepath.Join(t.TempDir(), "certificates")},
		Profile: long, TLSPort: certstest.FreePort(t), HTTPPort: certstest.FreePort(t),
	}
	a := startAuthority(t, cfg.TLSPort, cfg.HTTPPort)
	cfg.Directory, cfg.RootPEM = a.directory, a.rootPEM
	return a, cfg
}

// took logs how long something took. Nothing is asserted about it: it depends on the
// machine, and on Pebble, which is polled once a second.
func took(t *testing.T, what string, since time.Time) {
	t.Helper()
	t.Logf("%s: %v", what, time.Since(since).Round(100*time.Microsecond))
}

// within fails if something took too long. The limits leave room for a busy machine.
func within(t *testing.T, limit time.Duration, what string, since time.Time) {
	t.Helper()
	took(t, what, since)
	if time.Since(since) > limit {
		t.Errorf("%s: longer than %v", what, limit)
	}
}

// Names of the table have certificates before the first visit; requests for other names
// never reach the authority.
func TestIssueAndRefuse(t *testing.T) {
	a, cfg := newConfig(t)
	for i := range 20 {
		cfg.Managed = append(cfg.Managed, fmt.Sprintf("autoconfig.d%d.test", i))
	}
	start := time.Now()
	n := startNode(t, cfg)
	await(t, "20 names are ready", n.ready(20))
	within(t, 40*time.Second, "20 names obtained", start)
	start = time.Now()
	for _, name := range cfg.Managed {
		if _, err := n.acme.Certificate(name); err != nil {
			t.Errorf("the first visitor must wait: %v", err)
		}
		if _, err := a.shake(n.address, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	within(t, 4*time.Second, "20 first handshakes", start) // 20 ms each, and room
	if s := n.acme.Status(); a.orders.Load() != 20 || s.Orders.Succeeded != 20 || len(s.Names) != 0 {
		t.Errorf("%d orders, %+v", a.orders.Load(), s)
	}

	before, posts := a.requests.Load(), a.posts.Load()
	start = time.Now()
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 250 {
				_, err := a.shake(n.address, fmt.Sprintf("autoconfig.x%d-%d.test", worker, i))
				if err == nil || !strings.Contains(err.Error(), "unrecognized name") {
					t.Errorf("an unknown name: %v", err)
				}
			}
		})
	}
	wg.Wait()
	took(t, "2,000 refused handshakes, 8 at a time", start)
	if n := a.requests.Load() - before; n > 20 { // renewal information (ARI) for the 20 may be asked for in between
		t.Errorf("unknown names caused %d requests to the authority", n)
	}
	if n := a.posts.Load() - posts; n != 0 {
		t.Errorf("unknown names caused %d POSTs to the authority", n)
	}
	if a.orders.Load() != 20 {
		t.Errorf("unknown names caused %d orders", a.orders.Load()-20)
	}

	n.stop()
	n = startNode(t, cfg)
	start = time.Now()
	for _, name := range cfg.Managed {
		if _, err := a.shake(n.address, name); err != nil {
			t.Errorf("after a restart, %s: %v", name, err)
		}
	}
	within(t, 4*time.Second, "20 handshakes right after a restart", start)
	if a.orders.Load() != 20 {
		t.Errorf("the restart caused %d orders", a.orders.Load()-20)
	}
}

func TestHerd(t *testing.T) {
	a, cfg := newConfig(t)
	cfg.AllowedBelow = "guest.test"
	n := startNode(t, cfg)
	start := time.Now()
	if failed := herd(a, "autoconfig.guest.test", 100, n.address); failed != 0 {
		t.Errorf("%d of 100 first visitors were refused", failed)
	}
	took(t, "100 parallel first visits", start)
	if a.orders.Load() != 1 {
		t.Errorf("%d orders for one name", a.orders.Load())
	}
}

// herd makes simultaneous handshakes, spread over the addresses, and counts those that
// fail.
func herd(a *authority, name string, count int, addresses ...string) (failed int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range count {
		wg.Go(func() {
			if _, err := a.shake(addresses[i%len(addresses)], name); err != nil {
				mu.Lock()
				failed++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return failed
}

// Certificates of 15 seconds, over three lifetimes: a constant visitor notices no
// renewal, and one who comes after a long while does not wait.
func TestRenewalAndIdleExpiry(t *testing.T) {
	t.Parallel()
	a, cfg := newConfig(t)
	cfg.Profile = short
	cfg.Managed = []string{"autoconfig.busy.test", "autoconfig.idle.test"}
	n := startNode(t, cfg)
	await(t, "both names are ready", n.ready(2))
	serials := map[string]bool{}
	var slowest time.Duration
	for end := time.Now().Add(45 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if _, err := n.acme.Certificate("autoconfig.busy.test"); err != nil {
			t.Errorf("a visitor must wait: %v", err)
		}
		start := time.Now()
		serial, err := a.shake(n.address, "autoconfig.busy.test")
		if err != nil {
			t.Errorf("during a renewal: %v", err)
		}
		slowest = max(slowest, time.Since(start))
		serials[serial] = true
	}
	t.Logf("%d certificates in 45 seconds, slowest handshake %v", len(serials), slowest.Round(100*time.Microsecond))
	if len(serials) < 3 {
		t.Errorf("%d certificates in three lifetimes", len(serials))
	}
	if _, err := n.acme.Certificate("autoconfig.idle.test"); err != nil {
		t.Errorf("the first visitor after a long time must wait: %v", err)
	}
	start := time.Now()
	if _, err := a.shake(n.address, "autoconfig.idle.test"); err != nil {
		t.Errorf("after three lifetimes without a visitor: %v", err)
	}
	within(t, time.Second, "first visit after three lifetimes", start) // 20 ms, and room
}

// The account's address was changed. The new account may not replace the old one's
// certificates, so the authority refuses the first attempt at each renewal.
func TestRenewalByAnotherAccount(t *testing.T) {
	t.Parallel()
	a, cfg := newConfig(t)
	cfg.Profile = short
	cfg.Managed = []string{"autoconfig.a.test"}
	n := startNode(t, cfg)
	await(t, "the name is ready", n.ready(1))
	before, err := a.shake(n.address, "autoconfig.a.test")
	if err != nil {
		t.Fatal(err)
	}
	n.stop()
	cfg.Email = "another@example.com"
	n = startNode(t, cfg)
	await(t, "the other account has renewed the certificate", func() bool {
		now, err := a.shake(n.address, "autoconfig.a.test")
		if err != nil {
			t.Errorf("meanwhile: %v", err)
		}
		return err != nil || now != before
	})
}
