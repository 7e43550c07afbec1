package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"
)

// A keyPair is a self-signed certificate and its key, as PEM.
type keyPair struct {
	cert, key []byte
	serial    *big.Int
}

func newKeyPair(t testing.TB, notAfter time.Time) keyPair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "setup.example.com"}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: notAfter.Add(-90 * 24 * time.Hour), NotAfter: notAfter,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{
		cert:   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		key:    pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
		serial: serial,
	}
}

// newFiles names files for a signer in the test's own folder.
func newFiles(t testing.TB) SignerFiles {
	dir := t.TempDir()
	return SignerFiles{Cert: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}
}

func (p keyPair) write(t testing.TB, files SignerFiles) {
	t.Helper()
	writeFile(t, files.Cert, p.cert, 0o644)
	writeFile(t, files.Key, p.key, 0o600)
}

func writeFile(t testing.TB, name string, data []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, data, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

func signedBy(files SignerFiles) func(*Config) {
	return func(cfg *Config) { cfg.Signing = files }
}

// Certificates are renewed while the server runs. New files are used from the
// next look on; until they are complete and match, the old ones stay in use.
func TestSignerRefresh(t *testing.T) {
	files := newFiles(t)
	first, second := newKeyPair(t, time.Now().Add(time.Hour)), newKeyPair(t, time.Now().Add(48*time.Hour))
	first.write(t, files)
	var log logBuffer
	s := newTestServer(t, "", signedBy(files), logTo(&log))
	now := func(step string, want keyPair) {
		t.Helper()
		s.poll()
		s.poll() // seen twice
		for _, path := range profilePaths(t, s) {
			if _, serial := signatureOf(t, ask(s.Public(), "GET", path, "")); serial.Cmp(want.serial) != 0 {
				t.Errorf("%s: %s is signed with the wrong certificate", step, path)
			}
		}
	}
	now("nothing changed", first)
	for _, broken := range []struct {
		step      string
		cert, key []byte
		mode      os.FileMode
	}{
		{"only the certificate is copied", second.cert, first.key, 0o600},
		{"the key is cut short", second.cert, second.key[:len(second.key)/2], 0o600},
		{"both are empty", nil, nil, 0o600},
		{"not PEM", []byte("hello"), []byte("world"), 0o600},
		{"the key is open to everybody", second.cert, second.key, 0o644},
	} {
		if runtime.GOOS == "windows" && broken.mode == 0o644 {
			continue // modes mean nothing there
		}
		writeFile(t, files.Cert, broken.cert, 0o644)
		writeFile(t, files.Key, broken.key, broken.mode)
		before := strings.Count(log.String(), "cannot be used")
		now(broken.step, first)
		now(broken.step+", seen again", first)
		if n := strings.Count(log.String(), "cannot be used") - before; n != 1 {
			t.Errorf("%s: logged %d times, want once", broken.step, n)
		}
	}
	if runtime.GOOS != "windows" {
		// The contents are those of the last step: only the mode changes.
		writeFile(t, files.Key, second.key, 0o600)
		now("the key is closed", second)
		first.write(t, files)
		now("back", first)
	}
	if err := os.Remove(files.Cert); err != nil {
		t.Fatal(err)
	}
	now("the certificate is gone", first)
	second.write(t, files)
	now("both are whole", second)
	if !strings.Contains(log.String(), "signing files loaded") {
		t.Error("the log does not say that files were loaded")
	}
	for _, block := range []string{string(first.key), string(second.key), "PRIVATE KEY"} {
		if strings.Contains(log.String(), block) {
			t.Error("the log contains a key")
		}
	}
}

// The files change while profiles are fetched.
func TestSignerRefreshUnderLoad(t *testing.T) {
	files := newFiles(t)
	pairs := []keyPair{newKeyPair(t, time.Now().Add(time.Hour)), newKeyPair(t, time.Now().Add(time.Hour))}
	pairs[0].write(t, files)
	s := newTestServer(t, "", signedBy(files))
	done := make(chan struct{})
	var load sync.WaitGroup
	for _, path := range profilePaths(t, s) {
		load.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				w := ask(s.Public(), "GET", path, "")
				if cms, err := pkcs7.Parse(w.Body.Bytes()); w.Code != 200 || err != nil || cms.Verify() != nil {
					t.Errorf("status %d, %v", w.Code, err)
				}
			}
		})
	}
	for i := range 20 {
		pairs[i%2].write(t, files)
		if err := s.Reload(); err != nil {
			t.Error(err)
		}
	}
	close(done)
	load.Wait()
}

// Settings that cannot be right are refused at start, with the way to fix them.
func TestNewSigner(t *testing.T) {
	one, other := newKeyPair(t, time.Now().Add(time.Hour)), newKeyPair(t, time.Now().Add(time.Hour))
	for _, c := range []struct {
		name      string
		cert, key []byte
		mode      os.FileMode
		want      string
	}{
		{"key of another certificate", one.cert, other.key, 0o600, "belong"},
		{"no certificate", one.key, one.key, 0o600, "certificate"},
		{"no key", one.cert, one.cert, 0o600, "key"},
		{"open to everybody", one.cert, one.key, 0o604, "chmod"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.mode == 0o604 && runtime.GOOS == "windows" {
				t.Skip("file modes mean nothing on Windows")
			}
			files := newFiles(t)
			writeFile(t, files.Cert, c.cert, 0o644)
			writeFile(t, files.Key, c.key, c.mode)
			_, err := New(Config{Load: newTestServer(t, "").cfg.Load, Signing: files})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), string(c.key[40:80])) {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
		})
	}
	files := newFiles(t)
	for _, half := range []SignerFiles{{Cert: files.Cert}, {Key: files.Key}, files} {
		if _, err := New(Config{Load: newTestServer(t, "").cfg.Load, Signing: half}); err == nil {
			t.Errorf("%+v: no error", half)
		}
	}
}
