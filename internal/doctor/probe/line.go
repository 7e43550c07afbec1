package probe

import (
	"context"
	"net"
	"sync"
)

// A line is the single connection that a request holds at a time, across its
// redirects. net/http closes a connection some time after the answer was read; a line
// closes it before the next one is opened, and before the request gives its slot back.
type line struct {
	dialer func(ctx context.Context, network, hostPort string) (net.Conn, error)

	mu     sync.Mutex
	conn   net.Conn
	closed bool
}

// dial is for [net/http.Transport].
func (l *line) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	l.hangUp()
	conn, err := l.dialer(ctx, network, hostPort)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		conn.Close()
		return nil, net.ErrClosed
	}
	l.conn = conn
	return conn, nil
}

func (l *line) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		l.conn.Close()
		l.conn = nil
	}
}

// close ends the line for good.
func (l *line) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.hangUp()
}
