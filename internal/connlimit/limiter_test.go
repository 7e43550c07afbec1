package connlimit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// serve runs a net/http server behind a limiter. Requests to /slow are answered
// when release is closed.
func serve(t *testing.T, cfg Config) (address string, release chan struct{}) {
	t.Helper()
	address, release, _ = serveLimited(t, cfg)
	return address, release
}

func serveLimited(t *testing.T, cfg Config) (address string, release chan struct{}, limiter *Limiter) {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	release = make(chan struct{})
	limiter = New(cfg)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/unread" {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		if r.URL.Path == "/slow" {
			<-release
		}
		io.WriteString(w, "ok")
	})}
	limiter.Attach(srv)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(limiter.Listener(inner))
	}()
	t.Cleanup(func() {
		srv.Close()
		<-done
	})
	return inner.Addr().String(), release, limiter
}

// A client is a connection with a patient reader.
type client struct {
	t *testing.T
	net.Conn
	answers *bufio.Reader
}

func dial(t *testing.T, address, from string) *client {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	return &client{t, c, bufio.NewReader(c)}
}

func (c *client) send(text string) { io.WriteString(c, text) }

func (c *client) wantAnswer() {
	c.t.Helper()
	resp, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		c.t.Errorf("no answer: %v", err)
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body)
}

func (c *client) wantClosed() {
	c.t.Helper()
	if _, err := c.answers.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Errorf("the connection is open: %v", err)
	}
}

const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

// wantWaiting waits until n connections are in the queues.
func (l *Limiter) wantWaiting(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		n := l.waiting[direct].length + l.waiting[trusted].length
		l.mu.Unlock()
		if n == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d connections wait, want %d", n, want)
		}
	}
}

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

// Most routes leave a body unread, and net/http waits for the rest of it. Such a
// connection must make room, too.
func TestUnreadBodyMakesRoom(t *testing.T) {
	address, _ := serve(t, Config{Max: 2})
	for range 2 {
		c := dial(t, address, "127.0.0.1")
		c.send("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
	}
	other := dial(t, address, "127.0.0.1")
	other.send(request)
	other.wantAnswer()
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

// A request whose body has not arrived counts as waiting, like one with half a
// header. One whose body has arrived is being answered.
func TestHalfABodyMakesRoom(t *testing.T) {
	address, release := serve(t, Config{Max: 2})
	const post = "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
	whole := dial(t, address, "127.0.0.1")
	whole.send(post + "body")
	half := dial(t, address, "127.0.0.1")
	half.send(post + "bo")
	other := dial(t, address, "127.0.0.1")
	other.send(request)
	other.wantAnswer()
	half.wantClosed()
	close(release)
	whole.wantAnswer()
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

// A scripted listener fails as instructed, then accepts one connection.
type scripted struct {
	errs   chan error
	closed chan struct{}
	once   sync.Once
}

func (s *scripted) Accept() (net.Conn, error) {
	select {
	case err := <-s.errs:
		if err != nil {
			return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", err)}
		}
		ours, _ := net.Pipe()
		return ours, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}
func (s *scripted) Close() error   { s.once.Do(func() { close(s.closed) }); return nil }
func (s *scripted) Addr() net.Addr { return &net.TCPAddr{} }

// Running out of descriptors is logged at most once a second, and passes: the
// connection that has waited longest is closed and frees its descriptor.
func TestAcceptErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := &scripted{errs: make(chan error, 1000), closed: make(chan struct{})}
		var log bytes.Buffer
		limiter := New(Config{Max: 10, Log: slog.New(slog.NewTextHandler(&log, nil))})
		l := limiter.Listener(inner)
		inner.errs <- nil
		first, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		limiter.ConnState(first, http.StateNew)
		for range 25 { // at most 100 ms apart: some 2.3 seconds
			inner.errs <- syscall.EMFILE
		}
		inner.errs <- nil
		if _, err := l.Accept(); err != nil {
			t.Fatalf("Accept: %v", err)
		}
		if !first.(*conn).closed {
			t.Error("the waiting connection still has its descriptor")
		}
		warnings := strings.Count(log.String(), "connections cannot be accepted")
		if warnings < 2 || warnings > 3 {
			t.Errorf("%d warnings in about two seconds:\n%s", warnings, &log)
		}
		if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), syscall.EMFILE.Error()) {
			t.Errorf("the log does not say what is wrong:\n%s", &log)
		}
	})
}

// A lasting error is reported, so that the program ends instead of answering
// nobody.
func TestBrokenListener(t *testing.T) {
	inner := &scripted{errs: make(chan error, 1), closed: make(chan struct{})}
	l := New(Config{Max: 1, Log: slog.New(slog.DiscardHandler)}).Listener(inner)
	inner.errs <- syscall.EBADF
	if _, err := l.Accept(); !errors.Is(err, syscall.EBADF) {
		t.Errorf("Accept: %v", err)
	}
}

// Close ends an Accept that waits for room or for descriptors.
func TestCloseEndsAccept(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
	}{{"room", nil}, {"descriptors", syscall.EMFILE}} {
		t.Run(c.name, func(t *testing.T) {
			inner := &scripted{errs: make(chan error, 1000), closed: make(chan struct{})}
			l := New(Config{Max: 1, Log: slog.New(slog.DiscardHandler)}).Listener(inner)
			inner.errs <- nil
			if _, err := l.Accept(); err != nil { // never waits for a request, so makes no room
				t.Fatal(err)
			}
			for range cap(inner.errs) {
				inner.errs <- c.err
			}
			ended := make(chan error, 1)
			go func() {
				_, err := l.Accept()
				ended <- err
			}()
			time.Sleep(10 * time.Millisecond)
			l.Close()
			select {
			case err := <-ended:
				if !errors.Is(err, net.ErrClosed) {
					t.Errorf("Accept: %v", err)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("Accept goes on after Close")
			}
		})
	}
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
