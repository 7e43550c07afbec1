package certs

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"mailsetup/internal/filewatch"
)

// maxPEM limits what is read of a file named by mistake; a chain with a key has less
// than 16 KiB.
const maxPEM = 1 << 20

// A FilePair names a certificate, followed by its intermediates, and its key, both in
// PEM. They may be one file. The key must not be readable by everybody.
type FilePair struct{ Cert, Key string }

// FilesConfig configures certificates from files.
type FilesConfig struct {
	Pairs []FilePair   // at least one
	Log   *slog.Logger // may be nil
}

// Files serves certificates from files and reloads changed files, all pairs at once or
// none: if the files do not match, as between copying one and the other, the current
// ones stay in use. Its methods are safe for concurrent use.
type Files struct {
	pairs   []FilePair
	log     *slog.Logger
	watch   filewatch.Set
	current atomic.Pointer[[]*tls.Certificate]
	refused atomic.Uint64
	reload  chan chan error // from Reload to Run
}

// NewFiles loads the files.
func NewFiles(cfg FilesConfig) (*Files, error) {
	if len(cfg.Pairs) == 0 {
		return nil, errors.New("TLS needs a certificate and its key: give both files")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	f := &Files{pairs: cfg.Pairs, log: cfg.Log, reload: make(chan chan error)}
	if err := f.watch.Load(f.load); err != nil {
		return nil, err
	}
	f.warn()
	return f, nil
}

func (f *Files) load() error {
	var loaded []*tls.Certificate
	for _, pair := range f.pairs {
		cert, err := f.watch.Read(pair.Cert, maxPEM)
		if err != nil {
			return fmt.Errorf("TLS certificate: %w", err)
		}
		key, err := f.watch.ReadSecret(pair.Key, maxPEM)
		if err != nil {
			return fmt.Errorf("TLS key: %w", err)
		}
		parsed, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return fmt.Errorf("%w (certificate %s, key %s)", err, pair.Cert, pair.Key)
		}
		if len(parsed.Leaf.DNSNames) == 0 {
			return fmt.Errorf("%s is for no name, so no client accepts it: it needs DNS names as subject alternative names", pair.Cert)
		}
		loaded = append(loaded, &parsed)
	}
	f.current.Store(&loaded)
	return nil
}

// warn logs certificates that clients will refuse. They are served anyway: a
// client's error then says what is wrong.
func (f *Files) warn() {
	now := time.Now()
	for i, cert := range *f.current.Load() {
		switch {
		case now.After(cert.Leaf.NotAfter):
			f.log.Error("a TLS certificate has expired: clients refuse it", "file", f.pairs[i].Cert, "expired", cert.Leaf.NotAfter)
		case now.Before(cert.Leaf.NotBefore):
			f.log.Error("a TLS certificate is not valid yet: clients refuse it", "file", f.pairs[i].Cert, "valid_from", cert.Leaf.NotBefore)
		}
	}
}

// loadAgain is load for files that are already in use.
func (f *Files) loadAgain() error {
	err := f.load()
	switch {
	case errors.Is(err, filewatch.ErrUnsettled): // tried again later
	case err != nil:
		f.log.Error("the TLS files cannot be used; the ones loaded before stay in use", "error", err)
	default:
		f.log.Info("TLS files loaded", "expires", f.Status().Earliest)
		f.warn()
	}
	return err
}

// Run reloads changed files until ctx ends.
func (f *Files) Run(ctx context.Context) {
	ticker := time.NewTicker(filewatch.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_ = f.watch.Poll(f.loadAgain) // logged
		case answer := <-f.reload:
			answer <- f.watch.Load(f.loadAgain)
		}
	}
}

// Reload reads the files now; Run must be running. It returns why they cannot be used.
func (f *Files) Reload(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case f.reload <- answer:
		return <-answer
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TLSConfig is for the listener at port 443.
func (f *Files) TLSConfig() *tls.Config { return tlsConfig(f.getCertificate) }

// getCertificate chooses by name. A client that sends no name, as some health checks
// do, gets the first pair; one that sends another name could use none of them.
func (f *Files) getCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	pairs := *f.current.Load()
	if hello.ServerName == "" {
		return pairs[0], nil
	}
	var fallback *tls.Certificate // fits the name, but not what the client can verify
	for _, cert := range pairs {
		if cert.Leaf.VerifyHostname(hello.ServerName) != nil {
			continue
		}
		if hello.SupportsCertificate(cert) == nil {
			return cert, nil
		}
		if fallback == nil {
			fallback = cert
		}
	}
	if fallback == nil {
		f.refused.Add(1)
	}
	return fallback, nil
}

// Certificate returns the certificate that is served for a name, or an error that
// wraps fs.ErrNotExist.
func (f *Files) Certificate(name string) (*tls.Certificate, error) {
	for _, cert := range *f.current.Load() {
		if cert.Leaf.VerifyHostname(name) == nil {
			return cert, nil
		}
	}
	return nil, fmt.Errorf("none of the TLS files is for %s: %w", name, fs.ErrNotExist)
}

// Status describes the pairs in use. Every pair is ready.
func (f *Files) Status() Status {
	pairs := *f.current.Load()
	s := Status{Counts: map[State]int{Ready: len(pairs)}, Refused: f.refused.Load()}
	for _, cert := range pairs {
		if s.Earliest.IsZero() || cert.Leaf.NotAfter.Before(s.Earliest) {
			s.Earliest = cert.Leaf.NotAfter
		}
	}
	return s
}
