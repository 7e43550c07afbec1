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
		if r.ProtoMajor < 2 && r.Body == http.NoBody {
			h.ServeHTTP(w, r) // most requests: ConnState says all
			return
		}
		c, ok := r.Context().Value(connKey{}).(*conn)
		if !ok {
			h.ServeHTTP(w, r)
			return
		}
		if r.ProtoMajor >= 2 {
			if !l.beginStream(c) {
				w.Header().Set("Retry-After", "1")
				w.Header().Set("Cache-Control", "no-store")
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			defer func() {
				// Without this, the answer of a client that allows nothing to be sent would wait
				// for it after the handler, uncounted.
				_ = http.NewResponseController(w).Flush()
				l.endStream(c)
			}()
		}
		if r.Body != http.NoBody {
			b := &body{ReadCloser: r.Body, conn: c, multiplexed: r.ProtoMajor >= 2}
			defer b.answered()
			r.Body = b
		}
		h.ServeHTTP(w, r)
	})
}

// extraShare is the share of Config.Max that HTTP/2 requests may take beyond the first of
// each connection.
const extraShare = 4

// beginStream counts an HTTP/2 request. One costs half as much as a connection or more,
// so a client must not multiply its share by beginning many and ending none.
func (l *Limiter) beginStream(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.closed {
		return false
	}
	if c.streams > 0 {
		if c.class == direct && l.extra >= l.cfg.Max/extraShare {
			l.refused++
			return false
		}
		l.extra++
	}
	c.streams++
	return true
}

func (l *Limiter) endStream(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.closed {
		return // release has counted it
	}
	if c.streams--; c.streams > 0 {
		l.extra--
	}
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
	conn        *conn
	multiplexed bool // HTTP/2: others are answered on the same connection
	begun       bool
	ended       bool
}

func (b *body) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		l := b.conn.limiter
		l.mu.Lock()
		b.conn.bodies++
		l.wait(b.conn)
		l.mu.Unlock()
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.end(false)
	}
	return n, err
}

// answered is called when the handler returns. With HTTP/1, net/http still reads the
// rest of the body to reuse the connection, so the connection waits from now on.
func (b *body) answered() { b.end(!b.multiplexed) }

// end is called when the body has arrived, or is no longer wanted. The connection stops
// waiting with the last of its bodies, unless the rest is still to be read.
func (b *body) end(rest bool) {
	if b.ended {
		return
	}
	b.ended = true
	c, l := b.conn, b.conn.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.begun {
		c.bodies--
	}
	switch {
	case rest:
		l.wait(c)
	case b.begun && c.bodies == 0:
		l.answer(c)
	}
}
