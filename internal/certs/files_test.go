package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailsetup/internal/filewatch"
)

// writePair writes a certificate and its key as two files and returns their paths.
func writePair(t *testing.T, dir, base string, cert *tls.Certificate) FilePair {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	pair := FilePair{Cert: filepath.Join(dir, base+".crt"), Key: filepath.Join(dir, base+".key")}
	for path, block := range map[string]*pem.Block{
		pair.Cert: {Type: "CERTIFICATE", Bytes: cert.Certificate[0]},
		pair.Key:  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return pair
}

func TestFilesChooseByName(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	f, err := NewFiles(FilesConfig{Pairs: []FilePair{
		writePair(t, dir, "a", selfSigned(t, now, day, "setup.a.test")),
		writePair(t, dir, "b", selfSigned(t, now, day, "*.b.test", "b.test")),
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"setup.a.test": "setup.a.test", "autoconfig.b.test": "b.test", "b.test": "b.test", "": "setup.a.test",
	} {
		state, err := shake(f.TLSConfig(), name, "h2")
		if err != nil || state.PeerCertificates[0].VerifyHostname(want) != nil || state.NegotiatedProtocol != "h2" {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := shake(f.TLSConfig(), "other.test"); err == nil || !strings.Contains(err.Error(), "unrecognized name") {
		t.Errorf("a name that no pair covers: %v", err)
	}
	if cert, err := f.Certificate("autoconfig.b.test"); err != nil || cert.Leaf.VerifyHostname("b.test") != nil {
		t.Errorf("the certificate of a name: %v", err)
	}
	if _, err := f.Certificate("other.test"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the certificate for a name that no pair covers: %v", err)
	}
	if s := f.Status(); s.Counts[Ready] != 2 || s.Refused != 1 || s.Earliest.IsZero() {
		t.Errorf("%+v", s)
	}
}

// The operator's ACME client renews the files; for a moment the two do not match.
func TestChangedFilesAreLoaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		pair := writePair(t, dir, "a", selfSigned(t, time.Now(), day, "a.test"))
		var log logText
		f, err := NewFiles(FilesConfig{Pairs: []FilePair{pair}, Log: log.logger()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); f.Run(ctx) }()
		defer func() { cancel(); <-ended }()
		before := f.Status().Earliest

		good, err := os.ReadFile(pair.Cert)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(pair.Cert, good[:len(good)/2], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.Reload(ctx); err == nil || !f.Status().Earliest.Equal(before) {
			t.Errorf("half a certificate was loaded: %v", err)
		}
		writePair(t, dir, "a", selfSigned(t, time.Now(), 2*day, "a.test"))
		time.Sleep(4 * filewatch.Interval)
		if !f.Status().Earliest.After(before) {
			t.Errorf("the new files are not in use:\n%s", &log)
		}
		writePair(t, dir, "a", selfSigned(t, time.Now(), 3*day, "a.test"))
		if err := f.Reload(ctx); err != nil || !f.Status().Earliest.After(before.Add(day)) {
			t.Errorf("reload: %v", err)
		}
	})
}

func TestNewFilesErrors(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	good := writePair(t, dir, "good", selfSigned(t, now, day, "a.test"))
	nameless := selfSigned(t, now, day, "")
	for _, c := range []struct {
		pairs []FilePair
		want  string
	}{
		{nil, "give both files"},
		{[]FilePair{{Cert: filepath.Join(dir, "none"), Key: good.Key}}, "TLS certificate: "},
		{[]FilePair{{Cert: good.Cert, Key: filepath.Join(dir, "none")}}, "TLS key: "},
		{[]FilePair{{Cert: good.Key, Key: good.Cert}}, good.Key},
		{[]FilePair{good, writePair(t, dir, "nameless", nameless)}, "is for no name"},
	} {
		if _, err := NewFiles(FilesConfig{Pairs: c.pairs}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.pairs, err, c.want)
		}
	}
	if runtime.GOOS == "windows" {
		return // file modes mean nothing there
	}
	if err := os.Chmod(good.Key, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := NewFiles(FilesConfig{Pairs: []FilePair{good}}); err == nil || !strings.Contains(err.Error(), "chmod o= ") {
		t.Errorf("a key that everybody can read: %v", err)
	}
}

// An expired certificate is served and reported: the client's error then names the
// cause.
func TestExpiredFileIsReported(t *testing.T) {
	var log logText
	pair := writePair(t, t.TempDir(), "a", selfSigned(t, time.Now().Add(-2*day), day, "a.test"))
	f, err := NewFiles(FilesConfig{Pairs: []FilePair{pair}, Log: log.logger()})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "has expired") {
		t.Errorf("said:\n%s", &log)
	}
	if _, err := shake(f.TLSConfig(), "a.test"); err != nil {
		t.Error(err)
	}
}
