package page

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An authority issues certificates as public authorities do: a root, which
// devices know, an intermediate, and a leaf for a TLS server.
type authority struct {
	t        *testing.T
	dir      string
	Root     string // file
	rootCert *x509.Certificate
	rootKey  crypto.Signer
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.rootKey = newKey(t, elliptic.P256())
	a.rootCert = a.issue("Test Root", a.rootKey.Public(), nil, a.rootKey, time.Now().Add(time.Hour))
	a.Root = a.write("root.pem", 0o644, block("CERTIFICATE", a.rootCert.Raw))
	return a
}

// sign writes the files of a leaf with this key, followed by its intermediate.
func (a *authority) sign(key crypto.Signer, notAfter time.Time) (cert, keyFile string) {
	between := newKey(a.t, elliptic.P256())
	intermediate := a.issue("Test Intermediate", between.Public(), a.rootCert, a.rootKey, time.Now().Add(time.Hour))
	leaf := a.issue("setup.example.com", key.Public(), intermediate, between, notAfter)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write("tls.crt", 0o644, block("CERTIFICATE", leaf.Raw), block("CERTIFICATE", intermediate.Raw)),
		a.write("tls.key", 0o600, block("PRIVATE KEY", der))
}

func (a *authority) issue(name string, key crypto.PublicKey, parent *x509.Certificate, signer crypto.Signer, notAfter time.Time) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		a.t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: notAfter.Add(-48 * time.Hour), NotAfter: notAfter, BasicConstraintsValid: true}
	if strings.HasPrefix(name, "Test") {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign
	} else {
		c.DNSNames, c.KeyUsage, c.ExtKeyUsage = []string{name}, x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		a.t.Fatal(err)
	}
	return c
}

func (a *authority) write(name string, mode os.FileMode, blocks ...[]byte) string {
	file := filepath.Join(a.dir, name)
	if err := os.WriteFile(file, bytes.Join(blocks, nil), mode); err != nil {
		a.t.Fatal(err)
	}
	return file
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func newKey(t *testing.T, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// verify lets OpenSSL check a signed profile, as a device would with the root
// that it knows, and returns the signed content.
func (a *authority) verify(signed []byte) ([]byte, error) {
	cmd := exec.Command("openssl", "cms", "-verify", "-inform", "DER", "-purpose", "any", "-CAfile", a.Root)
	cmd.Stdin = bytes.NewReader(signed)
	return cmd.Output()
}

// TestSigned fetches profiles from a server that signs them, by every route, and
// checks that OpenSSL accepts them.
func TestSigned(t *testing.T) {
	_, err := exec.LookPath("openssl")
	need(t, "openssl (Debian package openssl)", err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey, "ECDSA P-256": newKey(t, elliptic.P256()), "ECDSA P-384": newKey(t, elliptic.P384())} {
		t.Run(name, func(t *testing.T) {
			a := newAuthority(t)
			cert, keyFile := a.sign(key, time.Now().Add(time.Hour))
			s, unsigned := startServer(t, "--sign-cert", cert, "--sign-key", keyFile), startServer(t)
			for _, path := range []string{"/profile/icloud.mobileconfig", "/profile.mobileconfig?emailaddress=canary.jane@icloud.com", s.ordered(t)} {
				signed := []byte(get(t, s.URL+path))
				want := profile(t, "canary.jane@icloud.com", "", "")
				if path == "/profile/icloud.mobileconfig" {
					want = []byte(get(t, unsigned.URL+path))
				}
				if got, err := a.verify(signed); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%.20s: %v, %d octets are signed, want %d", path, err, len(got), len(want))
				}
				at := map[string]int{"content": bytes.Index(signed, []byte("imap.mail.me.com")), "signature": len(signed) - 10}
				for part, i := range at {
					flipped := bytes.Clone(signed)
					flipped[i] ^= 1
					if _, err := a.verify(flipped); err == nil {
						t.Errorf("%.20s: OpenSSL accepts it with one bit of the %s flipped", path, part)
					}
				}
			}
		})
	}
}

// ordered returns the path of a profile that the page's form leads to.
func (s *server) ordered(t *testing.T) string {
	t.Helper()
	result := get(t, s.URL+s.post(t, s.URL).Header.Get("Location"))
	_, link, _ := strings.Cut(result, `class="button quiet" href="`)
	link, _, _ = strings.Cut(link, `"`)
	return link
}

// TestSigningPages: the page does not call a signed profile unsigned. Once the
// certificate has expired, nobody gets an unsigned profile instead: people are
// told why, and the operator sees it.
func TestSigningPages(t *testing.T) {
	a := newAuthority(t)
	key := newKey(t, elliptic.P256())
	const warning = "The profile is not signed"
	for signing, notAfter := range map[string]time.Time{"ok": time.Now().Add(time.Hour), "expired": time.Now().Add(-time.Hour)} {
		t.Run(signing, func(t *testing.T) {
			cert, keyFile := a.sign(key, notAfter)
			s := startServer(t, "--sign-cert", cert, "--sign-key", keyFile)
			if ready := get(t, s.Admin+"/readyz"); !strings.Contains(ready, `"signing":"`+signing+`"`) {
				t.Errorf("readyz: %s", ready)
			}
			if said := strings.Contains(s.log.String(), `"level":"ERROR"`); said != (signing == "expired") {
				t.Errorf("the log: %s", s.log)
			}
			b := openTab(t, s, phone)
			b.submit("canary.jane@icloud.com")
			if strings.Contains(eval[string](b, `document.body.textContent`), warning) {
				t.Error("the page calls a signed profile unsigned")
			}
			if signing == "ok" {
				return
			}
			b.tabToProfile()
			b.follow()
			b.wantPage(503, "The profile cannot be signed")
			b.look("signing-unavailable")
			b.startAgain()
		})
	}
	b := openTab(t, startServer(t), phone)
	b.submit("canary.jane@icloud.com")
	if !strings.Contains(eval[string](b, `document.body.textContent`), warning) {
		t.Error("the page does not say that the profile is unsigned")
	}
}

// TestSigningRefused: settings that cannot be right end the start with an error
// that says how to fix them.
func TestSigningRefused(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.sign(newKey(t, elliptic.P256()), time.Now().Add(time.Hour))
	otherKey := newAuthority(t)
	_, other := otherKey.sign(newKey(t, elliptic.P256()), time.Now().Add(time.Hour))
	open := filepath.Join(t.TempDir(), "open.key")
	data, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(open, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, cert, key, want string }{
		{"readable by everybody", cert, open, "close it with: chmod"},
		{"key of another certificate", cert, other, "belong"},
		{"no such file", cert, filepath.Join(a.dir, "none.key"), "none.key"},
		{"no key", cert, cert, "key"},
		{"only one of the two", cert, "", "both"},
	} {
		args := []string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "off", "--sign-cert", c.cert}
		if c.key != "" {
			args = append(args, "--sign-key", c.key)
		}
		out, err := exec.Command(program, args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v, want one about %q:\n%s", c.name, err, c.want, out)
		}
	}
	// A chain that some devices can complete by themselves is not an error.
	chain, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	leaf, _ := pem.Decode(chain)
	s := startServer(t, "--sign-cert", a.write("leaf.crt", 0o644, pem.EncodeToMemory(leaf)), "--sign-key", key)
	if log := s.log.String(); !strings.Contains(log, `"level":"WARN"`) || !strings.Contains(log, "intermediate") {
		t.Errorf("a certificate without its intermediate is accepted without a warning:\n%s", log)
	}
}
