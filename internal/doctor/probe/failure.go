package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"

	"github.com/emersion/go-smtp"
)

// A FailureKind says why something failed.
type FailureKind uint8

// The kinds of failure.
const (
	// NoFailure: it worked, or was not tried.
	NoFailure FailureKind = iota
	// OutOfTime: the whole check ran out of time, which says nothing about the
	// other side.
	OutOfTime
	// Silent: no answer in the time that clients allow.
	Silent
	// Refused: nothing listens there.
	Refused
	// HungUp: the connection was closed before the answer was complete.
	HungUp
	// NoRoute: there is no route to it.
	NoRoute
	// NoIPv6: this machine has no IPv6.
	NoIPv6
	// NoAddress: the name has no address.
	NoAddress
	// NotPublic: the address is not public and was not dialled.
	NotPublic
	// Microsoft365: it belongs to Microsoft and was not asked.
	Microsoft365
	// TooMuch: it sends more than any legitimate server would.
	TooMuch
	// PostLedAstray: a redirect sends a POST to a URL that is not Autodiscover's.
	PostLedAstray
	// RedirectCircle: redirects form a loop.
	RedirectCircle
	// TooManyRedirects: more redirects than clients follow.
	TooManyRedirects
	// NotTLS: it answers in plaintext instead of TLS.
	NotTLS
	// OldTLS: it supports no version of TLS from 1.2 on.
	OldTLS
	// BadHandshake: the TLS handshake fails for another reason.
	BadHandshake
	// BadCertificate: the target of a redirect has a certificate that is not valid
	// for its name.
	BadCertificate
	// NotTheProtocol: what it sends is not HTTP, IMAP or SMTP.
	NotTheProtocol
	// Rejected: it refuses with a status; see Status.
	Rejected
	// DNSUnreachable, DNSSilent: a DNS server cannot be reached, or does not answer.
	DNSUnreachable
	DNSSilent
	// DNSRefused: a resolver answers with an error; see Code.
	DNSRefused
	// DNSCutOff: the answer is truncated, even by TCP.
	DNSCutOff
	// DNSBudget: more queries were needed than [Limits] allow.
	DNSBudget
	// DNSLame: a name server does not have the zone.
	DNSLame
	// DNSSEC: a resolver refuses the answer, but gives it when asked not to
	// validate (RFC 4035, section 3.2.2).
	DNSSEC
	// Other: any other reason.
	Other
)

// A Failure is the reason why something failed. The zero value means none.
type Failure struct {
	Kind FailureKind
	// Server is the DNS server that was asked, as HOST:PORT.
	Server string
	// Code is the name of a DNS response code, such as SERVFAIL.
	Code string
	// Status is the code of an SMTP reply.
	Status int
	// Address and Network say which address is not public, and why.
	Address netip.Addr
	Network Network
}

// Error lets a Failure pass through the standard library. It is not for people.
func (f Failure) Error() string { return "probe failure" }

// Failed reports whether there is a failure.
func (f Failure) Failed() bool { return f.Kind != NoFailure }

// InDNS reports whether DNS could not be asked.
func (f Failure) InDNS() bool {
	switch f.Kind {
	case DNSUnreachable, DNSSilent, DNSRefused, DNSCutOff, DNSBudget, DNSLame, DNSSEC:
		return true
	case NoFailure, OutOfTime, Silent, Refused, HungUp, NoRoute, NoIPv6, NoAddress, NotPublic, Microsoft365, TooMuch,
		PostLedAstray, RedirectCircle, TooManyRedirects, NotTLS, OldTLS, BadHandshake, BadCertificate, NotTheProtocol, Rejected, Other:
	}
	return false
}

// SaysNothing reports whether the failure says nothing about the other side: it
// could not be asked from here, or not in time.
func (f Failure) SaysNothing() bool {
	return f.InDNS() && f.Kind != DNSSEC || f.Kind == OutOfTime || f.Kind == NoIPv6
}

// alertProtocolVersion is TLS's protocol_version (RFC 8446, section 6).
const alertProtocolVersion = tls.AlertError(70)

// failureOf classifies an error. A Failure inside it takes precedence.
func failureOf(err error) Failure {
	if err == nil {
		return Failure{}
	}
	if f, ok := errors.AsType[Failure](err); ok {
		return f
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return Failure{Kind: BadCertificate}
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return Failure{Kind: NotTLS}
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		if alert == alertProtocolVersion {
			return Failure{Kind: OldTLS}
		}
		return Failure{Kind: BadHandshake}
	}
	if reply, ok := errors.AsType[*smtp.SMTPError](err); ok {
		return Failure{Kind: Rejected, Status: reply.Code}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return Failure{Kind: Silent}
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return Failure{Kind: Silent}
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Failure{Kind: Refused}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
		return Failure{Kind: NoRoute}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return Failure{Kind: HungUp}
	// crypto/tls and net/http have no type for these.
	case strings.Contains(err.Error(), "HTTP response to HTTPS client"):
		return Failure{Kind: NotTLS}
	case strings.Contains(err.Error(), "protocol version"):
		return Failure{Kind: OldTLS}
	case strings.Contains(err.Error(), "tls: "):
		return Failure{Kind: BadHandshake}
	case strings.Contains(err.Error(), "malformed HTTP"):
		return Failure{Kind: NotTheProtocol}
	}
	return Failure{Kind: Other}
}
