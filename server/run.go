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
	// DefaultMaxConnections is the limit on open connections: at some 30 kB each, 40 with
	// TLS, 120 to 160 MB (docs/reliability.md).
	DefaultMaxConnections = 4096
	// maxAdminConnections is the limit of the admin listener.
	maxAdminConnections = 64
	// directIdle is how long a client's connection may be idle between requests. A
	// client sends a few requests in a row and then none for days.
	directIdle = 15 * time.Second
	// proxyIdle is the same for a trusted proxy's connection. Proxies keep theirs
	// for 60 to 120 seconds; if the server closed one first, a request that the
	// proxy sends at the same moment would be lost, and a POST is not repeated.
	proxyIdle = 150 * time.Second

	// maxStreams is how many requests one HTTP/2 connection may have open at a time. A
	// client sends one after the other, a browser loads a page with five files.
	maxStreams = 16

	// acceptDelay is the pause between the closing of the listener and the shutdown.
	// net/http drops a connection that it has accepted but not yet read from
	// when Shutdown begins; a moment later it has been read.
	acceptDelay = 300 * time.Millisecond
	// firstRequestTimeout is how long the shutdown waits beyond that for the first
	// request of connections that were accepted just before the listener closed.
	firstRequestTimeout = time.Second
	// shutdownTimeout is how long requests in progress may take to end.
	shutdownTimeout = 10 * time.Second
	// backgroundTimeout is how long the rest may take after that, such as checking
	// the watched files, which can hang with their file system.
	backgroundTimeout = 2 * time.Second
)

// StopTimeout is the longest that Run takes to return after its context has ended,
// besides Config.Drain.
const StopTimeout = acceptDelay + firstRequestTimeout + shutdownTimeout + backgroundTimeout

// Listeners are the listeners of a server.
type Listeners struct {
	// Public is for clients and people: with TLS if [Config.TLS] is set, otherwise plain
	// HTTP.
	Public net.Listener
	// Plain serves plain HTTP next to TLS, for clients that ask there and for
	// certification authorities. May be nil.
	Plain net.Listener
	// Admin is for this machine only. May be nil.
	Admin net.Listener
}

// Close closes the open ones.
func (l Listeners) Close() {
	for _, one := range []net.Listener{l.Public, l.Plain, l.Admin} {
		if one != nil {
			_ = one.Close()
		}
	}
}

// Run serves until ctx ends and then stops without losing a request: readiness
// turns to 503 and every answer closes its connection, Config.Drain passes, the
// listener closes, requests in progress finish, and idle connections are closed
// last. The admin listener closes at the end, so that the stop can be observed.
//
// So a client that sends a request during the drain learns that its connection
// will end. Connections that the kernel has queued when the listener closes are
// lost, unless systemd holds the socket, or a load balancer has used the drain
// to send its clients elsewhere.
func (s *Server) Run(ctx context.Context, on Listeners) error {
	publicLimit := s.publicLimiter()
	publicSrv, plainSrv, adminSrv := s.httpServer(s.public), s.httpServer(s.plain), s.httpServer(s.admin)
	publicLimit.Attach(publicSrv)
	publicLimit.Attach(plainSrv) // one limit for both ways to the same answers
	describeConnections(s.cfg.Metrics, publicLimit)
	publicSrv.TLSConfig = s.cfg.TLS
	public := publicLimit.Listener(on.Public)
	open := []net.Listener{public}
	failed := make(chan error, 3)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var background sync.WaitGroup
	background.Go(func() { s.watch(ctx) })
	background.Go(func() { failed <- serveUntilClosed(publicSrv, public) })
	if on.Plain != nil {
		plain := publicLimit.Listener(on.Plain)
		open = append(open, plain)
		background.Go(func() { failed <- serveUntilClosed(plainSrv, plain) })
	}
	if on.Admin != nil {
		adminLimit := connlimit.New(connlimit.Config{Max: maxAdminConnections, Log: s.cfg.Log})
		adminLimit.Attach(adminSrv)
		admin := adminLimit.Listener(on.Admin)
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
	for _, l := range open {
		_ = l.Close() // closed already if serving failed
	}
	time.Sleep(acceptDelay)
	for deadline := time.Now().Add(firstRequestTimeout); publicLimit.Fresh() > 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	end, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	all := []*http.Server{publicSrv, plainSrv, adminSrv}
	cut := false
	for _, srv := range all {
		switch e := srv.Shutdown(end); {
		case errors.Is(e, context.DeadlineExceeded):
			_ = srv.Close()
			cut = true
		default:
			err = errors.Join(err, e)
		}
	}
	if cut {
		// Most often a client does not send the rest of its request, or does not read its
		// answer. It must not decide whether the stop succeeds.
		s.cfg.Log.Warn("requests in progress did not end; their connections were cut", "after", shutdownTimeout)
	}
	stop()
	return errors.Join(err, waitAtMost(&background, backgroundTimeout))
}

// publicLimiter limits the connections of the public listener.
func (s *Server) publicLimiter() *connlimit.Limiter {
	return connlimit.New(connlimit.Config{
		Max:     cmp.Or(s.cfg.MaxConnections, DefaultMaxConnections),
		Trusted: func(peer netip.Addr) bool { return within(s.cfg.TrustedProxies, peer) },
		Idle:    directIdle,
		Log:     s.cfg.Log,
	})
}

// waitAtMost waits for background work to end. Work that hangs is abandoned,
// because the program must end anyway.
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
	var err error
	if h.TLSConfig != nil {
		err = h.ServeTLS(l, "", "")
	} else {
		err = h.Serve(l)
	}
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
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams, MaxReceiveBufferPerConnection: maxStreams * maxBody},
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
}
