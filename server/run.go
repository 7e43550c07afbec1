package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// acceptDelay is the pause between the closing of the listener and the shutdown.
	// net/http drops a connection that it has accepted but not yet read from
	// when Shutdown begins; a moment later it has read it.
	acceptDelay = 300 * time.Millisecond
	// shutdownTimeout is how long requests in progress may take to end.
	shutdownTimeout = 10 * time.Second
)

// Run serves until ctx ends and then stops without losing a request: readiness
// turns to 503, Config.Drain passes, the listener closes, requests in progress
// end. The admin listener may be nil; it closes last, so that the end can be
// watched.
//
// Connections that the kernel has queued when the listener closes are lost,
// unless somebody else holds the socket, or a balancer has used the drain to send
// its clients elsewhere.
func (s *Server) Run(ctx context.Context, public, admin net.Listener) error {
	publicSrv := s.httpServer(s.public)
	adminSrv := s.httpServer(s.admin)
	failed := make(chan error, 2)
	ctx, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer background.Wait()
	defer stop()
	if s.signer != nil {
		background.Go(func() { s.signer.watch(ctx) })
	}
	background.Go(func() { failed <- serveUntilClosed(publicSrv, public) })
	if admin != nil {
		background.Go(func() { failed <- serveUntilClosed(adminSrv, admin) })
	}

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	s.drain.Store(true)
	if err == nil {
		select {
		case <-time.After(s.cfg.Drain):
		case err = <-failed:
		}
	}
	publicSrv.SetKeepAlivesEnabled(false)
	_ = public.Close() // closed already if serving failed
	time.Sleep(acceptDelay)
	end, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	err = errors.Join(err, publicSrv.Shutdown(end), adminSrv.Shutdown(end))
	if errors.Is(err, context.DeadlineExceeded) {
		_ = publicSrv.Close()
		_ = adminSrv.Close()
	}
	return err
}

func serveUntilClosed(h *http.Server, l net.Listener) error {
	err := h.Serve(l)
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// httpServer sets the limits that net/http leaves open. A client's whole
// conversation is one request of under a kilobyte.
func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
}
