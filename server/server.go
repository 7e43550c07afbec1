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
	"mailsetup/internal/language"
	"mailsetup/internal/metrics"
	"mailsetup/internal/mx"
	"mailsetup/internal/provider"
)

// Config configures a Server.
type Config struct {
	// Load reads the table; it is called at start and at every reload. Its error
	// is reported unchanged.
	Load func() (*provider.Table, error)
	// PublicURL is where people and clients reach the server. Zero: unknown, and
	// nothing that needs it is offered.
	PublicURL document.PublicURL
	// TrustedProxies are the peers whose X-Forwarded-Host and X-Forwarded-Proto
	// count. Empty: none.
	TrustedProxies []netip.Prefix
	// Recogniser finds the service of domains that are not in the table by their
	// mail exchangers. Nil: such domains are not served.
	Recogniser *mx.Recogniser
	// TokenKey encrypts page tokens, TokenKeySize bytes. Empty: a random key.
	TokenKey []byte
	// Signing names the files that sign profiles. Zero: profiles are unsigned.
	Signing SignerFiles
	// SignWith signs profiles with the server's own certificate instead of files. It
	// fails while there is none. Nil: Signing is used.
	SignWith func() (*tls.Certificate, error)
	// LoadLogo reads an image that pages show, together with the table. Nil: none.
	LoadLogo func() ([]byte, error)
	// Languages are the languages that people can choose from. Empty: all that have
	// texts.
	Languages []language.Language
	// Files are what Load and LoadLogo read with. They are watched while the
	// server runs. Nil: nothing is watched.
	Files *filewatch.Set
	// Drain is how long Run keeps serving after its context has ended, while
	// readiness says 503 and every answer closes its connection, so that balancers
	// and clients with open connections notice. 0: not at all.
	Drain time.Duration
	// MaxConnections is how many connections of the public listener may be open. 0:
	// DefaultMaxConnections.
	MaxConnections int
	// TLS ends TLS on the public listener. Nil: it serves plain HTTP, and a proxy in
	// front does TLS.
	TLS *tls.Config
	// Challenge, on the plain listener next to TLS, answers the certification
	// authority's requests, and passes all others to next. Nil: there are none.
	Challenge func(next http.Handler) http.Handler
	// Reloaded is called after each load of a new table. May be nil.
	Reloaded func()
	// AlsoReload is called by [Server.Reload] for other files. May be nil.
	AlsoReload func() error
	// TLSAsk makes the admin listener answer Caddy's question whether a name may
	// have a certificate.
	TLSAsk bool
	// Asked is how many of the last answers the admin listener remembers, at most
	// [MaxAsked]. 0: none.
	Asked int
	// Metrics are the counters of this server only. Nil: new ones.
	Metrics *metrics.Metrics
	// Log gets a line for each request and each reload. Nil: slog.Default().
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

// New loads and checks the table. The error has all its mistakes.
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

// Public returns the public handler. It never changes anything.
func (s *Server) Public() http.Handler { return s.public }

// Admin returns the handler of the admin listener: health and reload.
func (s *Server) Admin() http.Handler { return s.admin }
