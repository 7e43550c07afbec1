package connlimit

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"
)

// The connection that has waited longest makes room: here an idle one, then one
// with half a header, then one that has sent nothing.
func TestLongestWaitingMakesRoom(t *testing.T) {
	address, _, limiter := serveLimited(t, Config{Max: 3})
	idle := dial(t, address, "127.0.0.1")
	idle.send(request)
	idle.wantAnswer()
	limiter.wantWaiting(t, 1) // a client has its answer before the server marks it idle
	half := dial(t, address, "127.0.0.1")
	half.send("GET / HTTP/1.1\r\nHost:")
	limiter.wantWaiting(t, 2)
	silent := dial(t, address, "127.0.0.1")
	limiter.wantWaiting(t, 3)
	for _, victim := range []*client{idle, half, silent} {
		other := dial(t, address, "127.0.0.1")
		other.send(request)
		other.wantAnswer()
		victim.wantClosed()
		limiter.wantWaiting(t, 3)
	}
}

// An answer restarts a connection's wait, so one that is in use is not the first to
// go.
func TestAnAnswerStartsTheWaitAgain(t *testing.T) {
	address, _ := serve(t, Config{Max: 2})
	inUse := dial(t, address, "127.0.0.1")
	silent := dial(t, address, "127.0.0.1")
	inUse.send(request)
	inUse.wantAnswer()
	dial(t, address, "127.0.0.1")
	silent.wantClosed()
	inUse.send(request)
	inUse.wantAnswer()
}

// A request that is being answered keeps its connection; a new connection has to
// wait.
func TestAnswersAreNotCut(t *testing.T) {
	address, release := serve(t, Config{Max: 2})
	slow := []*client{dial(t, address, "127.0.0.1"), dial(t, address, "127.0.0.1")}
	for _, c := range slow {
		c.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
	}
	next := dial(t, address, "127.0.0.1")
	next.send(request)
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		next.wantAnswer()
	}()
	select {
	case <-answered:
		// Possible only if one of the slow ones had not been read yet.
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	<-answered
	for _, c := range slow {
		c.wantAnswer()
	}
}

// An answer that takes too long, most often because its client does not read it, makes
// room if no other connection does.
func TestLongAnswersMakeRoom(t *testing.T) {
	address, release := serve(t, Config{Max: 2, Answer: 50 * time.Millisecond})
	defer close(release)
	slow := dial(t, address, "127.0.0.1")
	slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
	for range 10 {
		other := dial(t, address, "127.0.0.1")
		other.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
	}
	slow.wantClosed()
	next := dial(t, address, "127.0.0.1")
	next.send(request)
	next.wantAnswer()
}

// A request that has arrived is not cut off because the program has not read it
// yet.
func TestUnreadRequestIsSpared(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limiter := New(Config{Max: 2, Log: slog.New(slog.DiscardHandler)})
	l := limiter.Listener(inner)
	defer l.Close()
	accept := func() *conn {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		limiter.ConnState(c, http.StateNew)
		return c.(*conn)
	}
	dial(t, inner.Addr().String(), "127.0.0.1").send(request)
	spoke := accept()
	for !unread(spoke.Conn) {
		if runtime.GOOS == "windows" {
			t.Skip("this system does not tell what is unread")
		}
		time.Sleep(time.Millisecond)
	}
	dial(t, inner.Addr().String(), "127.0.0.1")
	silent := accept()
	dial(t, inner.Addr().String(), "127.0.0.1")
	accept()
	if spoke.closed || !silent.closed {
		t.Errorf("closed: the one that spoke %t, the silent one %t", spoke.closed, silent.closed)
	}
}

func TestTrustedMakeRoomLast(t *testing.T) {
	proxy := netip.MustParseAddr("127.0.0.2")
	address, _, limiter := serveLimited(t, Config{Max: 2, Trusted: func(a netip.Addr) bool { return a == proxy }})
	kept := dial(t, address, "127.0.0.2")
	kept.send(request)
	kept.wantAnswer()
	direct := dial(t, address, "127.0.0.3")
	dial(t, address, "127.0.0.3")
	direct.wantClosed()
	kept.send(request)
	kept.wantAnswer()
	limiter.wantWaiting(t, 2) // before second connects: the answer comes before the wait

	second := dial(t, address, "127.0.0.2") // takes the place of the direct one
	second.send(request)
	second.wantAnswer()
	limiter.wantWaiting(t, 2)
	third := dial(t, address, "127.0.0.2")
	third.send(request)
	third.wantAnswer()
	kept.wantClosed()
}

// A flood of connections that send nothing or half a header does not hold up those
// that send requests.
func TestFlood(t *testing.T) {
	address, _ := serve(t, Config{Max: 200})
	stop := make(chan struct{})
	var flood sync.WaitGroup
	for i := range 4 {
		flood.Go(func() {
			var held []net.Conn
			for {
				select {
				case <-stop:
					for _, c := range held {
						c.Close()
					}
					return
				default:
				}
				c, err := net.Dial("tcp", address)
				if err != nil {
					continue
				}
				if i%2 == 0 {
					io.WriteString(c, "GET / HTTP/1.1\r\nX: ")
				}
				if held = append(held, c); len(held) == 100 {
					held[0].Close()
					held = held[1:]
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	for range 200 {
		c := dial(t, address, "127.0.0.1")
		c.send(request)
		c.wantAnswer()
		c.Close()
	}
	close(stop)
	flood.Wait()
}

// Direct clients have the shorter idle time, proxies the server's own.
func TestIdleTime(t *testing.T) {
	limiter := New(Config{Max: 10, Idle: time.Minute, Trusted: func(a netip.Addr) bool { return a.String() == "192.0.2.1" }})
	for peer, want := range map[string]time.Duration{"192.0.2.1": time.Hour, "192.0.2.2": time.Minute} {
		seen := &deadlineConn{peer: peer}
		before := time.Now()
		_ = limiter.conn(seen).SetReadDeadline(before.Add(time.Hour))
		if got := seen.deadline.Sub(before).Round(time.Minute); got != want {
			t.Errorf("%s: %v, want %v", peer, got, want)
		}
		_ = limiter.conn(seen).SetReadDeadline(time.Time{})
		if !seen.deadline.IsZero() {
			t.Errorf("%s: no deadline became %v", peer, seen.deadline)
		}
	}
}

type deadlineConn struct {
	net.Conn
	peer     string
	deadline time.Time
}

func (c *deadlineConn) SetReadDeadline(t time.Time) error { c.deadline = t; return nil }

func (c *deadlineConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(fmt.Sprintf("%s:1", c.peer)))
}
