package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"mailsetup/internal/provider"
)

// An exchange is one request and what becomes of it. It holds the live state as
// it was when the request came, so that a reload in the middle changes nothing.
type exchange struct {
	w     *statusWriter
	r     *http.Request
	c     echo.Context // for path parameters only
	state *state
	from  forwarded

	asked provider.Domain // the domain last looked up, for the error page

	// What the log may say about the answer.
	provider string
	class    provider.Class
}

// A handler answers an exchange or returns an error, which its route's family
// turns into an answer.
type handler func(*exchange) error

// serve makes a handler out of ours: it takes the state, refuses passwords,
// answers errors in the family's form and writes the log line.
func (s *Server) serve(f family, h handler) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		x := &exchange{
			w:     &statusWriter{ResponseWriter: c.Response()},
			r:     c.Request(),
			c:     c,
			state: s.state.Load(),
		}
		x.from = readForwarded(x.r, s.cfg.TrustedProxies)
		err := x.run(h)
		if err != nil && x.w.status == 0 {
			s.answerError(x, f, err)
		}
		s.logExchange(x, c.Path(), began, err)
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
			// The panic's text may quote what was asked; its stack does not.
			err = panicError{kind: fmt.Sprintf("%T", p), stack: debug.Stack()}
		}
	}()
	headers := x.w.Header()
	headers.Set("X-Content-Type-Options", "nosniff")
	headers.Set("Referrer-Policy", "no-referrer")
	if strings.Contains(x.r.URL.RawQuery, "assw") && len(param(x.r.URL.RawQuery, "password")) > 0 {
		return errPassword
	}
	return h(x)
}

type panicError struct {
	kind  string
	stack []byte
}

func (panicError) Error() string { return "panic" }

// lookup finds a domain in the table.
func (x *exchange) lookup(d provider.Domain) (provider.Match, bool) {
	if d.IsZero() {
		return provider.Match{}, false
	}
	x.asked = d
	m, ok := x.state.table.ByDomain(d)
	if ok {
		x.provider, x.class = m.Provider.ID, m.Class
	}
	return m, ok
}

// match decides which domain a client means: that of the address when it is
// served, else that of the Host. The address is returned only when its domain
// decided, because nobody else's domain may be resolved for it.
func (x *exchange) match(a provider.Address) (provider.Match, provider.Address, error) {
	if m, ok := x.lookup(a.Domain()); ok {
		return m, a, nil
	}
	m, err := x.matchHost()
	return m, provider.Address{}, err
}

func (x *exchange) matchHost() (provider.Match, error) {
	if m, ok := x.lookup(mailDomain(hostDomain(x.from.host))); ok {
		return m, nil
	}
	return provider.Match{}, errUnknownDomain
}

// logExchange writes one line. Neither the path nor the method is copied from
// the request: the first may hold a token or an address, the second anything.
func (s *Server) logExchange(x *exchange, route string, began time.Time, err error) {
	level := slog.LevelInfo
	if x.w.status >= 500 {
		level = slog.LevelError
	}
	ctx := x.r.Context()
	if !s.cfg.Log.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 8)
	attrs = append(attrs,
		slog.String("route", route),
		slog.String("method", knownMethod(x.r.Method)),
		slog.Int("status", x.w.status),
		slog.Duration("duration", time.Since(began)),
		slog.String("domain", x.class.String()),
	)
	if x.provider != "" {
		attrs = append(attrs, slog.String("provider", x.provider))
	}
	if p, ok := errors.AsType[panicError](err); ok {
		attrs = append(attrs, slog.String("panic", p.kind), slog.String("stack", string(p.stack)))
	} else if x.w.status >= 500 && err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	s.cfg.Log.LogAttrs(ctx, level, "request", attrs...)
}

func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions, http.MethodPut,
		http.MethodDelete, http.MethodPatch, "PROPFIND", "REPORT":
		return m
	}
	return "other"
}

// A statusWriter remembers the status that was sent.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
