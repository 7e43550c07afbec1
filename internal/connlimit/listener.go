package connlimit

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

const (
	// retryFirst and retryMax limit the pause after an accept error. Descriptors
	// become free in milliseconds; clients would notice more than a tenth of a
	// second.
	retryFirst = 5 * time.Millisecond
	retryMax   = 100 * time.Millisecond
)

// Listener returns a listener that hands out at most Config.Max connections of
// inner at a time.
func (l *Limiter) Listener(inner net.Listener) net.Listener {
	return &listener{
		Listener: inner, limiter: l, stop: make(chan struct{}),
		failed: warning{log: l.cfg.Log, every: time.Second, text: "connections cannot be accepted; trying again"},
	}
}

type listener struct {
	net.Listener
	limiter *Limiter
	once    sync.Once
	stop    chan struct{} // closed by Close
	failed  warning
}

// Accept waits for the next connection and for room. It returns only errors that
// will not pass. net/http would also retry the others, but without logging them,
// and wait up to a second each time.
func (s *listener) Accept() (net.Conn, error) {
	pause := retryFirst
	for {
		inner, err := s.Listener.Accept()
		if err == nil {
			c := s.limiter.conn(inner)
			if s.limiter.admit(c, s.stopped) {
				return c, nil
			}
			_ = inner.Close()
			return nil, net.ErrClosed
		}
		if s.stopped() || !passing(err) {
			return nil, err
		}
		s.failed.add("error", err)
		if outOfDescriptors(err) {
			s.limiter.makeRoom()
		}
		select {
		case <-time.After(pause):
		case <-s.stop:
			return nil, net.ErrClosed
		}
		pause = min(2*pause, retryMax)
	}
}

// Close closes the listener and ends an Accept that waits for room.
func (s *listener) Close() error {
	s.once.Do(func() { close(s.stop) })
	s.limiter.mu.Lock()
	s.limiter.room.Broadcast()
	s.limiter.mu.Unlock()
	return s.Listener.Close()
}

func (s *listener) stopped() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// conn wraps an accepted connection.
func (l *Limiter) conn(inner net.Conn) *conn {
	c := &conn{Conn: inner, limiter: l}
	if peer, err := netip.ParseAddrPort(inner.RemoteAddr().String()); err == nil && l.cfg.Trusted != nil {
		if l.cfg.Trusted(peer.Addr().Unmap()) {
			c.class = trusted
		}
	}
	return c
}

// makeRoom closes the connection that has waited longest, if it has waited for long
// enough, so that its descriptor is free.
func (l *Limiter) makeRoom() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.evict()
}

// passing reports whether an accept error may go away by itself: accept(2) lists
// which.
func passing(err error) bool {
	for _, errno := range []syscall.Errno{syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.EINTR} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return outOfDescriptors(err)
}

func outOfDescriptors(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}
