package profiles

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// Errors here number certificates instead of naming them: a subject may be
// somebody's address, and the text may reach a log.

// parseCertificates reads all certificates of a PEM file in their order.
func parseCertificates(data []byte) ([]*x509.Certificate, error) {
	blocks, err := parsePEM(data)
	if err != nil {
		return nil, err
	}
	var chain []*x509.Certificate
	for _, b := range blocks {
		if b.Type != "CERTIFICATE" {
			continue // some keep certificate and key in one file
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d cannot be read: %w", len(chain)+1, err)
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, errors.New("it contains no certificate; it must be PEM, with -----BEGIN CERTIFICATE-----")
	}
	return chain, nil
}

// loadedPair extracts the chain and key that a TLS server has loaded.
func loadedPair(pair *tls.Certificate) ([]*x509.Certificate, crypto.Signer, error) {
	var chain []*x509.Certificate
	for _, der := range pair.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, nil, fmt.Errorf("signing certificate: %w", err)
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, nil, errors.New("signing certificate: missing")
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, nil, errors.New("signing key: it cannot sign")
	}
	key, err := usableKey(signer)
	if err != nil {
		return nil, nil, fmt.Errorf("signing key: %w", err)
	}
	return chain, key, nil
}

// parseKey reads the only private key of a PEM file.
func parseKey(data []byte) (crypto.Signer, error) {
	blocks, err := parsePEM(data)
	if err != nil {
		return nil, err
	}
	var keys []*pem.Block
	for _, b := range blocks {
		// There may also be EC PARAMETERS, which openssl writes before a key,
		// and certificates.
		if strings.HasSuffix(b.Type, "PRIVATE KEY") {
			keys = append(keys, b)
		}
	}
	if len(keys) != 1 {
		return nil, fmt.Errorf("there are %d private keys in it; it must be PEM with exactly one", len(keys))
	}
	key, err := parseKeyBlock(keys[0])
	if err != nil {
		return nil, err
	}
	return usableKey(key)
}

// usableKey refuses what devices do not trust.
func usableKey(key any) (crypto.Signer, error) {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < 2048 {
			return nil, fmt.Errorf("an RSA key of %d bits is too short to be trusted; use 2048 or more", k.N.BitLen())
		}
		return k, nil
	case *ecdsa.PrivateKey:
		return k, nil
	case ed25519.PrivateKey:
		return nil, errors.New("it is an Ed25519 key; profiles are signed with RSA or ECDSA keys")
	}
	return nil, errors.New("its kind cannot sign profiles; use an RSA or an ECDSA key")
}

func parseKeyBlock(b *pem.Block) (any, error) {
	if b.Type == "ENCRYPTED PRIVATE KEY" || b.Headers["DEK-Info"] != "" {
		return nil, errors.New("it is protected by a passphrase; remove that with: openssl pkey -in KEY -out NEWKEY")
	}
	switch b.Type {
	case "PRIVATE KEY":
		return x509.ParsePKCS8PrivateKey(b.Bytes)
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(b.Bytes)
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(b.Bytes)
	}
	return nil, fmt.Errorf("%q is an unknown form of key; convert it with: openssl pkey -in KEY -out NEWKEY", b.Type)
}

// parsePEM reads every block. encoding/pem silently skips a damaged one, which
// would lose an intermediate, so that no device trusts the profile.
func parsePEM(data []byte) ([]*pem.Block, error) {
	begun := bytes.Count(data, []byte("-----BEGIN "))
	var blocks []*pem.Block
	for {
		var b *pem.Block
		if b, data = pem.Decode(data); b == nil {
			break
		}
		blocks = append(blocks, b)
	}
	if len(blocks) != begun {
		return nil, fmt.Errorf("%d of its %d PEM blocks are damaged", begun-len(blocks), begun)
	}
	return blocks, nil
}

// checkChain refuses a chain that is not in order: certificate 1 must belong to
// the key, and each further one must be the issuer of the one before. It does
// not reorder, because a file in the wrong order is often the wrong file.
func checkChain(chain []*x509.Certificate, key crypto.PublicKey) error {
	if owner := ownerOf(key, chain); owner < 0 {
		return errors.New("it does not belong to the signing key; take the key and the certificate from the same renewal")
	} else if owner > 0 {
		return fmt.Errorf("it is certificate %d that belongs to the signing key; put that one first, then the one that issued it, and so on", owner+1)
	}
	for i, issuer := range chain[1:] {
		if !issued(issuer, chain[i]) {
			return fmt.Errorf("certificate %d did not issue certificate %d; put the signer's certificate first, then the one that issued it, and so on", i+2, i+1)
		}
	}
	return nil
}

func ownerOf(key crypto.PublicKey, chain []*x509.Certificate) int {
	for i, c := range chain {
		public, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
		if ok && public.Equal(key) {
			return i
		}
	}
	return -1
}

func issued(issuer, c *x509.Certificate) bool {
	return bytes.Equal(issuer.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(issuer) == nil
}

// selfSigned compares names and key identifiers and does not verify the
// signature: some roots that devices trust are signed with SHA-1, which
// crypto/x509 no longer verifies.
func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, c.RawIssuer) &&
		(len(c.AuthorityKeyId) == 0 || bytes.Equal(c.AuthorityKeyId, c.SubjectKeyId))
}
