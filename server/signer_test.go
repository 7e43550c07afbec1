package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io/fs"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smallstep/pkcs7"

	"mailsetup/profiles"
	"mailsetup/templates/page"
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

// newFiles names files for a signer in a folder of the test's own.
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

// profilePaths are all ways to a profile; the page's token is made anew.
func profilePaths(t testing.TB, s *Server) []string {
	w := ask(s.Public(), "POST", "/", "emailaddress=jane@icloud.com", "Content-Type: application/x-www-form-urlencoded")
	location := w.Header().Get("Location")
	if !strings.HasPrefix(location, "/p/") {
		t.Fatalf("the form's answer leads to %q", location)
	}
	return []string{"/profile/icloud.mobileconfig", "/profile.mobileconfig?emailaddress=jane@icloud.com", location + "icloud.mobileconfig"}
}

// signatureOf checks that an answer is a signed profile and returns its content
// and the serial number of the certificate.
func signatureOf(t testing.TB, w *httptest.ResponseRecorder) (content []byte, serial *big.Int) {
	t.Helper()
	if w.Code != 200 || w.Header().Get("Content-Type") != profiles.ContentType {
		t.Fatalf("status %d, type %s", w.Code, w.Header().Get("Content-Type"))
	}
	cms, err := pkcs7.Parse(w.Body.Bytes())
	if err != nil {
		t.Fatalf("the profile is not signed: %v\n%.100q", err, w.Body)
	}
	if err := cms.Verify(); err != nil {
		t.Fatalf("the signature is not good: %v", err)
	}
	return cms.Content, cms.GetOnlySigner().SerialNumber
}

// Every way to a profile signs it, and what is signed is what would be sent
// unsigned. A way that forgot would show people "Not Signed" in red.
func TestProfilesAreSigned(t *testing.T) {
	files := newFiles(t)
	pair := newKeyPair(t, time.Now().Add(24*time.Hour))
	pair.write(t, files)
	signed, unsigned := newTestServer(t, "", signedBy(files)), newTestServer(t, "")
	for i, path := range profilePaths(t, signed) {
		plain := ask(unsigned.Public(), "GET", profilePaths(t, unsigned)[i], "")
		for range 2 { // the second may come from a cache
			w := ask(signed.Public(), "GET", path, "")
			content, serial := signatureOf(t, w)
			if !bytes.Equal(content, plain.Body.Bytes()) || serial.Cmp(pair.serial) != 0 {
				t.Errorf("%s: other content or another certificate", path)
			}
			for _, name := range []string{"Cache-Control", "Content-Disposition"} {
				if got, want := w.Header().Get(name), plain.Header().Get(name); got != want {
					t.Errorf("%s: %s is %q, unsigned %q", path, name, got, want)
				}
			}
		}
		if w := ask(signed.Public(), "HEAD", path, ""); w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("HEAD %s: status %d with %d bytes", path, w.Code, w.Body.Len())
		}
	}
}

// A cache that holds the unsigned profile, or one signed with another key, must not
// be told that its copy is still good.
func TestETagIsBoundToTheSignature(t *testing.T) {
	const path = "/profile/icloud.mobileconfig"
	seen := map[string]string{}
	check := func(what string, s *Server) {
		t.Helper()
		etag := ask(s.Public(), "GET", path, "").Header().Get("ETag")
		if other, used := seen[etag]; used || etag == "" {
			t.Errorf("%s: ETag %q, as %s", what, etag, other)
		}
		seen[etag] = what
		if w := ask(s.Public(), "GET", path, "", "If-None-Match: "+etag); w.Code != http.StatusNotModified {
			t.Errorf("%s: status %d for its own ETag", what, w.Code)
		}
		for old := range seen {
			if w := ask(s.Public(), "GET", path, "", "If-None-Match: "+old); old != etag && w.Code != http.StatusOK {
				t.Errorf("%s: status %d for the ETag of %s", what, w.Code, seen[old])
			}
		}
	}
	check("unsigned", newTestServer(t, ""))
	files := newFiles(t)
	newKeyPair(t, time.Now().Add(time.Hour)).write(t, files)
	s := newTestServer(t, "", signedBy(files))
	check("signed", s)
	newKeyPair(t, time.Now().Add(48*time.Hour)).write(t, files)
	if err := s.signer.reload(); err != nil {
		t.Fatal(err)
	}
	check("signed with a new key", s)
}

