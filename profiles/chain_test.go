package profiles

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"
)

// An operator who mixes up files must learn at the start which one is wrong, not
// later from people with phones.
func TestNewSignerRefuses(t *testing.T) {
	ca, other := newTestCA(t), newTestCA(t)
	key := newKey(t, elliptic.P256())
	leaf := ca.leaf(t, key).cert
	good, goodKey := certPEM(leaf, ca.intermediate), keyPEM(t, key)
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dhKey, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	shortKey, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	// The key that issued the leaf, but not the name that the leaf gives: devices
	// look for an issuer by its name.
	renamed := issue(t, &x509.Certificate{IsCA: true, Subject: pkix.Name{CommonName: "Renamed"}}, ca.root, ca.intermediateKey, ca.rootKey)
	damaged := slices.Clone(good)
	damaged[len(damaged)-60] = '!' // inside the intermediate's base64
	legacy := pem.EncodeToMemory(&pem.Block{
		Type: "EC PRIVATE KEY", Bytes: []byte("x"),
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"},
	})
	for _, tt := range []struct {
		name      string
		cert, key []byte
		want      string
	}{
		{"empty certificate", nil, goodKey, "signing certificate: it contains no certificate"},
		{"DER certificate", leaf.Raw, goodKey, "it contains no certificate"},
		{"key in the certificate's place", goodKey, goodKey, "it contains no certificate"},
		{"damaged intermediate", damaged, goodKey, "1 of its 2 PEM blocks are damaged"},
		{"unreadable certificate", pemBlock("CERTIFICATE", []byte("x")), goodKey, "certificate 1 cannot be read"},
		{"other key", good, keyPEM(t, newKey(t, elliptic.P256())), "does not belong to the signing key"},
		{"other kind of key", good, keyPEM(t, rsaKey()), "does not belong to the signing key"},
		{"intermediate first", certPEM(ca.intermediate, leaf), goodKey, "it is certificate 2 that belongs to the signing key"},
		{"root before intermediate", certPEM(leaf, ca.root, ca.intermediate), goodKey, "certificate 2 did not issue certificate 1"},
		{"stranger's intermediate", certPEM(leaf, other.intermediate), goodKey, "certificate 2 did not issue certificate 1"},
		{"stranger's root", certPEM(leaf, ca.intermediate, other.root), goodKey, "certificate 3 did not issue certificate 2"},
		{"issuer under another name", certPEM(leaf, renamed), goodKey, "certificate 2 did not issue certificate 1"},
		{"leaf twice", certPEM(leaf, leaf, ca.intermediate), goodKey, "certificate 2 did not issue certificate 1"},
		{"empty key", good, nil, "signing key: there are 0 private keys in it"},
		{"two keys", good, append(goodKey, goodKey...), "there are 2 private keys in it"},
		{"unreadable key", good, pemBlock("PRIVATE KEY", []byte("x")), "signing key: "},
		{"Ed25519 key", good, keyPEM(t, edKey), "it is an Ed25519 key; profiles are signed with RSA or ECDSA keys"},
		{"key exchange key", good, keyPEM(t, dhKey), "its kind cannot sign profiles"},
		{"short RSA key", good, keyPEM(t, shortKey), "an RSA key of 1024 bits is too short"},
		{"passphrase, PKCS #8", good, pemBlock("ENCRYPTED PRIVATE KEY", []byte("x")), "protected by a passphrase"},
		{"passphrase, old form", good, legacy, "protected by a passphrase"},
		{"OpenSSH key", good, pemBlock("OPENSSH PRIVATE KEY", []byte("x")), "unknown form of key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := NewSigner(SignerConfig{Certificate: tt.cert, Key: tt.key})
			if err == nil {
				t.Fatal("no error")
			}
			if s != nil {
				t.Error("a signer along with the error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
		})
	}
}

// The forms in which openssl, certbot and other tools store keys and chains.
func TestNewSignerAccepts(t *testing.T) {
	ca := newTestCA(t)
	key := newKey(t, elliptic.P256())
	leaf := ca.leaf(t, key).cert
	sec1, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	rsaLeaf := ca.leaf(t, rsaKey()).cert
	good, goodKey := certPEM(leaf, ca.intermediate), keyPEM(t, key)
	for _, tt := range []struct {
		name      string
		cert, key []byte
	}{
		{"PKCS #8", good, goodKey},
		{"SEC 1 after its parameters", good, append(pemBlock("EC PARAMETERS", []byte{6, 8}), pemBlock("EC PRIVATE KEY", sec1)...)},
		{"PKCS #1", certPEM(rsaLeaf, ca.intermediate), pemBlock("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey()))},
		{"text around the blocks", slices.Concat([]byte("subject=CN = x\n"), good, []byte("\nend\n")), goodKey},
		{"all in one file", slices.Concat(goodKey, good), slices.Concat(goodKey, good)},
		{"CRLF", []byte(strings.ReplaceAll(string(good), "\n", "\r\n")), goodKey},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := NewSigner(SignerConfig{Certificate: tt.cert, Key: tt.key})
			if err != nil {
				t.Fatal(err)
			}
			if w := s.Warnings(); w != nil {
				t.Errorf("warnings %q", w)
			}
			if _, err := s.Sign([]byte("x")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	ca := newTestCA(t)
	key := newKey(t, elliptic.P256())
	leaf := ca.leaf(t, key).cert
	alone := issue(t, leafTemplate(), nil, key, key)
	direct := issue(t, leafTemplate(), ca.root, key, ca.rootKey)
	old := issue(t, &x509.Certificate{
		IsCA: true, Subject: pkix.Name{CommonName: "Test Intermediate"},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour),
	}, ca.root, ca.intermediateKey, ca.rootKey)
	for _, tt := range []struct {
		name  string
		chain []*x509.Certificate
		want  string // "": no warning
	}{
		{"full chain", []*x509.Certificate{leaf, ca.intermediate, ca.root}, ""},
		{"no root", []*x509.Certificate{leaf, ca.intermediate}, ""},
		{"issued by the root itself", []*x509.Certificate{direct, ca.root}, ""},
		{"no chain", []*x509.Certificate{leaf}, "no intermediate certificate follows"},
		{"self-signed", []*x509.Certificate{alone}, "self-signed"},
		{"expired intermediate", []*x509.Certificate{leaf, old}, "certificate 2 of the signing chain ended on"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := NewSigner(SignerConfig{Certificate: certPEM(tt.chain...), Key: keyPEM(t, key)})
			if err != nil {
				t.Fatal(err)
			}
			got := s.Warnings()
			if tt.want == "" && got != nil {
				t.Errorf("warnings %q, want none", got)
			}
			if tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)) {
				t.Errorf("warnings %q, want one with %q", got, tt.want)
			}
		})
	}
}
