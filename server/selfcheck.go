package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"mailsetup/internal/provider"
)

// selfCheckTimeout is how long the public handler may take to answer readiness. It
// answers in microseconds, so a second means that it hangs.
const selfCheckTimeout = time.Second

var errUnresponsive = errors.New("the public handler does not answer")

// A selfCheck asks a handler for settings, one request at a time: callers that
// come meanwhile share its result, so that requests do not pile up at a handler
// that hangs.
type selfCheck struct {
	mu      sync.Mutex
	running chan struct{} // nil: none; closed at its end
	result  error         // of the last one that ended
}

// ask sends r through h, or joins the request in progress.
func (c *selfCheck) ask(h http.Handler, r *http.Request) error {
	c.mu.Lock()
	ended := c.running
	if ended == nil {
		ended = make(chan struct{})
		c.running = ended
		go func() {
			err := answers(h, r)
			c.mu.Lock()
			c.running, c.result = nil, err
			c.mu.Unlock()
			close(ended)
		}()
	}
	c.mu.Unlock()
	timeout := time.NewTimer(selfCheckTimeout)
	defer timeout.Stop()
	select {
	case <-ended:
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.result
	case <-timeout.C:
		return errUnresponsive
	}
}

// answers reports whether h answers r with 200 and a body.
func answers(h http.Handler, r *http.Request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the public handler panics (%T)", p)
		}
	}()
	w := &discardResponse{header: http.Header{}}
	h.ServeHTTP(w, r)
	if w.status != http.StatusOK || w.size == 0 {
		return fmt.Errorf("the public handler answers a domain of the table with status %d and %d bytes", w.status, w.size)
	}
	return nil
}

// selfCheckKey marks the request of a self-check, which is logged only at debug
// level: no client made it.
type selfCheckKey struct{}

// checkSelf asks the public handler for the settings of a domain of the table,
// just as a client would.
func (s *Server) checkSelf() error {
	ctx := context.WithValue(context.Background(), selfCheckKey{}, true)
	path := "/"
	if d := sampleDomain(s.state.Load().table); !d.IsZero() {
		path = "/v1.1/" + d.String()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
	if err != nil {
		return err
	}
	return s.selfCheck.ask(s.public, r)
}

// Responds reports whether the public handler answers at all, even with an error: if
// it does not, only a restart helps. It takes a second at most.
func (s *Server) Responds() bool { return !errors.Is(s.checkSelf(), errUnresponsive) }

func isSelfCheck(ctx context.Context) bool { return ctx.Value(selfCheckKey{}) != nil }

// sampleDomain returns a domain that t serves; zero if it has none.
func sampleDomain(t *provider.Table) provider.Domain {
	for _, p := range t.Providers() {
		if len(p.Domains) > 0 {
			return p.Domains[0]
		}
	}
	for d := range t.Hosted() {
		return d
	}
	return provider.Domain{}
}

// A discardResponse keeps the status of an answer and the size of its body.
type discardResponse struct {
	header http.Header
	status int
	size   int
}

func (w *discardResponse) Header() http.Header { return w.header }

func (w *discardResponse) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *discardResponse) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.size += len(p)
	return len(p), nil
}
