package certs

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"math/rand/v2"
	"time"
)

// An entry is a name that has a certificate, or should have one.
type entry struct {
	name     string
	listed   bool // it is in the table; otherwise it is renewed only while it is allowed
	state    State
	reason   string
	expiry   time.Time     // of its certificate; zero: none
	renewal  time.Time     // when that is due for renewal
	due      time.Time     // when it is checked next
	looked   time.Time     // when the last attempt began
	visited  time.Time     // when a handshake last waited for it
	failures int           // in a row
	running  chan struct{} // closed when the running attempt ends; nil: none is running
}

// ready is called with a certificate that is valid now. If it is due for renewal, it is
// checked again after pause.
func (e *entry) ready(cert *tls.Certificate, checkInterval, pause time.Duration, now time.Time) {
	e.state, e.reason, e.failures = Ready, "", 0
	e.expiry, e.renewal = cert.Leaf.NotAfter, renewalTime(cert.Leaf)
	// Spread out: otherwise a thousand names that were loaded at startup would stay
	// together forever.
	wait := checkInterval/2 + rand.N(checkInterval/2+1)
	if untilRenewal := e.renewal.Sub(now); untilRenewal < wait {
		wait = max(untilRenewal, pause)
	}
	e.due = now.Add(wait)
}

// failed is called when an attempt failed. A certificate that is still valid stays in
// use; the next attempt comes well before it expires.
func (e *entry) failed(state State, reason string, waits []time.Duration, now time.Time) {
	wait := waits[min(e.failures, len(waits)-1)]
	e.failures++
	e.state, e.reason = state, reason
	if e.expiry.After(now) && state != Loading {
		e.state = Ready
		wait = min(wait, max(e.expiry.Sub(now)/4, time.Second))
	}
	e.due = now.Add(wait)
}

// Short at first: a domain's owner who has just published the DNS records expects them to
// work soon.
var dnsWaits = []time.Duration{
	15 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
	5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour,
}

// Let's Encrypt allows five failed validations an hour for a name, and one more every
// twelve minutes (https://letsencrypt.org/docs/rate-limits/).
var orderWaits = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour,
}

// renewalTime returns when two thirds of a certificate's lifetime are over, as Let's
// Encrypt recommends (https://letsencrypt.org/docs/integration-guide/) and certmagic
// does. The authority may ask for an earlier renewal (ARI, RFC 9773).
func renewalTime(leaf *x509.Certificate) time.Time {
	return leaf.NotAfter.Add(-leaf.NotAfter.Sub(leaf.NotBefore) / 3)
}

// byUrgency sorts names that are due: the table's first, then by the end of the
// certificates, those without one last.
func byUrgency(a, b *entry) int {
	return cmp.Or(
		trueFirst(a.listed, b.listed),
		trueFirst(!a.expiry.IsZero(), !b.expiry.IsZero()),
		a.expiry.Compare(b.expiry),
		a.due.Compare(b.due),
		cmp.Compare(a.name, b.name),
	)
}

func trueFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
