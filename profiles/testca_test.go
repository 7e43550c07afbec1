package profiles

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"sync"
	"testing"
	"time"
)

// A testCA issues certificates as a public CA does: root, intermediate, leaf.
type testCA struct {
	root, intermediate       *x509.Certificate
	rootKey, intermediateKey crypto.Signer
}

// A testSigner is a leaf of a testCA.
type testSigner struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newTestCA(t testing.TB) *testCA {
	t.Helper()
	ca := &testCA{rootKey: newKey(t, elliptic.P256()), intermediateKey: newKey(t, elliptic.P256())}
	ca.root = issue(t, &x509.Certificate{IsCA: true, Subject: pkix.Name{CommonName: "Test Root"}}, nil, ca.rootKey, ca.rootKey)
	ca.intermediate = issue(t, &x509.Certificate{IsCA: true, Subject: pkix.Name{CommonName: "Test Intermediate"}}, ca.root, ca.intermediateKey, ca.rootKey)
	return ca
}

// leaf issues a TLS server certificate, which is what operators have.
func (ca *testCA) leaf(t testing.TB, key crypto.Signer) testSigner {
	t.Helper()
	return testSigner{issue(t, leafTemplate(), ca.intermediate, key, ca.intermediateKey), key}
}

func leafTemplate() *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: "mail.example.com"},
		DNSNames:    []string{"mail.example.com"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
}

// issue signs a template; a nil issuer makes it self-signed.
func issue(t testing.TB, c, issuer *x509.Certificate, key, issuerKey crypto.Signer) *x509.Certificate {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber = serial
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(24 * time.Hour)
	}
	if c.NotBefore.IsZero() {
		c.NotBefore = time.Now().Add(-time.Hour)
	}
	if c.IsCA {
		c.BasicConstraintsValid, c.KeyUsage = true, x509.KeyUsageCertSign
	}
	if issuer == nil {
		issuer = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, key.Public(), issuerKey)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func newKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// rsaKey is made only once, because it takes long.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func certPEM(chain ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range chain {
		out = append(out, pemBlock("CERTIFICATE", c.Raw)...)
	}
	return out
}

func keyPEM(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemBlock("PRIVATE KEY", der)
}

func pemBlock(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func newTestSigner(t testing.TB, ca *testCA, key crypto.Signer) *Signer {
	t.Helper()
	leaf := ca.leaf(t, key)
	s, err := NewSigner(SignerConfig{Certificate: certPEM(leaf.cert, ca.intermediate, ca.root), Key: keyPEM(t, key)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
