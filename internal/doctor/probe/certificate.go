package probe

import (
	"crypto/x509"
	"time"
)

// A FlawKind is what is wrong with a certificate.
type FlawKind uint8

// The kinds of flaws.
const (
	NoFlaw FlawKind = iota
	// NoCertificate: the server shows none.
	NoCertificate
	// Expired, NotYetValid: it is no longer valid, or not yet.
	Expired
	NotYetValid
	// OtherName: it is for other names.
	OtherName
	// SelfSigned: it is its own issuer.
	SelfSigned
	// NoIntermediate: its issuer is unknown, and the server sends no intermediate.
	NoIntermediate
	// UnknownAuthority: its chain ends at an authority that is not trusted.
	UnknownAuthority
)

// A Flaw is what is wrong with the certificate that a server shows. The zero value
// means none.
type Flaw struct {
	Kind FlawKind
	Leaf *x509.Certificate // nil for NoCertificate
}

// flawOf names the first flaw of a chain, in the order of cures: an expired
// certificate must be renewed whatever else is wrong with it, and a server's
// default certificate must be replaced by one for the name.
func flawOf(chain []*x509.Certificate, host string, roots *x509.CertPool, now time.Time) Flaw {
	if len(chain) == 0 {
		return Flaw{Kind: NoCertificate}
	}
	leaf := chain[0]
	switch {
	case now.After(leaf.NotAfter):
		return Flaw{Expired, leaf}
	case now.Before(leaf.NotBefore):
		return Flaw{NotYetValid, leaf}
	case leaf.VerifyHostname(host) != nil:
		return Flaw{OtherName, leaf}
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now})
	switch {
	case err == nil:
		return Flaw{}
	case leaf.Issuer.String() == leaf.Subject.String():
		return Flaw{SelfSigned, leaf}
	case len(chain) == 1:
		return Flaw{NoIntermediate, leaf}
	}
	return Flaw{UnknownAuthority, leaf}
}

// EndsSoon reports whether a certificate should have been renewed by now: ACME
// clients do it when a third of the lifetime is left, and lifetimes differ between
// six days and a year (https://letsencrypt.org/docs/integration-guide/#when-to-renew).
func EndsSoon(leaf *x509.Certificate, now time.Time) bool {
	return leaf != nil && now.Before(leaf.NotAfter) && 3*leaf.NotAfter.Sub(now) < leaf.NotAfter.Sub(leaf.NotBefore)
}
