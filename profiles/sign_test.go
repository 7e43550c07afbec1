package profiles

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"mailsetup/internal/provider/providertest"
)

func signingKeys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	return map[string]crypto.Signer{
		"RSA-2048": rsaKey(),
		"P-256":    newKey(t, elliptic.P256()),
		"P-384":    newKey(t, elliptic.P384()),
	}
}

func unsignedProfile(t testing.TB) []byte {
	t.Helper()
	return render(t, providertest.Account(t, providertest.Table(t, ""), "jane@icloud.com"), PersonName{})
}

// A device shows "Verified" only for a signature that it can follow to a root,
// and installs the signed content.
func TestSign(t *testing.T) {
	profile := unsignedProfile(t)
	for name, key := range signingKeys(t) {
		t.Run(name, func(t *testing.T) {
			ca := newTestCA(t)
			s := newTestSigner(t, ca, key)
			der, err := s.Sign(profile)
			if err != nil {
				t.Fatal(err)
			}
			// encoding/asn1, unlike the library, accepts only DER.
			var outer asn1.RawValue
			if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 {
				t.Fatalf("not one DER value: %v, %d bytes left", err, len(rest))
			}
			p7, err := pkcs7.Parse(der)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(p7.Content, profile) {
				t.Error("the content is not the unsigned profile")
			}
			if len(p7.Signers) != 1 || !p7.Signers[0].DigestAlgorithm.Algorithm.Equal(pkcs7.OIDDigestAlgorithmSHA256) {
				t.Errorf("signers %v, want one with SHA-256", p7.Signers)
			}
			if want := []*x509.Certificate{s.leaf, ca.intermediate}; !slices.EqualFunc(p7.Certificates, want, (*x509.Certificate).Equal) {
				t.Errorf("%d certificates, want the signer's and the intermediate, without the root", len(p7.Certificates))
			}
			roots := x509.NewCertPool()
			roots.AddCert(ca.root)
			if err := p7.VerifyWithChain(roots); err != nil {
				t.Errorf("does not verify: %v", err)
			}
		})
	}
}

// When a root changes its key, the old key certifies the new one under the same
// name. That certificate looks like a root but leads devices to the one they
// know, so it must not be dropped.
func TestSignKeepsKeyRollover(t *testing.T) {
	ca := newTestCA(t)
	newRootKey, key := newKey(t, elliptic.P256()), newKey(t, elliptic.P256())
	rollover := issue(t, &x509.Certificate{
		IsCA: true, Subject: ca.root.Subject, AuthorityKeyId: ca.root.SubjectKeyId,
	}, ca.root, newRootKey, ca.rootKey)
	leaf := issue(t, leafTemplate(), rollover, key, newRootKey)
	s, err := NewSigner(SignerConfig{Certificate: certPEM(leaf, rollover, ca.root), Key: keyPEM(t, key)})
	if err != nil {
		t.Fatal(err)
	}
	if want := []*x509.Certificate{rollover}; !slices.EqualFunc(s.intermediates, want, (*x509.Certificate).Equal) {
		t.Errorf("%d intermediates, want only the certified new key", len(s.intermediates))
	}
	s, err = NewSigner(SignerConfig{Certificate: certPEM(leaf, rollover), Key: keyPEM(t, key)})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.intermediates) != 1 {
		t.Error("the certified new key was taken for a root")
	}
}

// A profile that was changed on the way must not verify. Every byte of the
// content, the digest and the signature counts.
func TestSignedProfileIsSealed(t *testing.T) {
	profile := unsignedProfile(t)
	ca := newTestCA(t)
	roots := x509.NewCertPool()
	roots.AddCert(ca.root)
	verify := func(der []byte) error {
		p7, err := pkcs7.Parse(der)
		if err != nil {
			return err
		}
		return p7.VerifyWithChain(roots)
	}
	der, err := newTestSigner(t, ca, newKey(t, elliptic.P256())).Sign(profile)
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(der); err != nil {
		t.Fatal(err)
	}
	content := bytes.Index(der, profile)
	p7, err := pkcs7.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	signature := bytes.Index(der, p7.Signers[0].EncryptedDigest)
	if content < 0 || signature < 0 {
		t.Fatal("content or signature not found in one piece")
	}
	flip := func(at int) {
		bad := slices.Clone(der)
		bad[at] ^= 1
		if verify(bad) == nil {
			t.Errorf("verifies with byte %d of %d flipped", at, len(der))
		}
	}
	for at := content; at < content+len(profile); at += 13 {
		flip(at)
	}
	for at := signature; at < len(der); at++ {
		flip(at)
	}
}

// While the certificate is not valid, people get an error page, and never a
// profile that their device calls unverified.
func TestSignOutsideValidity(t *testing.T) {
	ca := newTestCA(t)
	key := newKey(t, elliptic.P256())
	leaf := ca.leaf(t, key).cert
	for _, tt := range []struct {
		name string
		now  time.Time
		want error
	}{
		{"first second", leaf.NotBefore, nil},
		{"last second", leaf.NotAfter, nil},
		{"expired", leaf.NotAfter.Add(time.Second), ErrSignerExpired},
		{"not valid yet", leaf.NotBefore.Add(-time.Second), ErrSignerExpired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := NewSigner(SignerConfig{
				Certificate: certPEM(leaf, ca.intermediate), Key: keyPEM(t, key),
				Now: func() time.Time { return tt.now },
			})
			if err != nil {
				t.Fatal(err)
			}
			if !s.NotAfter().Equal(leaf.NotAfter) {
				t.Errorf("NotAfter %v, want %v", s.NotAfter(), leaf.NotAfter)
			}
			out, err := s.Sign([]byte("<plist/>"))
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if (out == nil) != (tt.want != nil) {
				t.Errorf("%d bytes with error %v", len(out), err)
			}
		})
	}
}

// One signer serves all requests.
func TestSignConcurrently(t *testing.T) {
	s := newTestSigner(t, newTestCA(t), newKey(t, elliptic.P256()))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			content := bytes.Repeat([]byte{byte('a' + i)}, 100)
			der, err := s.Sign(content)
			if err != nil {
				t.Error(err)
				return
			}
			p7, err := pkcs7.Parse(der)
			if err != nil || p7.Verify() != nil || !bytes.Equal(p7.Content, content) {
				t.Errorf("signature %d: %v", i, err)
			}
		})
	}
	wg.Wait()
}
