package certs

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"
)

// newTestMagic has an authority that cannot be reached.
func newTestMagic(t *testing.T, s *Storage) *magic {
	t.Helper()
	m, err := newMagic(withDefaults(ACMEConfig{
		Email: "owner@example.com", Directory: "https://127.0.0.1:1/dir", Storage: s, TLSPort: 443,
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.stop)
	return m
}

// put stores a certificate as certmagic does.
func (m *magic) put(t *testing.T, s certmagic.Storage, name string, from time.Time, lifetime time.Duration) {
	t.Helper()
	cert := selfSigned(t, from, lifetime, name)
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := json.Marshal(certmagic.CertificateResource{SANs: []string{name}})
	if err != nil {
		t.Fatal(err)
	}
	keys, issuer := certmagic.StorageKeys, m.issuer.IssuerKey()
	for path, value := range map[string][]byte{
		keys.SiteCert(issuer, name):       pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}),
		keys.SitePrivateKey(issuer, name): pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		keys.SiteMeta(issuer, name):       meta,
	} {
		if err := s.Store(t.Context(), path, value); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStoredCertificates(t *testing.T) {
	s := openStorage(t, StorageConfig{Location: filepath.Join(t.TempDir(), "certificates"), KeyFile: storageKey(t, 1)})
	m := newTestMagic(t, s)
	if names, err := m.stored(t.Context(), false); err != nil || len(names) != 0 {
		t.Errorf("an empty storage: %q, %v", names, err)
	}
	now := time.Now()
	m.put(t, s.main, "good.test", now.Add(-day), 90*day)
	m.put(t, s.main, "just-expired.test", now.Add(-91*day), 90*day)
	m.put(t, s.main, "long-expired.test", now.Add(-110*day), 90*day)
	cert, err := m.load(t.Context(), "good.test")
	if err != nil || cert.Leaf.VerifyHostname("good.test") != nil {
		t.Fatalf("load: %v", err)
	}
	if _, err := m.load(t.Context(), "missing.test"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("load a certificate that is not stored: %v", err)
	}
	// Once a day for all replicas together: the second time nothing is due.
	for range 2 {
		if err := m.clean(t.Context()); err != nil {
			t.Error(err)
		}
		names, err := m.stored(t.Context(), false)
		slices.Sort(names)
		if want := []string{"good.test", "just-expired.test"}; err != nil || !slices.Equal(names, want) {
			t.Errorf("after cleaning: %q, %v; want %q", names, err, want)
		}
	}
	// A certificate that is good needs no authority.
	if _, err := m.update(t.Context(), "good.test", 0); err != nil {
		t.Errorf("update of a good certificate: %v", err)
	}
}

// Certificates on the local disk are served even if the shared storage cannot be
// reached, whether they are due for renewal or not.
func TestLocalCopiesAreEnough(t *testing.T) {
	s := openStorage(t, StorageConfig{
		Location: "redis://127.0.0.1:1", KeyFile: storageKey(t, 1), Cache: filepath.Join(t.TempDir(), "cache"),
	})
	m := newTestMagic(t, s)
	m.put(t, s.cache, "good.test", time.Now().Add(-day), 90*day)
	m.put(t, s.cache, "due.test", time.Now().Add(-80*day), 90*day)
	names, err := m.stored(t.Context(), true)
	slices.Sort(names)
	if want := []string{"due.test", "good.test"}; err != nil || !slices.Equal(names, want) {
		t.Fatalf("%q, %v", names, err)
	}
	for _, name := range names {
		if cert, err := m.load(t.Context(), name); err != nil || cert.Leaf.VerifyHostname(name) != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := m.load(t.Context(), "missing.test"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a certificate that the shared storage may have counts as missing: %v", err)
	}
	if _, err := m.stored(t.Context(), false); err == nil {
		t.Error("the shared storage was listed, though it cannot be reached")
	}
}

// A server that accepts connections and says nothing must not use up the time of a
// waiting handshake.
func TestSilentSharedStorage(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
		}
	}()
	for _, scheme := range []string{"redis", "rediss", "postgres"} {
		t.Run(scheme, func(t *testing.T) {
			s := openStorage(t, StorageConfig{
				Location: scheme + "://" + l.Addr().String() + "/0", KeyFile: storageKey(t, 1), Cache: filepath.Join(t.TempDir(), "cache"),
			})
			m := newTestMagic(t, s)
			// A certificate that is due for renewal is first looked for in the
			// shared storage.
			m.put(t, s.cache, "due.test", time.Now().Add(-80*day), 90*day)
			ctx, cancel := context.WithTimeout(t.Context(), coldTimeout)
			defer cancel()
			if _, err := m.load(ctx, "due.test"); err != nil || ctx.Err() != nil {
				t.Errorf("the local copy came too late: %v, %v", err, ctx.Err())
			}
		})
	}
}

func TestNewACMEErrors(t *testing.T) {
	s := openStorage(t, StorageConfig{Location: filepath.Join(t.TempDir(), "certificates")})
	good := ACMEConfig{Email: "Owner <Owner@example.com>", Directory: "https://127.0.0.1:1/dir", Storage: s, TLSPort: 443}
	a, err := NewACME(good)
	if err != nil {
		t.Fatal(err)
	}
	a.engine.stop()
	if a.cfg.Email != "owner@example.com" {
		t.Errorf("the account is for %q", a.cfg.Email)
	}
	for want, change := range map[string]func(*ACMEConfig){
		"need an email address":    func(c *ACMEConfig) { c.Email = "" },
		"https URL":                func(c *ACMEConfig) { c.Directory = "http://ca.test/dir" },
		"need a storage":           func(c *ACMEConfig) { c.Storage = nil },
		"need the port":            func(c *ACMEConfig) { c.TLSPort = 0 },
		"no certificate in PEM":    func(c *ACMEConfig) { c.RootPEM = []byte("none") },
		"authority's directory":    func(c *ACMEConfig) { c.Directory = "https://" },
		"certification authority":  func(c *ACMEConfig) { c.Email = "nobody" },
		"certification authority'": func(c *ACMEConfig) { c.Directory = "\x00" },
	} {
		cfg := good
		change(&cfg)
		if _, err := NewACME(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
