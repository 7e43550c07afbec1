package pebbletest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mailsetup/internal/certs"
	"mailsetup/internal/certs/certstest"
)

// shared returns the configuration of a replica; each has a local cache of its own.
func shared(t *testing.T, cfg nodeConfig, server *certstest.Server, key string) nodeConfig {
	t.Helper()
	cfg.Storage = certs.StorageConfig{Location: server.URL, KeyFile: key, Cache: filepath.Join(t.TempDir(), "cache")}
	return cfg
}

func storageKey(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "storage.key")
	if err := os.WriteFile(path, bytes.Repeat([]byte{7}, certs.StorageKeySize), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Two replicas on one Redis. The authority's challenges all arrive at B, as they
// may behind a balancer.
func TestTwoReplicas(t *testing.T) {
	redis, key := certstest.StartRedis(t), storageKey(t)
	a, cfg := newConfig(t)
	cfg.AllowedBelow = "guest.test"
	b := startNode(t, shared(t, cfg, redis, key))
	cfg.TLSPort, cfg.HTTPPort = certstest.FreePort(t), certstest.FreePort(t) // nobody asks A anything
	addressA, _ := startProcess(t, shared(t, cfg, redis, key))

	start := time.Now()
	if _, err := a.shake(addressA, "autoconfig.first.guest.test"); err != nil {
		t.Errorf("an order begun at A and answered at B: %v", err)
	}
	took(t, "ordered at A, answered at B", start)
	start = time.Now()
	if _, err := a.shake(b.address, "autoconfig.first.guest.test"); err != nil {
		t.Errorf("B does not serve what A obtained: %v", err)
	}
	took(t, "then served by B", start)
	if a.orders.Load() != 1 {
		t.Errorf("%d orders, want 1", a.orders.Load())
	}
	start = time.Now()
	if failed := herd(a, "autoconfig.second.guest.test", 100, addressA, b.address); failed != 0 {
		t.Errorf("%d of 100 first visitors were refused", failed)
	}
	took(t, "50 + 50 parallel first visits", start)
	if a.orders.Load() != 2 {
		t.Errorf("100 first visits at two replicas made %d orders", a.orders.Load()-1)
	}
}

// A replica is killed while it orders, and another finishes.
func TestReplicaKilledInAnOrder(t *testing.T) {
	t.Parallel()
	redis, key := certstest.StartRedis(t), storageKey(t)
	a, cfg := newConfig(t)
	cfg.Managed = []string{"autoconfig.a.test"}
	first := shared(t, cfg, redis, key)
	first.TLSPort, first.HTTPPort = certstest.FreePort(t), certstest.FreePort(t)
	release := a.block()
	_, kill := startProcess(t, first)
	await(t, "the order has begun", func() bool { return a.requests.Load() > 0 })
	kill()
	release()
	start := time.Now()
	n := startNode(t, shared(t, cfg, redis, key))
	await(t, "the other replica has finished the order", n.ready(1))
	within(t, recovery, "ready at the other replica", start)
}

// The shared storage is down: certificates are served, even by a replica that is
// restarted, and new ones come when it is back.
func TestSharedStorageDown(t *testing.T) {
	for name, start := range map[string]func(*testing.T) *certstest.Server{"redis": certstest.StartRedis, "postgres": certstest.StartPostgres} {
		t.Run(name, func(t *testing.T) { testStorageDown(t, start(t)) })
	}
}

func testStorageDown(t *testing.T, server *certstest.Server) {
	a, cfg := newConfig(t)
	cfg = shared(t, cfg, server, storageKey(t))
	cfg.Managed, cfg.AllowedBelow = numbered(5), "guest.test"
	n := startNode(t, cfg)
	await(t, "all names are ready", n.ready(5))
	server.Stop()
	if failed := serveAll(a, n.address, cfg.Managed, 100); failed != 0 {
		t.Errorf("%d of 500 handshakes failed", failed)
	}
	start := time.Now()
	if _, err := a.shake(n.address, "autoconfig.down.guest.test"); err == nil {
		t.Error("a certificate that cannot be stored was ordered")
	}
	within(t, refusal, "a new name while the storage is down", start)
	n.stop()
	n = startNode(t, cfg)
	start = time.Now()
	if failed := serveAll(a, n.address, cfg.Managed, 100); failed != 0 {
		t.Errorf("after a restart: %d of 500 handshakes failed", failed)
	}
	within(t, 40*time.Second, "500 handshakes right after a restart", start) // 20 ms each, and room
	if a.orders.Load() != 5 {
		t.Errorf("%d orders, want 5", a.orders.Load())
	}
	server.Start()
	await(t, "a new name is served, as the storage is back", func() bool {
		_, err := a.shake(n.address, "autoconfig.back.guest.test")
		return err == nil
	})
}
