package connlimit

import (
	"context"
	"net"
	"net/http"
)

// Attach lets the limiter follow the connections of srv and what its requests wait for. Its
// handler must be set.
func (l *Limiter) Attach(srv *http.Server) {
	srv.ConnState = l.ConnState
	srv.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if c, ok := unwrap(c); ok {
			ctx = context.WithValue(ctx, connKey{}, c)
		}
		return ctx
	}
	h := srv.Handler
	srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		multiplexed := r.ProtoMajor >= 2
		if !multiplexed && r.Body == http.NoBody {
			h.ServeHTTP(w, r) // most requests: ConnState says all
			return
		}
		c, ok := r.Context().Value(connKey{}).(*conn)
		if !ok {
			h.ServeHTTP(w, r)
			return
		}
		if r.Body != http.NoBody {
			b := &body{ReadCloser: r.Body, conn: c, multiplexed: multiplexed}
			defer b.answered()
			r.Body = b
		}
		if multiplexed {
			l.serveStream(c, h, w, r)
		} else {
			h.ServeHTTP(w, r)
		}
	})
}

type connKey struct{}

// unwrap returns the limiter's connection under nc.
func unwrap(nc net.Conn) (*conn, bool) {
	if t, ok := nc.(interface{ NetConn() net.Conn }); ok { // a tls.Conn
		nc = t.NetConn()
	}
	c, ok := nc.(*conn)
	return c, ok
}
