package connlimit

import (
	"cmp"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Config configures a [Limiter].
type Config struct {
	// Max is how many connections may be open; at least 1.
	Max int
	// Trusted says whose connections are closed last. Nil: none.
	Trusted func(netip.Addr) bool
	// Idle is the longest that a connection may stay silent, except for those of
	// trusted peers, to which the server's own limits apply. 0: these apply to
	// all.
	Idle time.Duration
	// Answer is how long a request may be answered, at least, before its connection may
	// be closed to make room. 0: a second.
	Answer time.Duration
	// Log gets warnings.
	Log *slog.Logger
}

// A Limiter counts the connections of one listener and decides which one is
// closed to make room. It is safe for concurrent use.
type Limiter struct {
	cfg Config

	mu      sync.Mutex
	room    sync.Cond // a connection closed, began to wait, or the listener closed
	open    int
	extra   int      // open HTTP/2 requests, except for the first of each connection
	fresh   int      // connections without a first request
	waiting [2]queue // direct, then trusted
	long    longest  // direct connections whose requests are being answered
	evicted warning
	total   uint64 // connections that were closed to make room
	refused uint64 // HTTP/2 requests beyond the limit
}

// New makes a limiter.
func New(cfg Config) *Limiter {
	l := &Limiter{cfg: cfg}
	l.room.L = &l.mu
	l.long.after = cmp.Or(cfg.Answer, longAnswer)
	l.evicted = warning{log: cfg.Log, every: time.Minute,
		text: "the limit on connections is reached; those that waited longest for a request were closed"}
	return l
}

// Stats are the figures of a [Limiter].
type Stats struct {
	// Open is the number of open connections, Max their limit.
	Open, Max int
	// Evicted is how many were closed to make room for others, since the start.
	Evicted uint64
	// Refused is how many HTTP/2 requests were refused, since the start.
	Refused uint64
}

// Stats returns the current figures.
func (l *Limiter) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{Open: l.open, Max: l.cfg.Max, Evicted: l.total, Refused: l.refused}
}

// ConnState follows a connection through its states, see [Limiter.Attach].
func (l *Limiter) ConnState(nc net.Conn, state http.ConnState) {
	c, ok := unwrap(nc)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch state {
	case http.StateNew:
		if l.wait(c) {
			c.fresh = true
			l.fresh++
		}
	case http.StateIdle:
		l.wait(c)
	case http.StateActive:
		l.answer(c)
	case http.StateHijacked, http.StateClosed:
		l.leave(c)
	}
}

// Fresh returns how many open connections have not sent their first request yet.
func (l *Limiter) Fresh() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fresh
}

const (
	direct = iota
	trusted
)

// minWait is how long a connection may always wait, so that a request that has
// arrived is read even if the program accepts thousands of connections before it
// reads. With 4096 connections this allows 40,000 new ones a second, more than a
// core can accept.
const minWait = 100 * time.Millisecond

// longAnswer is the default of Config.Answer. An answer takes milliseconds, unless its
// client does not read it.
const longAnswer = time.Second

// maxSpared is how many connections with unread data are skipped at a time.
const maxSpared = 16

// wait puts c at the end of its queue, unless it is closed or already in it.
// The limiter is locked.
func (l *Limiter) wait(c *conn) bool {
	if c.closed || c.in == &l.waiting[c.class] {
		return false
	}
	c.since = time.Now()
	l.waiting[c.class].push(c)
	l.room.Signal()
	return true
}

// answer is called when a request of c is complete. The limiter is locked.
func (l *Limiter) answer(c *conn) {
	l.leave(c)
	if !c.closed && c.class == direct {
		l.long.push(c)
	}
}

// leave takes c out of its queue. The limiter is locked.
func (l *Limiter) leave(c *conn) {
	if c.in != nil {
		c.in.remove(c)
	}
	if c.fresh {
		c.fresh = false
		l.fresh--
	}
}

// admit counts c, once there is room for it. If all others are being answered, it
// waits for one of them; stopped ends that.
func (l *Limiter) admit(c *conn, stopped func() bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.open >= l.cfg.Max {
		if stopped() {
			return false
		}
		evicted, again := l.evict()
		if evicted {
			continue
		}
		if again > 0 {
			timer := time.AfterFunc(again, func() {
				l.mu.Lock() // not before Wait has begun
				defer l.mu.Unlock()
				l.room.Broadcast()
			})
			l.room.Wait()
			timer.Stop()
		} else {
			l.room.Wait()
		}
	}
	l.open++
	return true
}

// evict closes the connection that has waited longest, or if none waits, one whose
// request has been answered for too long. If there is none that may be closed now, it
// says when to try again; 0: when the state of a connection changes. The limiter is
// locked.
func (l *Limiter) evict() (evicted bool, again time.Duration) {
	if evicted, again = l.evictWaiting(direct); evicted || again > 0 {
		return evicted, again
	}
	c, left := l.long.overdue()
	if c != nil {
		l.expel(c)
		return true, 0
	}
	if evicted, again = l.evictWaiting(trusted); evicted || again > 0 {
		return evicted, again
	}
	return false, left
}

// evictWaiting does the same with the connections of one class that wait.
func (l *Limiter) evictWaiting(class int) (evicted bool, again time.Duration) {
	for range maxSpared {
		c := l.waiting[class].first
		if c == nil {
			return false, 0
		}
		if left := minWait - time.Since(c.since); left > 0 {
			return false, left
		}
		if !unread(c.Conn) {
			l.expel(c)
			return true, 0
		}
		// The client has sent its data; the program has not read it yet.
		c.since = time.Now()
		l.waiting[class].push(c)
	}
	return false, retryFirst
}

// expel closes c to make room. The limiter is locked.
func (l *Limiter) expel(c *conn) {
	l.release(c)
	_ = c.Conn.Close() // does not block: the kernel sends what is left, or drops it
	l.evicted.add()
	l.total++
}

// release stops counting c. The limiter is locked.
func (l *Limiter) release(c *conn) {
	if c.closed {
		return
	}
	c.closed = true
	l.leave(c)
	l.open--
	l.extra -= max(0, c.streams-1)
	c.streams = 0
	l.room.Signal()
}

// A conn is an accepted connection that counts until it is closed.
type conn struct {
	net.Conn
	limiter *Limiter
	class   int       // direct or trusted
	links             // in the queue it is in
	since   time.Time // when it began to wait
	turn    uint64    // see longest
	streams int       // open HTTP/2 requests
	bodies  int       // requests whose bodies are being waited for
	fresh   bool      // it has sent no request yet
	closed  bool
}

// Close closes the connection and makes room for another.
func (c *conn) Close() error {
	c.limiter.mu.Lock()
	c.limiter.release(c)
	c.limiter.mu.Unlock()
	return c.Conn.Close()
}

// SetReadDeadline shortens the deadlines of direct clients. net/http has one idle
// time for all; its other deadlines are shorter than that. For each request it also
// removes a deadline, and sets one in the distant past: those need no clock.
func (c *conn) SetReadDeadline(t time.Time) error {
	if idle := c.limiter.cfg.Idle; c.class == direct && idle > 0 && t.Unix() > 1 {
		if limit := time.Now().Add(idle); t.After(limit) {
			t = limit
		}
	}
	return c.Conn.SetReadDeadline(t)
}

// CloseWrite lets net/http end its half of a connection whose client is still
// sending, so that the answer is not lost.
func (c *conn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}
