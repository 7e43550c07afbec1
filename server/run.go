package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"mailsetup/internal/connlimit"
)

const (
	// DefaultMaxConnections is the limit on open connections: at some 20 kB each,
	// 80 MB.
	DefaultMaxConnections = 4096
	// maxAdminConnections is that of the admin listener.
	maxAdminConnections = 64
	// directIdle is how long a client's connection may be idle between requests. A
	// client asks a few questions in a row and then nothing for days.
	directIdle = 15 * time.Second
	// proxyIdle is that of a trusted proxy's connection. Proxies keep theirs for 60
	// to 120 seconds; if the server closed one first, the request that the proxy
	// sends at the same moment would be lost, and a POST is not sent again.
	proxyIdle = 150 * time.Second

	// acceptDelay is the pause between the closing of the listener and the shutdown.
	// net/http drops a connection that it has accepted but not yet read from
	// when Shutdown begins; a moment later it has read it.
	acceptDelay = 300 * time.Millisecond
	// firstRequestTimeout is how long the shutdown waits beyond that for the first
	// request of connections that were accepted just before the listener closed.
	firstRequestTimeout = time.Second
	// shutdownTimeout is how long requests in progress may take to end.
	shutdownTimeout = 10 * time.Second
	// backgroundTimeout is how long the rest may take after that: looking at the
	// watched files, for one, which can hang with the file system that they are on.
	backgroundTimeout = 2 * time.Second
)

// StopTimeout is the longest that Run takes to return after its context has ended,
// besides Config.Drain.
const StopTimeout = acceptDelay + firstRequestTimeout + shutdownTimeout + backgroundTimeout

// Run serves until ctx ends and then stops without losing a request: readiness
// turns to 503 and every answer closes its connection, Config.Drain passes, the
// listener closes, requests in progress end, and idle connections are closed last.
// The admin listener may be nil; it closes at the end, so that the end can be
// watched.
//
// A client that sends a request during the drain thus learns that its connection
// ends before it does. Connections that the kernel has queued when the listener
// closes are lost, unless somebody else holds the socket, or a balancer has used
// the drain to send its clients elsewhere.
func (s *Server) Run(ctx context.Context, public, admin net.Listener) error {
	publicLimit := s.publicLimiter()
	publicSrv := s.httpServer(s.public)
	publicLimit.Attach(publicSrv)
	describeConnections(s.cfg.Metrics, publicLimit)
	public = publicLimit.Listener(public)
	adminSrv := s.httpServer(s.admin)
	failed := make(chan error, 2)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var background sync.WaitGroup
	background.Go(func() { s.watch(ctx) })
	background.Go(func() { failed <- serveUntilClosed(publicSrv, public) })
	if admin != nil {
		adminLimit := connlimit.New(connlimit.Config{Max: maxAdminConnections, Log: s.cfg.Log})
		adminLimit.Attach(adminSrv)
		admin = adminLimit.Listener(admin)
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
	_ = public.Close() // closed already if serving failed
	time.Sleep(acceptDelay)
	for deadline := time.Now().Add(firstRequestTimeout); publicLimit.Fresh() > 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	end, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	err = errors.Join(err, publicSrv.Shutdown(end), adminSrv.Shutdown(end))
	if errors.Is(err, context.DeadlineExceeded) {
		_ = publicSrv.Close()
		_ = adminSrv.Close()
	}
	stop()
	return errors.Join(err, waitAtMost(&background, backgroundTimeout))
}

// publicLimiter bounds the connections of the public listener.
func (s *Server) publicLimiter() *connlimit.Limiter {
	return connlimit.New(connlimit.Config{
		Max:     cmp.Or(s.cfg.MaxConnections, DefaultMaxConnections),
		Trusted: func(peer netip.Addr) bool { return within(s.cfg.TrustedProxies, peer) },
		Idle:    directIdle,
		Log:     s.cfg.Log,
	})
}

// waitAtMost waits for background work to end. Work that hangs is left behind,
// because the program must end all the same.
func waitAtMost(background *sync.WaitGroup, limit time.Duration) error {
	ended := make(chan struct{})
	go func() {
		background.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-time.After(limit):
		return errors.New("stopped without waiting any longer for work in the background; is a file system hanging?")
	}
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
	idle := directIdle
	if len(s.cfg.TrustedProxies) > 0 {
		idle = proxyIdle // connlimit shortens it for everybody else
	}
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       idle,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
}
