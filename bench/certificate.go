//go:build linux

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// withTLS makes a certificate, and returns what a client needs to trust it and the flags
// of a server that hosts one domain with it.
func withTLS(e env) (client *tls.Config, args []string, err error) {
	certFile, keyFile := filepath.Join(e.folder, "tls.pem"), filepath.Join(e.folder, "tls.key")
	cert, err := writeCertificate(certFile, keyFile, "a.example", "autoconfig.a.example", "autodiscover.a.example")
	if err != nil {
		return nil, nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Config{RootCAs: roots}, slices.Concat(hosting, []string{"--tls-cert", certFile, "--tls-key", keyFile, "--http-listen", "off"}), nil
}

// writeCertificate writes a certificate that signs itself, and its key, in PEM.
func writeCertificate(certFile, keyFile string, names ...string) (*x509.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
