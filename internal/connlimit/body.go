package connlimit

import "io"

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
