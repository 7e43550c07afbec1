package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"mailsetup/internal/document"
	"mailsetup/internal/mx"
	"mailsetup/internal/provider"
	"mailsetup/templates/page"
)

// An exchange is one request with its answer. It holds the state that was live
// when the request came, so that a reload in the middle changes nothing.
type exchange struct {
	w     statusWriter
	r     *http.Request
	c     echo.Context // for path parameters only
	state *state
	mx    *mx.Recogniser // nil: domains are not recognised by MX
	from  forwarded
	began time.Time

	asked provider.Domain // the last domain looked up, for the error page
	typed page.Typed      // what the person has typed, for the error page
	basis document.Basis  // what the answer depends on

	askedLanguage string // the tag in a posted form
	hostRead      bool
	hostName      provider.Domain // what host returns, once hostRead

	// What the log may say about the answer.
	provider string
	class    provider.Class

	values    [3]string // of headers, see setHeader
	numValues int
}

// A handler answers an exchange or returns an error, which its route's family
// turns into an answer.
type handler func(*exchange) error

// serve wraps a handler: it loads the state, refuses passwords, answers
// errors in the family's form and writes the log line.
func (s *Server) serve(f family, path string, h handler) echo.HandlerFunc {
	route := s.cfg.Metrics.Route(path)
	return func(c echo.Context) error {
		x := &exchange{
			w:     s.statusWriter(c),
			r:     c.Request(),
			c:     c,
			state: s.state.Load(),
			mx:    s.cfg.Recogniser,
			began: time.Now(),
		}
		x.from = readForwarded(x.r, s.cfg.TrustedProxies, s.cfg.TLS != nil)
		s.secure(x)
		err := x.run(h)
		switch {
		case err == nil || x.w.status != 0:
		case f == familyPage && s.redirectError(x, err):
			err = nil
		default:
			s.answerError(x, f, err)
		}
		s.logExchange(x, path, err)
		s.measure(x, route, f, err)
		return nil
	}
}

// run calls the handler and turns a panic into an error, so that one bad
// request cannot take the others down.
func (x *exchange) run(h handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			// The panic's text may quote the request; its stack does not.
			err = panicError{kind: fmt.Sprintf("%T", p), stack: debug.Stack()}
		}
	}()
	headers := x.w.Header()
	headers["X-Content-Type-Options"] = noSniff
	headers["Referrer-Policy"] = noReferrer
	if hasParam(x.r.URL.RawQuery, "password") {
		return errPassword
	}
	return h(x)
}

type panicError struct {
	kind  string
	stack []byte
}

func (panicError) Error() string { return "panic" }

// lookup finds a domain in the table or, if that is switched on, recognises it
// by its mail exchanger.
func (x *exchange) lookup(d provider.Domain) (provider.Match, bool) {
	if d.IsZero() {
		return provider.Match{}, false
	}
	x.asked = d
	m, ok := x.find(d)
	if ok {
		x.provider, x.class = m.Provider().ID, m.Class()
		x.basis.StatedLogins = m.HasStatedLogins()
	}
	return m, ok
}

func (x *exchange) find(d provider.Domain) (provider.Match, bool) {
	if d.IsZero() {
		return provider.Match{}, false
	}
	if m, ok := x.state.table.ByDomain(d); ok {
		return m, true
	}
	return x.recognise(d)
}

// recognise asks for the domain's mail exchanger. All look-ups of one request
// share one time limit.
func (x *exchange) recognise(d provider.Domain) (provider.Match, bool) {
	if x.mx == nil {
		return provider.Match{}, false
	}
	ctx, cancel := context.WithDeadline(x.r.Context(), x.began.Add(mx.Timeout))
	defer cancel()
	host, stale, err := x.mx.Exchanger(ctx, d, x.client())
	if err != nil {
		x.basis.Undecided = x.basis.Undecided || errors.Is(err, mx.ErrUnavailable)
		return provider.Match{}, false
	}
	p, ok := x.state.table.ByMX(host)
	if !ok {
		return provider.Match{}, false
	}
	x.basis.Stale = x.basis.Stale || stale
	return provider.HostedAt(p, d), true
}

// match decides which domain a client means: that of the address when it is
// served, otherwise that of the Host. The address is returned only if its
// domain decided, because it must not be resolved for another domain.
func (x *exchange) match(a provider.Address) (provider.Match, provider.Address, error) {
	if m, ok := x.lookup(a.Domain()); ok {
		x.decideByAddress(m.Domain())
		return m, a, nil
	}
	m, err := x.matchHost()
	return m, provider.Address{}, err
}

// matchNamed is match for Autodiscover, whose clients never make up an address:
// if there is one, only it decides. Settings for a domain that is not served
// would take its people away from their own server, see Microsoft's KB 3049615.
func (x *exchange) matchNamed(a provider.Address) (provider.Match, error) {
	if a.IsZero() {
		return x.matchHost()
	}
	if m, ok := x.lookup(a.Domain()); ok {
		x.decideByAddress(m.Domain())
		return m, nil
	}
	return provider.Match{}, errUnknownDomain
}

func (x *exchange) matchHost() (provider.Match, error) {
	x.basis.Decision = document.ByHost
	if m, ok := x.lookup(document.MailDomain(x.host())); ok {
		return m, nil
	}
	return provider.Match{}, errUnknownDomain
}

// A statusWriter remembers the status that was sent. While the server stops, it
// tells the client that the connection ends: decided when the header is written, so
// that requests that began before the stop are included.
type statusWriter struct {
	http.ResponseWriter
	stopping *atomic.Bool
	status   int
}

func (s *Server) statusWriter(c echo.Context) statusWriter {
	return statusWriter{ResponseWriter: c.Response(), stopping: &s.drain}
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		if w.stopping.Load() {
			w.Header().Set("Connection", "close")
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
