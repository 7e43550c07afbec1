package report

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"mailsetup/internal/doctor/probe"
)

// failure says in a few words why something could not be had; "" if it could.
func failure(f probe.Failure) string {
	switch f.Kind {
	case probe.NoFailure:
		return ""
	case probe.OutOfTime:
		return "the time was up"
	case probe.Silent:
		return "no answer in time"
	case probe.Refused:
		return "connection refused"
	case probe.HungUp:
		return "the connection was closed"
	case probe.NoRoute:
		return "the network does not lead there"
	case probe.NoIPv6:
		return "this machine has no IPv6"
	case probe.NoAddress:
		return "it has no address"
	case probe.NotPublic:
		return f.Address.String() + " is " + network(f.Network)
	case probe.Microsoft365:
		return "it belongs to Microsoft 365"
	case probe.TooMuch:
		return "it sends more than 1 MiB"
	case probe.PostLedAstray:
		return "it redirects elsewhere"
	case probe.RedirectCircle:
		return "it redirects in a circle"
	case probe.TooManyRedirects:
		return "it redirects too often"
	case probe.NotTLS:
		return "it answers without TLS"
	case probe.OldTLS:
		return "it does not offer TLS 1.2 or newer"
	case probe.BadHandshake:
		return "the TLS handshake fails"
	case probe.BadCertificate:
		return "its certificate is not valid for that name"
	case probe.NotTheProtocol:
		return "it answers in another protocol"
	case probe.Rejected:
		return fmt.Sprintf("it answers with status %d", f.Status)
	case probe.DNSUnreachable:
		return "the DNS server " + f.Server + " cannot be reached"
	case probe.DNSSilent:
		return "the DNS server " + f.Server + " does not answer"
	case probe.DNSRefused:
		return "the DNS server " + f.Server + " answers " + f.Code
	case probe.DNSCutOff:
		return "the DNS server " + f.Server + " sends half an answer"
	case probe.DNSBudget:
		return "too many questions were needed"
	case probe.DNSLame:
		return "the name server " + f.Server + " does not hold the zone"
	case probe.DNSSEC:
		return "the DNSSEC signatures are wrong"
	case probe.Other:
	}
	return "it fails in an unusual way"
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
		return "the server shows none"
	case probe.Expired:
		return "it ended on " + day(f.Leaf.NotAfter)
	case probe.NotYetValid:
		return "it begins on " + day(f.Leaf.NotBefore) + "; is the clock right?"
	case probe.OtherName:
		return "it is for " + namesOf(f.Leaf)
	case probe.SelfSigned:
		return "it is signed by itself"
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
		return fmt.Sprintf("%q, in a field that clients no longer read", c.Subject.CommonName)
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
