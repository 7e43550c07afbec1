package report

import (
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"mailsetup/internal/doctor/probe"
)

// failure says in a few words why something could not be fetched; "" if it could. The words
// appear in brackets after names, so they have no subject, which could be one or several.
func failure(f probe.Failure) string {
	switch f.Kind {
	case probe.NoFailure:
		return ""
	case probe.OutOfTime:
		return "out of time"
	case probe.Silent:
		return "no answer in time"
	case probe.Refused:
		return "connection refused"
	case probe.HungUp:
		return "the connection was closed"
	case probe.NoRoute:
		return "no route to host"
	case probe.NoIPv6:
		return "this machine has no IPv6"
	case probe.NoAddress:
		return "no address in DNS"
	case probe.NotPublic:
		return f.Address.String() + " is " + network(f.Network)
	case probe.Microsoft365:
		return "part of Microsoft 365"
	case probe.TooMuch:
		return "an answer of more than 1 MiB"
	case probe.PostLedAstray:
		return "a redirect to somewhere else"
	case probe.RedirectCircle:
		return "redirects in a loop"
	case probe.TooManyRedirects:
		return "too many redirects"
	case probe.NotTLS:
		return "plain text instead of TLS"
	case probe.OldTLS:
		return "no TLS 1.2 or newer"
	case probe.BadHandshake:
		return "the TLS handshake failed"
	case probe.BadCertificate:
		return "the certificate is not valid"
	case probe.NotTheProtocol:
		return "an answer in another protocol"
	case probe.Rejected:
		return fmt.Sprintf("status %d", f.Status)
	case probe.DNSUnreachable:
		return dnsServer(f) + " cannot be reached"
	case probe.DNSSilent:
		return dnsServer(f) + " does not answer"
	case probe.DNSRefused:
		return dnsServer(f) + " answers " + f.Code
	case probe.DNSCutOff:
		return dnsServer(f) + " sends incomplete answers"
	case probe.DNSBudget:
		return "too many DNS queries needed"
	case probe.DNSLame:
		return dnsServer(f) + " is not responsible for the domain"
	case probe.DNSSEC:
		return "the DNSSEC signatures are wrong"
	case probe.Other:
	}
	return "an unknown error"
}

// dnsServer names a DNS server, with its port unless that is 53.
func dnsServer(f probe.Failure) string {
	if host, port, err := net.SplitHostPort(f.Server); err == nil && port == "53" {
		return "the DNS server " + host
	}
	return "the DNS server " + f.Server
}

func network(n probe.Network) string {
	switch n {
	case probe.Metadata:
		return "an address of a cloud's metadata service"
	case probe.Loopback:
		return "a loopback address"
	case probe.LinkLocal:
		return "a link-local address"
	case probe.Private:
		return "a private address"
	case probe.NoHost:
		return "not an address of a host"
	case probe.Public:
	}
	return "a public address"
}

// flaw says what is wrong with a certificate, without its subject.
func flaw(f probe.Flaw) string {
	switch f.Kind {
	case probe.NoFlaw:
		return ""
	case probe.NoCertificate:
		return "there is none"
	case probe.Expired:
		return "it expired on " + day(f.Leaf.NotAfter)
	case probe.NotYetValid:
		return "it is not valid before " + day(f.Leaf.NotBefore)
	case probe.OtherName:
		return "it is for " + namesOf(f.Leaf)
	case probe.SelfSigned:
		return "it is self-signed"
	case probe.NoIntermediate:
		return fmt.Sprintf("its issuer is %q, and the server sends no intermediate certificate", issuerOf(f.Leaf))
	case probe.UnknownAuthority:
	}
	return fmt.Sprintf("its issuer is %q", issuerOf(f.Leaf))
}

func namesOf(c *x509.Certificate) string {
	const few = 4
	names := slices.Clone(c.DNSNames)
	switch {
	case len(names) == 0 && c.Subject.CommonName != "":
		return fmt.Sprintf("%q, in a field that clients do not read", c.Subject.CommonName)
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