// Certificates are renewed while the server runs. New files count at the next
// look; until they are whole and fit together, the old ones do.
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
			continue // modes say nothing there
		}
		writeFile(t, files.Cert, broken.cert, 0o644)
		writeFile(t, files.Key, broken.key, broken.mode)
		before := strings.Count(log.String(), "cannot be used")
		now(broken.step, first)
		now(broken.step+", seen again", first)
		if n := strings.Count(log.String(), "cannot be used") - before; n != 1 {
			t.Errorf("%s: said %d times, want once", broken.step, n)
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
			t.Error("the log holds a key")
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

// An expired certificate ends profiles and nothing else: unsigned ones in its
// place would look like an attack. It is said at start, by the page, by the
// admin listener, and mended by new files.
func TestSignerExpired(t *testing.T) {
	files := newFiles(t)
	newKeyPair(t, time.Now().Add(-time.Minute)).write(t, files)
	var log logBuffer
	s := newTestServer(t, "", signedBy(files), logTo(&log))
	if !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("the log says nothing at start:\n%s", log.String())
	}
	checkNoProfiles(t, s, page.SigningUnavailable)
	if w := ask(s.Public(), "GET", "/mail/config-v1.1.xml", "", "Host: icloud.com"); w.Code != 200 {
		t.Errorf("autoconfig: status %d", w.Code)
	}
	w := ask(s.Admin(), "GET", "/readyz", "", "Host: localhost")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"signing":"expired"`) {
		t.Errorf("readyz: status %d, %s", w.Code, w.Body)
	}
	newKeyPair(t, time.Now().Add(time.Hour)).write(t, files)
	_, _ = s.signer.poll(), s.signer.poll()
	for _, path := range profilePaths(t, s) {
		signatureOf(t, ask(s.Public(), "GET", path, ""))
	}
	if w := ask(s.Admin(), "GET", "/readyz", "", "Host: localhost"); !strings.Contains(w.Body.String(), `"signing":"ok"`) {
		t.Errorf("readyz after new files: %s", w.Body)
	}
}

// checkNoProfiles holds that every way to a profile ends in 503 and a page that
// says why, and that only a crowd is given a time to come back.
func checkNoProfiles(t *testing.T, s *Server, why page.Notice) {
	t.Helper()
	var want bytes.Buffer
	if err := s.state.Load().pages.Notice(&want, why); err != nil {
		t.Fatal(err)
	}
	for _, path := range profilePaths(t, s) {
		w := ask(s.Public(), "GET", path, "")
		if w.Code != 503 || w.Header().Get("Content-Type") != htmlType || (w.Header().Get("Retry-After") != "") != (why == page.SigningBusy) {
			t.Errorf("%s: status %d, type %q, Retry-After %q", path, w.Code, w.Header().Get("Content-Type"), w.Header().Get("Retry-After"))
		}
		if w.Header().Get("Content-Disposition") != "" || w.Header().Get("ETag") != "" || strings.Contains(w.Header().Get("Cache-Control"), "public") {
			t.Errorf("%s: headers of a profile: %v", path, w.Header())
		}
		if w.Body.String() != want.String() {
			t.Errorf("%s: not the page that says why:\n%.300s", path, w.Body)
		}
	}
}

// The certificate ends while the server runs; a profile signed before must not
// come out of the cache afterwards, because devices call it invalid.
func TestSignerExpiresLater(t *testing.T) {
	files := newFiles(t)
	synctest.Test(t, func(t *testing.T) {
		newKeyPair(t, time.Now().Add(time.Hour)).write(t, files)
		s := newTestServer(t, "", signedBy(files))
		for _, path := range profilePaths(t, s) {
			signatureOf(t, ask(s.Public(), "GET", path, ""))
		}
		time.Sleep(time.Hour + time.Second)
		checkNoProfiles(t, s, page.SigningUnavailable)
	})
}

// A crowd at the profile routes waits a moment and is then asked to come back.
// The other routes are not held up.
func TestSignerBusy(t *testing.T) {
	files := newFiles(t)
	synctest.Test(t, func(t *testing.T) {
		newKeyPair(t, time.Now().Add(time.Hour)).write(t, files)
		s := newTestServer(t, "", signedBy(files))
		paths := profilePaths(t, s)
		for range cap(s.signer.slots) {
			s.signer.slots <- struct{}{}
		}
		began := time.Now()
		if w := ask(s.Public(), "GET", "/mail/config-v1.1.xml", "", "Host: icloud.com"); w.Code != 200 || time.Since(began) > 0 {
			t.Errorf("autoconfig: status %d after %v", w.Code, time.Since(began))
		}
		checkNoProfiles(t, s, page.SigningBusy)
		if waited := time.Since(began); waited != time.Duration(len(paths))*signerWait {
			t.Errorf("waited %v for %d profiles", waited, len(paths))
		}
		// A core is free again while somebody waits.
		go func() {
			time.Sleep(signerWait / 2)
			<-s.signer.slots
		}()
		for _, path := range paths {
			signatureOf(t, ask(s.Public(), "GET", path, ""))
		}
		if n := len(s.signer.slots); n != cap(s.signer.slots)-1 {
			t.Errorf("%d of %d slots are taken: a signature keeps its own", n, cap(s.signer.slots))
		}
	})
}

// What cannot be right is refused at start, with the way to mend it.
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
				t.Skip("file modes say nothing on Windows")
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

// TestSignWithTLSCertificate: profiles are signed with what the server has obtained for
// its own name, from the moment it has it, and with a renewed one from then on. Until then
// nobody gets an unsigned profile.
func TestSignWithTLSCertificate(t *testing.T) {
	var current atomic.Pointer[tls.Certificate]
	s := newTestServer(t, "", func(cfg *Config) {
		cfg.SignWith = func() (*tls.Certificate, error) {
			if c := current.Load(); c != nil {
				return c, nil
			}
			return nil, fs.ErrNotExist
		}
	})
	get := func() *httptest.ResponseRecorder {
		return ask(s.Public(), "GET", "/profile.mobileconfig?emailaddress=jane@icloud.com", "")
	}
	if w := get(); w.Code != 503 || strings.Contains(w.Body.String(), "<plist") {
		t.Errorf("without a certificate: %d\n%s", w.Code, w.Body)
	}
	if body := admin(s, "/readyz").Body.String(); !strings.Contains(body, `"signing":"expired"`) {
		t.Errorf("readiness without a certificate: %s", body)
	}
	for _, name := range []string{"first", "renewed"} {
		pair := newKeyPair(t, time.Now().Add(time.Hour))
		c, err := tls.X509KeyPair(pair.cert, pair.key)
		if err != nil {
			t.Fatal(err)
		}
		current.Store(&c)
		for _, path := range []string{"/profile.mobileconfig?emailaddress=jane@icloud.com", "/profile/icloud.mobileconfig"} {
			w := ask(s.Public(), "GET", path, "")
			p7, err := pkcs7.Parse(w.Body.Bytes())
			if err != nil || w.Code != 200 || len(p7.Certificates) != 1 || p7.Certificates[0].SerialNumber.Cmp(pair.serial) != 0 {
				t.Errorf("%s, %s: %d, %v", name, path, w.Code, err)
			}
		}
	}
	if _, err := New(Config{Load: s.cfg.Load, SignWith: s.cfg.SignWith, Signing: newFiles(t)}); err == nil {
		t.Error("two ways to sign are taken")
	}
}
