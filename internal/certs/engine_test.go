package certs

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeEngine is an authority and a storage, both in memory.
type fakeEngine struct {
	t *testing.T

	mu          sync.Mutex
	certs       map[string]*tls.Certificate // what is stored
	lifetime    time.Duration
	took        time.Duration // how long an order takes
	down        error         // of the authority
	storageDown error
	readOnly    error           // of the storage
	damaged     map[string]bool // whose stored certificate is damaged
	asked       []string        // names for which a certificate was looked for
	orderedAt   []time.Time     // by order
	ordered     []string
}

func newFakeEngine(t *testing.T) *fakeEngine {
	return &fakeEngine{t: t, certs: map[string]*tls.Certificate{}, lifetime: 90 * 24 * time.Hour, took: time.Second}
}

func (f *fakeEngine) load(_ context.Context, name string) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, name)
	if f.storageDown != nil {
		return nil, f.storageDown
	}
	if f.damaged[name] {
		return nil, errDamaged
	}
	if cert := f.certs[name]; cert != nil {
		return cert, nil
	}
	return nil, fs.ErrNotExist
}

func (f *fakeEngine) removeDamaged(_ context.Context, name string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.damaged[name] || f.readOnly != nil {
		return false, f.readOnly
	}
	delete(f.damaged, name)
	delete(f.certs, name)
	return true, nil
}

func (f *fakeEngine) update(ctx context.Context, name string, _ int) (*tls.Certificate, error) {
	f.mu.Lock()
	cert, took, down, lifetime, damaged := f.certs[name], f.took, f.down, f.lifetime, f.damaged[name]
	f.mu.Unlock()
	if damaged {
		return nil, errDamaged
	}
	if cert != nil && time.Now().Before(renewalTime(cert.Leaf)) {
		return cert, nil
	}
	f.mu.Lock()
	f.ordered, f.orderedAt = append(f.ordered, name), append(f.orderedAt, time.Now())
	f.mu.Unlock()
	select {
	case <-time.After(took):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if down != nil {
		return nil, down
	}
	return f.store(name, time.Now(), lifetime), nil
}

// store makes a certificate and stores it.
func (f *fakeEngine) store(name string, from time.Time, lifetime time.Duration) *tls.Certificate {
	cert := selfSigned(f.t, from, lifetime, name)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.certs[name] = cert
	return cert
}

func (f *fakeEngine) stored(context.Context, bool) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for name := range f.certs {
		names = append(names, name)
	}
	return names, f.storageDown
}

func (f *fakeEngine) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeEngine) ordersFor(name string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, ordered := range f.ordered {
		if ordered == name {
			n++
		}
	}
	return n
}

func (f *fakeEngine) orderCount() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.ordered)
}

// askedCount is how often the storage was asked for a certificate.
func (f *fakeEngine) askedCount() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asked)
}

func (f *fakeEngine) clean(context.Context) error { return nil }
func (f *fakeEngine) stop()                       {}
func (f *fakeEngine) orders() OrderCounts         { return OrderCounts{} }

func (f *fakeEngine) challenge(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return nil, errors.New("no order is running")
}

func (f *fakeEngine) httpChallenge(w http.ResponseWriter, _ *http.Request) bool {
	fmt.Fprint(w, "the answer")
	return true
}

var testKey = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

func selfSigned(t *testing.T, from time.Time, lifetime time.Duration, names ...string) *tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(from.UnixNano()), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: from, NotAfter: from.Add(lifetime),
	}
	if names[0] == "" {
		template.DNSNames = nil
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, testKey().Public(), testKey())
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: testKey(), Leaf: leaf}
}

// run starts an ACME with a fake engine; it ends with the test.
func run(t *testing.T, e *fakeEngine, cfg ACMEConfig) *ACME {
	t.Helper()
	cfg.Email = "owner@example.com"
	a := newACME(withDefaults(cfg), e)
	a.Refresh()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return a
}

// logText is a log that can be read while it is written.
type logText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logText) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func names(names ...string) func() iter.Seq[string] {
	return func() iter.Seq[string] { return slices.Values(names) }
}

// visit is a handshake without the network.
func visit(a *ACME, name string) (*tls.Certificate, error) {
	return a.certificateFor(context.Background(), name)
}

func (a *ACME) stateOf(name string) State {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e := a.entries[name]; e != nil {
		return e.state
	}
	return 0
}
