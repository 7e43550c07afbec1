package profiles

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/smallstep/pkcs7"
)

// ErrSignerExpired is wrapped by the error of [Signer.Sign] when the signer's
// certificate has expired or is not valid yet. It needs new files.
var ErrSignerExpired = errors.New("the signing certificate is not valid now")

// SignerConfig configures a [Signer].
type SignerConfig struct {
	// Certificate is PEM: the signer's certificate, then the one that issued
	// it, and so on, as for TLS servers. A root at the end is not embedded.
	Certificate []byte
	// Key is the certificate's RSA or ECDSA private key as PEM (PKCS #8,
	// PKCS #1 or SEC 1), without a passphrase.
	Key []byte
	// Pair, if not nil, is what a TLS server has loaded; it replaces both.
	Pair *tls.Certificate
	// Now returns the time; nil means time.Now.
	Now func() time.Time
}

// A Signer signs profiles. It never changes and is safe for concurrent use.
type Signer struct {
	leaf          *x509.Certificate
	intermediates []*x509.Certificate
	rootInFile    bool // the chain included its root, which is dropped
	key           crypto.Signer
	now           func() time.Time
}

// NewSigner checks that certificate, chain and key belong together. An expired
// certificate is not an error here, so that a server starts with it; see
// [Signer.Sign].
func NewSigner(cfg SignerConfig) (*Signer, error) {
	chain, key, err := cfg.chainAndKey()
	if err != nil {
		return nil, err
	}
	if err := checkChain(chain, key.Public()); err != nil {
		return nil, fmt.Errorf("signing certificate: %w", err)
	}
	s := &Signer{leaf: chain[0], intermediates: chain[1:], key: key, now: cfg.Now}
	if n := len(chain); n > 1 && selfSigned(chain[n-1]) {
		s.intermediates, s.rootInFile = chain[1:n-1], true
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s, nil
}

func (cfg SignerConfig) chainAndKey() ([]*x509.Certificate, crypto.Signer, error) {
	if cfg.Pair != nil {
		return loadedPair(cfg.Pair)
	}
	chain, err := parseCertificates(cfg.Certificate)
	if err != nil {
		return nil, nil, fmt.Errorf("signing certificate: %w", err)
	}
	key, err := parseKey(cfg.Key)
	if err != nil {
		return nil, nil, fmt.Errorf("signing key: %w", err)
	}
	return chain, key, nil
}

// Sign wraps a property list in a CMS SignedData (RFC 5652): DER, with the
// content, the signer's certificate and its intermediates inside, signed over
// SHA-256. The signature contains the time, so no two results are equal.
//
// Outside the validity of the certificate the error wraps [ErrSignerExpired].
// With an error no bytes are returned, so nothing unsigned can slip out.
func (s *Signer) Sign(plist []byte) ([]byte, error) {
	if err := s.Valid(); err != nil {
		return nil, err
	}
	signed, err := pkcs7.NewSignedData(plist)
	if err != nil {
		return nil, fmt.Errorf("sign the profile: %w", err)
	}
	// The library's default is SHA-1.
	signed.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	// Given the intermediates here (AddSignerChain), the library would verify the
	// chain again for every profile, which costs as much as an ECDSA signature.
	// NewSigner did it once; the embedded certificates are the same.
	if err := signed.AddSigner(s.leaf, s.key, pkcs7.SignerInfoConfig{}); err != nil {
		return nil, fmt.Errorf("sign the profile: %w", err)
	}
	for _, c := range s.intermediates {
		signed.AddCertificate(c)
	}
	out, err := signed.Finish()
	if err != nil {
		return nil, fmt.Errorf("sign the profile: %w", err)
	}
	return out, nil
}

// Valid reports whether Sign would sign now. The error wraps [ErrSignerExpired].
func (s *Signer) Valid() error {
	switch now := s.now(); {
	case now.After(s.leaf.NotAfter):
		return fmt.Errorf("%w: it ended on %s", ErrSignerExpired, s.leaf.NotAfter.UTC().Format(time.RFC3339))
	case now.Before(s.leaf.NotBefore):
		return fmt.Errorf("%w: it begins on %s", ErrSignerExpired, s.leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

// NotAfter returns when the signer's certificate expires; after that, Sign fails.
func (s *Signer) NotAfter() time.Time { return s.leaf.NotAfter }

// Certificates returns the signer's certificate and the intermediates that Sign
// embeds, in DER, one after the other. It differs for every key and every renewal.
func (s *Signer) Certificates() []byte {
	der := slices.Clone(s.leaf.Raw)
	for _, c := range s.intermediates {
		der = append(der, c.Raw...)
	}
	return der
}

// Warnings tells the operator what may keep devices from verifying the
// signatures.
func (s *Signer) Warnings() []string {
	var w []string
	switch {
	case selfSigned(s.leaf):
		w = append(w, "the signing certificate is self-signed: only devices that were made to trust it can verify profiles")
	case len(s.intermediates) == 0 && !s.rootInFile:
		w = append(w, "no intermediate certificate follows the signing certificate: devices that do not know its issuer cannot verify profiles; append the issuer's chain to the file")
	}
	now := s.now()
	for i, c := range s.intermediates {
		if now.After(c.NotAfter) {
			w = append(w, fmt.Sprintf("certificate %d of the signing chain ended on %s: renew the chain", i+2, c.NotAfter.UTC().Format(time.RFC3339)))
		}
	}
	return w
}
