package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"mailsetup/internal/filewatch"
	"mailsetup/profiles"
)

// SignerFiles are the PEM files used to sign profiles. Both empty: profiles are not
// signed.
type SignerFiles struct {
	Cert string // the certificate, followed by its intermediates
	Key  string // its private key, not readable by everybody
}

const (
	// maxPEM limits what is read of a file named by mistake; a chain with a key
	// has less than 16 KiB.
	maxPEM = 1 << 20
	// signerWait is how long a request waits for a free core. A signature with
	// an RSA key takes about a millisecond.
	signerWait = time.Second
)

// A signer signs profiles with the key currently in its files. At most one
// signature per core is made at a time, so that many requests for profiles
// cannot starve the others.
type signer struct {
	files SignerFiles // or, if these are empty,
	tls   func() (*tls.Certificate, error)
	watch filewatch.Set
	log   *slog.Logger
	slots chan struct{}

	mu      sync.RWMutex
	current *profiles.Signer         // nil: the TLS certificate does not exist yet
	pair    *tls.Certificate         // that current was made from, if any
	cached  map[string]signedProfile // signed generic profiles, by the entity tag of the unsigned one
}

// newSigner loads the files; nil without files and without a TLS certificate.
func newSigner(files SignerFiles, pair func() (*tls.Certificate, error), log *slog.Logger) (*signer, error) {
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	switch {
	case pair != nil && files != (SignerFiles{}):
		return nil, errors.New("profiles are signed with files or with the TLS certificate, not with both")
	case pair != nil:
		return &signer{tls: pair, log: log, slots: slots, cached: map[string]signedProfile{}}, nil
	case files == (SignerFiles{}):
		return nil, nil
	}
	if files.Cert == "" || files.Key == "" {
		return nil, fmt.Errorf("profiles are signed with a certificate and its key: give both, or neither")
	}
	s := &signer{files: files, log: log, slots: slots}
	if err := s.watch.Load(s.load); err != nil {
		return nil, err
	}
	return s, nil
}

// Read reads the files, which may be one and the same, and records them in set.
func (f SignerFiles) Read(set *filewatch.Set) (*profiles.Signer, error) {
	cert, err := set.Read(f.Cert, maxPEM)
	if err != nil {
		return nil, fmt.Errorf("signing certificate: %w", err)
	}
	key, err := set.ReadSecret(f.Key, maxPEM)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	loaded, err := profiles.NewSigner(profiles.SignerConfig{Certificate: cert, Key: key})
	if err != nil {
		return nil, fmt.Errorf("%w (certificate %s, key %s)", err, f.Cert, f.Key)
	}
	return loaded, nil
}

func (s *signer) load() error {
	loaded, err := s.files.Read(&s.watch)
	if err == nil {
		s.use(loaded)
	}
	return err
}

func (s *signer) use(loaded *profiles.Signer) {
	s.mu.Lock()
	s.current, s.cached = loaded, map[string]signedProfile{}
	s.mu.Unlock()
	for _, w := range loaded.Warnings() {
		s.log.Warn("signing certificate", "warning", w)
	}
	if err := loaded.Valid(); err != nil {
		s.log.Error("profiles are answered with 503 until the signing files are renewed", "error", err)
	}
}

// reload reads the files now.
func (s *signer) reload() error {
	if s.tls != nil {
		return nil // checked whenever it is needed
	}
	return s.watch.Load(s.loadAgain)
}

// poll picks up changed files that have settled.
func (s *signer) poll() error {
	if s.tls != nil {
		return nil
	}
	return s.watch.Poll(s.loadAgain)
}

// errNoCertificate means that the certification authority has not issued one yet.
var errNoCertificate = fmt.Errorf("%w: there is no certificate for the public URL yet", profiles.ErrSignerExpired)

// live returns the current signer.
func (s *signer) live() (*profiles.Signer, error) {
	if s.tls != nil {
		s.renew()
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.current == nil {
		return nil, errNoCertificate
	}
	return s.current, nil
}

// renew adopts a renewed TLS certificate. Until there is one, the previous one keeps
// signing as long as it is valid.
func (s *signer) renew() {
	pair, err := s.tls()
	s.mu.RLock()
	known := err != nil || pair == s.pair
	s.mu.RUnlock()
	if known {
		return
	}
	loaded, err := profiles.NewSigner(profiles.SignerConfig{Pair: pair})
	if err != nil {
		s.log.Error("the TLS certificate cannot sign profiles", "error", err)
	} else {
		s.use(loaded)
	}
	s.mu.Lock()
	s.pair = pair
	s.mu.Unlock()
}

// loadAgain is load for a signer that already has files, and logs the result. If
// the files do not match, as between copying one and the other, the current signer
// stays in use.
func (s *signer) loadAgain() error {
	err := s.load()
	switch {
	case errors.Is(err, filewatch.ErrUnsettled): // tried again later
	case err != nil:
		s.log.Error("the signing files cannot be used; the ones loaded before stay in use", "error", err)
	default:
		s.log.Info("signing files loaded", "expires", s.notAfter())
	}
	return err
}

// notAfter returns when the certificate expires; zero if there is none yet.
func (s *signer) notAfter() time.Time {
	current, err := s.live()
	if err != nil {
		return time.Time{}
	}
	return current.NotAfter()
}

// valid reports whether profiles can be signed now.
func (s *signer) valid() error {
	current, err := s.live()
	if err != nil {
		return err
	}
	return current.Valid()
}

// sign signs one profile.
func (s *signer) sign(ctx context.Context, plist []byte) ([]byte, error) {
	wait, cancel := context.WithTimeout(ctx, signerWait)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-wait.Done():
		return nil, errSignerBusy
	}
	current, err := s.live()
	if err != nil {
		return nil, err
	}
	return current.Sign(plist)
}

// A signedProfile is a signed generic profile with its entity tag.
type signedProfile struct {
	body []byte
	etag string
}

// signGeneric signs a profile that is the same for everybody and keeps the result
// as long as the key. Its entity tag is computed from the unsigned document and the
// certificates: signatures contain the time and always differ, while a cached copy
// that is unsigned or signed with another key must become invalid.
func (s *signer) signGeneric(ctx context.Context, unsigned []byte) (body []byte, etag string, err error) {
	key := etagOf(unsigned)
	current, err := s.live()
	if err != nil {
		return nil, "", err
	}
	s.mu.RLock()
	signed, ok := s.cached[key]
	s.mu.RUnlock()
	if ok && current.Valid() == nil {
		return signed.body, signed.etag, nil
	}
	if body, err = s.sign(ctx, unsigned); err != nil {
		return nil, "", err
	}
	etag = etagOf(append([]byte(key), current.Certificates()...))
	s.mu.Lock()
	if s.current == current {
		s.cached[key] = signedProfile{body, etag}
	}
	s.mu.Unlock()
	return body, etag, nil
}
