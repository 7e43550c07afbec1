package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"mailsetup/internal/document"
	"mailsetup/internal/filewatch"
	"mailsetup/internal/metrics"
	"mailsetup/internal/mx"
	"mailsetup/internal/provider"
)

// Config is what a server is made of.
type Config struct {
	// Load reads the table; it is called at start and at every reload. Its error
	// is reported as it is.
	Load func() (*provider.Table, error)
	// PublicURL is where people and clients reach the server. Zero: the operator
	// did not say, and nothing that needs it is offered.
	PublicURL document.PublicURL
	// TrustedProxies are the peers whose X-Forwarded-Host and X-Forwarded-Proto
	// count. Empty: nobody's.
	TrustedProxies []netip.Prefix
	// Recogniser finds the service of domains that are not in the table by their
	// mail exchangers. Nil: such domains are not served.
	Recogniser *mx.Recogniser
	// TokenKey seals page tokens, TokenKeySize bytes. Empty: a random key.
	TokenKey []byte
	// Signing names the files that sign profiles. Zero: profiles are unsigned.
	Signing SignerFiles
	// SignWith signs profiles with a certificate of the server's own, instead of files. It
	// fails while there is none. Nil: Signing counts.
	SignWith func() (*tls.Certificate, error)
	// LoadLogo reads an image that pages show, together with the table. Nil: none.
	LoadLogo func() ([]byte, error)
	// Files are what Load and LoadLogo read with. They are watched while the
	// server runs. Nil: nothing is watched.
	Files *filewatch.Set
	// Drain is how long Run goes on serving after its end was asked for, while
	// readiness says 503 and every answer closes its connection, so that balancers
	// and clients with open connections notice. 0: not at all.
	Drain time.Duration
	// MaxConnections is how many connections of the public listener may be open. 0:
	// DefaultMaxConnections.
	MaxConnections int
	// TLS ends TLS on the public listener. Nil: it speaks plain HTTP, and TLS is the
	// affair of a proxy in front.
	TLS *tls.Config
	// Challenge, on the plain listener beside TLS, answers what a certification
	// authority asks there, and gives all else to next. Nil: none asks.
	Challenge func(next http.Handler) http.Handler
	// Reloaded is called after each load of a new table. May be nil.
	Reloaded func()
	// AlsoReload is called by [Server.Reload], for what else belongs to the files. May be
	// nil.
	AlsoReload func() error
	// TLSAsk lets the admin listener say which names may have a certificate, as Caddy
	// wants to know before it obtains one.
	TLSAsk bool
	// Asked is how many of the last answers the admin listener can tell about, at most
	// [MaxAsked]. 0: none is remembered.
	Asked int
	// Metrics are the counters of this server and no other. Nil: its own.
	Metrics *metrics.Metrics
	// Log takes a line for each request and each reload. Nil: slog.Default().
	Log *slog.Logger
	// Version is shown by the admin listener.
	Version string
}

// A Server serves one table at a time.
type Server struct {
	cfg       Config
	state     atomic.Pointer[state]
	sealer    *sealer
	signer    *signer // nil: profiles are unsigned
	public    http.Handler
	plain     http.Handler // public behind Challenge
	admin     http.Handler
	reload    chan struct{} // holds one token while files are loaded
	waiting   chan struct{} // holds one token while somebody waits to load them
	answers   *recentAnswers
	drain     atomic.Bool // stopping: readiness says so
	selfCheck selfCheck
}

// New loads and checks the table. The error holds every mistake of it.
func New(cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Files == nil {
		cfg.Files = new(filewatch.Set)
	}
	if cfg.Metrics == nil {
		cfg.Metrics = metrics.New(cfg.Version)
	}
	s := &Server{cfg: cfg, reload: make(chan struct{}, 1), waiting: make(chan struct{}, 1), answers: newRecentAnswers(cfg.Asked)}
	var err error
	if s.sealer, err = newSealer(cfg.TokenKey); err != nil {
		return nil, err
	}
	if s.signer, err = newSigner(cfg.Signing, cfg.SignWith, cfg.Log); err != nil {
		return nil, fmt.Errorf("profiles cannot be signed: %w", err)
	}
	if err := cfg.Files.Load(s.load); err != nil {
		return nil, err
	}
	s.describe(cfg.Metrics)
	s.public = s.newPublic()
	s.plain = s.public
	if cfg.Challenge != nil {
		s.plain = cfg.Challenge(s.public)
	}
	s.admin = s.newAdmin()
	return s, nil
}

func (s *Server) newPublic() http.Handler {
	e := echo.New()
	e.HTTPErrorHandler = s.answerRouterError
	s.routes(e)
	return foldPath(e)
}

// Public is the handler for the world. It changes nothing, ever.
func (s *Server) Public() http.Handler { return s.public }

// Admin is the handler for the machine's own: health and reload.
func (s *Server) Admin() http.Handler { return s.admin }
