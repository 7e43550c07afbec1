package server

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"

	"mailsetup/profiles"
)

// SignerFiles are the PEM files that sign profiles. Both empty: profiles are
// not signed.
type SignerFiles struct {
	Cert string // the certificate and, after it, its intermediates
	Key  string // its private key, not readable by everybody
}

const (
	// signerPoll is how often the files are looked at. Certificates are renewed
	// weeks before they end, so minutes would do; ten seconds let somebody who
	// has just copied new files see that they work.
	signerPoll = 10 * time.Second
	// signerWait is how long a request waits for a free core. A signature with
	// an RSA key takes about a millisecond.
	signerWait = time.Second
)

// A signer signs profiles with the key that is in its files now. At most one
// signature per core is made at a time, so that a crowd at the profile routes
// cannot starve the others.
type signer struct {
	files SignerFiles
	log   *slog.Logger
	slots chan struct{}

	mu      sync.RWMutex
	current *profiles.Signer
	seen    [sha256.Size]byte
	cached  map[string]*document // generic profiles signed with current, by ETag
}

// newSigner loads the files; nil without files.
func newSigner(files SignerFiles, log *slog.Logger) (*signer, error) {
	if files == (SignerFiles{}) {
		return nil, nil
	}
	if files.Cert == "" || files.Key == "" {
		return nil, fmt.Errorf("profiles are signed with a certificate and its key: give both, or neither")
	}
	s := &signer{files: files, log: log, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
	// Before loading: files that change meanwhile are then loaded once too often,
	// never once too seldom.
	s.seen = s.fingerprint()
	loaded, err := profiles.LoadSigner(files.Cert, files.Key)
	if err != nil {
		return nil, err
	}
	s.use(loaded)
	return s, nil
}

func (s *signer) use(loaded *profiles.Signer) {
	s.mu.Lock()
	s.current, s.cached = loaded, map[string]*document{}
	s.mu.Unlock()
	for _, w := range loaded.Warnings() {
		s.log.Warn("signing certificate", "warning", w)
	}
	if err := loaded.Valid(); err != nil {
		s.log.Error("profiles are answered with 503 until the signing files are renewed", "error", err)
	}
}

// watch picks up changed files until ctx ends. Files that do not fit together,
// as in the moment between the copying of one and the other, leave the signer
// in use as it is.
func (s *signer) watch(ctx context.Context) {
	tick := time.NewTicker(signerPoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.refresh()
		}
	}
}

func (s *signer) refresh() {
	now := s.fingerprint()
	if now == s.seen {
		return
	}
	s.seen = now
	loaded, err := profiles.LoadSigner(s.files.Cert, s.files.Key)
	if err != nil {
		s.log.Error("the changed signing files cannot be used; the ones loaded before stay in use", "error", err)
		return
	}
	s.use(loaded)
	s.log.Info("signing files loaded", "expires", loaded.NotAfter())
}

// fingerprint tells whether the files have changed. What cannot be read counts
// as empty: it will differ once it can.
func (s *signer) fingerprint() [sha256.Size]byte {
	h := sha256.New()
	for _, name := range []string{s.files.Cert, s.files.Key} {
		data, err := os.ReadFile(name)
		if err != nil {
			data = nil
		}
		sum := sha256.Sum256(data)
		h.Write(sum[:])
		// The mode as well: a key that was refused for it counts once it is closed.
		if info, err := os.Stat(name); err == nil {
			fmt.Fprintln(h, info.Mode())
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// valid tells whether profiles can be signed now.
func (s *signer) valid() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.current.Valid()
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
	s.mu.RLock()
	current := s.current
	s.mu.RUnlock()
	return current.Sign(plist)
}

// signGeneric signs a profile that is the same for everybody and keeps the
// result as long as the key. Its ETag is that of the unsigned document: a
// signature holds the time and differs at every making.
func (s *signer) signGeneric(ctx context.Context, d *document) (*document, error) {
	s.mu.RLock()
	signed, ok := s.cached[d.etag]
	current := s.current
	s.mu.RUnlock()
	if ok && current.Valid() == nil {
		return signed, nil
	}
	body, err := s.sign(ctx, d.body)
	if err != nil {
		return nil, err
	}
	signed = &document{mediaType: d.mediaType, body: body, etag: d.etag}
	s.mu.Lock()
	if s.current == current {
		s.cached[d.etag] = signed
	}
	s.mu.Unlock()
	return signed, nil
}
