package doctor

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A flaw is what is wrong with a certificate.
type flaw struct {
	id     ID
	detail string
}

// judgeCertificate names the first flaw of a chain. The order is that of cures: an
// expired certificate wants renewal whatever else is wrong with it, and a server's
// own stand-in certificate wants one for the name.
func judgeCertificate(chain []*x509.Certificate, host string, roots *x509.CertPool, now time.Time) flaw {
	if len(chain) == 0 {
		return flaw{CertificateUntrusted, "the server shows none"}
	}
	leaf := chain[0]
	switch {
	case now.After(leaf.NotAfter):
		return flaw{CertificateExpired, "it ended on " + day(leaf.NotAfter)}
	case now.Before(leaf.NotBefore):
		return flaw{CertificateExpired, "it begins on " + day(leaf.NotBefore) + "; is the clock right?"}
	}
	if leaf.VerifyHostname(host) != nil {
		return flaw{CertificateName, "it is for " + namesOf(leaf)}
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now})
	switch {
	case err == nil:
		return flaw{}
	case leaf.Issuer.String() == leaf.Subject.String():
		return flaw{CertificateUntrusted, "it is signed by itself"}
	case len(chain) == 1:
		return flaw{CertificateUntrusted, fmt.Sprintf("its issuer is %q, and the server sends no intermediate certificate", issuerOf(leaf))}
	}
	return flaw{CertificateUntrusted, fmt.Sprintf("its issuer is %q", issuerOf(leaf))}
}

// endsSoon reports whether a certificate should have been renewed by now: ACME
// clients do it when a third of the lifetime is left, and lifetimes differ between
// six days and a year (https://letsencrypt.org/docs/integration-guide/#when-to-renew).
func endsSoon(leaf *x509.Certificate, now time.Time) bool {
	return leaf != nil && now.Before(leaf.NotAfter) && 3*leaf.NotAfter.Sub(now) < leaf.NotAfter.Sub(leaf.NotBefore)
}

func namesOf(c *x509.Certificate) string {
	const few = 4
	names := slices.Clone(c.DNSNames)
	switch {
	case len(names) == 0 && c.Subject.CommonName != "":
		return fmt.Sprintf("%q, a name of the old kind that clients do not look at", c.Subject.CommonName)
	case len(names) == 0:
		return "no name at all"
	case len(names) > few:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
	}
	return strings.Join(names, ", ")
}

func issuerOf(c *x509.Certificate) string {
	if c.Issuer.CommonName != "" {
		return c.Issuer.CommonName
	}
	return c.Issuer.String()
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
