package connlimit

import (
	"context"
	"io"
	"net"
	"net/http"
)

// Attach lets the limiter follow the connections of srv. Its handler must be set.
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
		if r.Body != http.NoBody {
			if c, ok := r.Context().Value(connKey{}).(*conn); ok {
				b := &body{ReadCloser: r.Body, conn: c}
				defer b.answered()
				r.Body = b
			}
		}
		h.ServeHTTP(w, r)
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

// A body makes its connection wait while the rest of the request has not arrived:
// a body sent at a byte per second would hold the connection just as half a
// header does.
type body struct {
	io.ReadCloser
	conn  *conn
	begun bool
	ended bool
}

func (b *body) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		b.conn.limiter.mu.Lock()
		b.conn.limiter.wait(b.conn)
		b.conn.limiter.mu.Unlock()
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.arrived()
	}
	return n, err
}

// answered is called when the handler returns. net/http still reads the rest of the
// body to reuse the connection, so the connection waits from now on.
func (b *body) answered() {
	if !b.ended {
		b.conn.limiter.mu.Lock()
		b.conn.limiter.wait(b.conn)
		b.conn.limiter.mu.Unlock()
	}
}

// arrived ends the wait: from here on the request is being answered.
func (b *body) arrived() {
	if b.begun && !b.ended {
		b.ended = true
		b.conn.limiter.mu.Lock()
		b.conn.limiter.unwait(b.conn)
		b.conn.limiter.mu.Unlock()
	}
}
