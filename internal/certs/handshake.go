package certs

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"slices"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// coldTimeout is how long a handshake waits for a certificate that is not in memory:
	// Thunderbird gives up after five seconds (FetchHTTP.sys.mjs in
	// mozilla/releases-comm-central), and has other URLs to ask.
	coldTimeout = 3 * time.Second
	// maxColdHandshakes limits the memory of waiting handshakes, some 40 KB each.
	maxColdHandshakes = 256
	// maxVisits is how many names may be queued because a handshake waits for them.
	maxVisits = 64
	// visitInterval is how soon a name is checked again because a handshake waits.
	visitInterval = 5 * time.Second
	// maxServed is how many certificates are kept in memory, a few KB each. The
	// others are read from disk when needed.
	maxServed = 4096
)

var (
	errBusy     = errors.New("too many handshakes are waiting for a certificate: try again in a moment")
	errNotReady = errors.New("the certificate is not ready: try again in a moment")
)

// A certCache holds the most recently used certificates.
type certCache struct {
	certs *lru.Cache[string, *tls.Certificate]
}

func newCertCache() certCache {
	certs, err := lru.New[string, *tls.Certificate](maxServed)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return certCache{certs}
}

// get returns a certificate that is valid now, or nil.
func (c certCache) get(name string, now time.Time) *tls.Certificate {
	if cert, ok := c.certs.Get(name); ok && now.Before(cert.Leaf.NotAfter) {
		return cert
	}
	return nil
}

func (c certCache) put(name string, cert *tls.Certificate) { c.certs.Add(name, cert) }

// TLSConfig is for the listener at port 443.
func (a *ACME) TLSConfig() *tls.Config { return tlsConfig(a.getCertificate, acmeProtocol) }

func (a *ACME) getCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name, ok := parseHost(hello.ServerName)
	switch {
	case !ok:
		a.refused.Add(1)
		return nil, nil
	case !slices.Equal(hello.SupportedProtos, []string{acmeProtocol}):
		return a.certificateFor(hello.Context(), name)
	case a.wanted(name):
		return a.answerAuthority(hello)
	}
	a.refused.Add(1)
	return nil, nil
}

// certificateFor is called in every handshake. A certificate that is not in memory
// is looked for only if the name is wanted. Both results nil: it is not.
func (a *ACME) certificateFor(ctx context.Context, name string) (*tls.Certificate, error) {
	if cert := a.served.get(name, time.Now()); cert != nil {
		return cert, nil
	}
	if !a.wanted(name) {
		a.refused.Add(1)
		return nil, nil
	}
	cert, err := a.awaitCertificate(ctx, name)
	if err != nil {
		a.unready.Add(1)
	}
	return cert, err
}

// awaitCertificate waits for a certificate that is not in memory. All handshakes for
// one name share one search, which continues even if they give up.
func (a *ACME) awaitCertificate(ctx context.Context, name string) (*tls.Certificate, error) {
	select {
	case a.cold <- struct{}{}:
		defer func() { <-a.cold }()
	default:
		return nil, errBusy
	}
	ctx, cancel := context.WithTimeout(ctx, coldTimeout)
	defer cancel()
	found := a.loads.DoChan(name, func() (any, error) { return a.findCertificate(name) })
	select {
	case result := <-found:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*tls.Certificate), nil
	case <-ctx.Done():
		return nil, errNotReady
	}
}

// findCertificate reads the storage and, if there is nothing, orders a certificate.
func (a *ACME) findCertificate(name string) (*tls.Certificate, error) {
	ctx, cancel := context.WithTimeout(context.Background(), coldTimeout)
	defer cancel()
	cert, err := a.engine.load(ctx, name)
	if err == nil && time.Now().Before(cert.Leaf.NotAfter) {
		a.served.put(name, cert)
		return cert, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errDamaged) {
		return nil, err
	}
	running := a.visit(name)
	if running == nil {
		return nil, errNotReady
	}
	select {
	case <-running:
	case <-ctx.Done():
		return nil, errNotReady
	}
	if cert := a.served.get(name, time.Now()); cert != nil {
		return cert, nil
	}
	return nil, errNotReady
}

// visit has a name checked because a handshake waits for it. The channel is closed
// when that is done; nil: it is too soon, or too many are queued.
func (a *ACME) visit(name string) <-chan struct{} {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.entryFor(name, now)
	if e == nil {
		return nil
	}
	if e.running != nil {
		return e.running
	}
	// The authority counts refusals, so an order is not repeated at will. But
	// whatever DNS said before, a client that uses this name has reached this
	// server.
	if e.state == Failed && e.due.After(now) || now.Sub(e.looked) < visitInterval {
		return nil
	}
	running := make(chan struct{})
	e.running = running
	if e.state == Loading {
		e.state = Pending // it was read just now, without a result
	}
	select {
	case a.visits <- e:
		return running
	default:
		e.running = nil
		return nil
	}
}

// serveVisits checks names that handshakes wait for.
func (a *ACME) serveVisits(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-a.visits:
			a.attemptFor(ctx, e, a.turnAtOnce)
			a.release(e)
		}
	}
}

// turnAtOnce is for a visited name: waiting for its turn would delay the next
// visit, so it continues in the background instead.
func (a *ACME) turnAtOnce(context.Context) error {
	if !a.pace.Allow() {
		return errNotReady
	}
	return nil
}
