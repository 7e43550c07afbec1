// Package certs gives the server its certificates: from files ([Files]), or from a
// certification authority by ACME, RFC 8555 ([ACME]).
//
// With ACME it promises the following.
//
//   - Names of the table have their certificates before the first request, and keep
//     them. Mail clients ask for settings a few times a year and give up soon
//     (Thunderbird after five seconds), so certificates are not obtained only at the
//     first visit.
//   - A name outside the table gets a certificate only if Allowed permits it and the
//     name points here. It is obtained at the first visit and renewed from then on.
//   - Any other name is refused at once, with the alert unrecognized_name. Such a
//     request reaches neither the authority nor the storage.
//   - Stored certificates are served even if the authority, DNS, or the server that
//     replicas share is down. For others, a handshake waits three seconds at most.
//   - Orders stay below the limits of Let's Encrypt, however many names there are, and
//     visitors cannot use up the share of the table's names.
//   - Replicas that share a storage make only one order per name, and any of them can
//     answer the authority's challenge.
//
// certmagic speaks ACME; this package decides when to use it, and how much a handshake
// may cost. certmagic's own on-demand mode is not used: it renews a certificate only
// when somebody visits it, and holds a handshake for up to three minutes.
package certs

import (
	"crypto/tls"
	"strings"
)

// A getCertificate finds the certificate for a handshake. Both results nil: the name is
// not ours, and crypto/tls answers with the alert unrecognized_name (RFC 6066, section
// 3).
type getCertificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)

// tlsConfig returns the configuration of every listener. TLS 1.2 is the minimum (RFC
// 9325, section 3.1.1). Protocols other than HTTP's are for ACME.
func tlsConfig(get getCertificate, more ...string) *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     append([]string{"h2", "http/1.1"}, more...),
		GetCertificate: get,
	}
}

// parseHost returns a host name in the form used in certificates. It fails for names
// that no public authority would certify: IP addresses, single labels, wildcards,
// characters that DNS names of hosts do not have.
func parseHost(s string) (host string, ok bool) {
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	if len(s) > 253 {
		return "", false
	}
	labels := strings.Split(s, ".")
	if len(labels) < 2 || !strings.ContainsFunc(labels[len(labels)-1], isLetter) {
		return "", false
	}
	for _, label := range labels {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", false
		}
		for _, c := range label {
			if !isLetter(c) && (c < '0' || c > '9') && c != '-' {
				return "", false
			}
		}
	}
	return s, true
}

func isLetter(c rune) bool { return 'a' <= c && c <= 'z' }
