package certs

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

// ACMEConfig configures certificates by ACME.
type ACMEConfig struct {
	// Email is the address of the ACME account. Giving it accepts the authority's
	// terms of service.
	Email string
	// Directory is the URL of the authority's directory; empty: Let's Encrypt.
	Directory string
	// RootPEM are certificates in PEM that are trusted in addition to the
	// system's for connections to the authority.
	RootPEM []byte
	// ExternalAccountFile holds the key ID and the HMAC key of an account with the
	// authority; empty: the authority needs none.
	ExternalAccountFile string
	// Profile is the authority's name for a kind of certificate; empty: its default.
	Profile string
	// Storage stores certificates, keys and the account. Close it after Run has
	// returned.
	Storage *Storage
	// TLSPort and HTTPPort are the ports at which the server receives traffic for the
	// public ports 443 and 80. It must listen there before Run is called. HTTPPort is 0
	// if it does not listen for port 80.
	TLSPort, HTTPPort int
	// ListenHost is the host of those two addresses; empty: all of the machine's.
	ListenHost string
	// Managed are the names of the table, read by NewACME and Refresh.
	Managed func() iter.Seq[string]
	// Allowed reports whether another name may have a certificate. It is called in
	// handshakes, so it must use only memory, and nothing of this package. nil: none
	// may.
	Allowed func(name string) bool
	// LeadsHere fails with the reason why a name does not point to this server;
	// nil: every name is ordered. See [Reach.Check].
	LeadsHere func(ctx context.Context, name string) error
	// CheckInterval is how often a certificate in use is checked, and the authority
	// asked whether it should be renewed early; 0: an hour.
	CheckInterval time.Duration
	// Pace limits orders; its zero value suits Let's Encrypt.
	Pace Pace
	// Log may be nil.
	Log *slog.Logger
}

// Pace limits how many orders are made.
type Pace struct {
	// Every is the time for one order in the long run, Burst how many may come at
	// once. 0: 40 seconds and 100; Let's Encrypt allows 300 in three hours
	// (https://letsencrypt.org/docs/rate-limits/).
	Every time.Duration
	Burst int
	// VisitEvery and VisitBurst limit the orders caused by visits to names outside the
	// table. 0: 80 seconds and 30.
	VisitEvery time.Duration
	VisitBurst int
}

// engine does the work on one name. [magic] is the real one; tests have one that needs
// neither an authority nor real time.
type engine interface {
	load(ctx context.Context, name string) (*tls.Certificate, error)
	update(ctx context.Context, name string, failures int) (*tls.Certificate, error)
	removeDamaged(ctx context.Context, name string) (removed bool, err error)
	stored(ctx context.Context, local bool) ([]string, error)
	clean(ctx context.Context) error
	challenge(hello *tls.ClientHelloInfo) (*tls.Certificate, error)
	httpChallenge(w http.ResponseWriter, r *http.Request) bool
	orders() OrderCounts
	stop()
}

// ACME obtains, stores and serves certificates. All its methods are safe for
// concurrent use.
type ACME struct {
	cfg    ACMEConfig
	log    *slog.Logger
	engine engine

	pace, visitPace *rate.Limiter
	served          certCache
	loads           singleflight.Group // of cold handshakes, by name
	cold            chan struct{}      // one for each cold handshake
	questions       chan struct{}      // one for each of the authority's challenges
	refused         atomic.Uint64
	unready         atomic.Uint64

	mu        sync.Mutex
	entries   map[string]*entry
	unlisted  int            // entries outside the table
	perDomain map[string]int // the same, by registered domain
	leftOut   int
	restUntil [works]time.Time // when to look for each kind of work again

	lines *rate.Limiter // for log lines about single names

	wake   [works]chan struct{} // something may be due
	visits chan *entry          // names that handshakes wait for
}

// NewACME checks the configuration and registers all names: those of the table, and
// those stored on the local disk. From then on handshakes are answered. Nothing is
// ordered before Run.
func NewACME(cfg ACMEConfig) (*ACME, error) {
	account, err := mail.ParseAddress(cfg.Email)
	if err != nil {
		return nil, errors.New("certificates by ACME need an email address for the account with the certification authority")
	}
	cfg.Email = strings.ToLower(account.Address) // as in certmagic, so that it can be removed from logs
	if u, err := url.Parse(cfg.Directory); cfg.Directory != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		return nil, errors.New("the certification authority's directory must be an https URL")
	}
	if cfg.TLSPort == 0 {
		return nil, errors.New("certificates by ACME need the port at which the server speaks TLS")
	}
	if cfg.Storage == nil {
		return nil, errors.New("certificates by ACME need a storage")
	}
	cfg = withDefaults(cfg)
	m, err := newMagic(cfg)
	if err != nil {
		return nil, err
	}
	a := newACME(cfg, m)
	a.Refresh()
	a.addStored(context.Background(), true)
	return a, nil
}

func withDefaults(cfg ACMEConfig) ACMEConfig {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Managed == nil {
		cfg.Managed = func() iter.Seq[string] { return func(func(string) bool) {} }
	}
	if cfg.Allowed == nil {
		cfg.Allowed = func(string) bool { return false }
	}
	if cfg.LeadsHere == nil {
		cfg.LeadsHere = func(context.Context, string) error { return nil }
	}
	if cfg.CheckInterval == 0 {
		cfg.CheckInterval = time.Hour
	}
	if cfg.Pace.Every == 0 {
		cfg.Pace.Every, cfg.Pace.Burst = 40*time.Second, 100
	}
	if cfg.Pace.VisitEvery == 0 {
		cfg.Pace.VisitEvery, cfg.Pace.VisitBurst = 80*time.Second, 30
	}
	return cfg
}

func newACME(cfg ACMEConfig, e engine) *ACME {
	a := &ACME{
		cfg: cfg, log: cfg.Log, engine: e,
		pace:      rate.NewLimiter(rate.Every(cfg.Pace.Every), cfg.Pace.Burst),
		visitPace: rate.NewLimiter(rate.Every(cfg.Pace.VisitEvery), cfg.Pace.VisitBurst),
		served:    newCertCache(),
		cold:      make(chan struct{}, maxColdHandshakes),
		questions: make(chan struct{}, maxQuestions),
		entries:   map[string]*entry{},
		perDomain: map[string]int{},
		lines:     rate.NewLimiter(1, 100),
		visits:    make(chan *entry, maxVisits),
	}
	for i := range a.wake {
		a.wake[i] = make(chan struct{}, 1)
	}
	return a
}

// Certificate returns the certificate that is served for a name, or an error that
// wraps fs.ErrNotExist.
func (a *ACME) Certificate(name string) (*tls.Certificate, error) {
	if cert := a.served.get(name, time.Now()); cert != nil {
		return cert, nil
	}
	return nil, fmt.Errorf("%s has no certificate yet: %w", name, fs.ErrNotExist)
}

// Status describes all names.
func (a *ACME) Status() Status {
	s := Status{Counts: map[State]int{}, Orders: a.engine.orders(), Refused: a.refused.Load(), Unready: a.unready.Load()}
	a.mu.Lock()
	defer a.mu.Unlock()
	s.LeftOut = a.leftOut
	for _, e := range a.entries {
		s.add(e)
	}
	s.finish()
	return s
}
