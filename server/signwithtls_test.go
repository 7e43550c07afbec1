package server

import (
	"crypto/tls"
	"io/fs"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"
)

// TestSignWithTLSCertificate: profiles are signed with the certificate that the server has
// obtained for its own name, and with a renewed one as soon as there is one. Before the
// first, nobody gets an unsigned profile.
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
		t.Error("two ways to sign were accepted")
	}
}
