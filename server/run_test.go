package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A restart as systemd makes it: the socket stays open outside the process, one
// server stops and the next begins. Clients keep asking throughout, on new
// connections and on kept ones, by GET and by POST. Each of them sends a request
// during the drain, so none is lost. Unlike net/http's, these clients never send a
// request twice.
func TestRestartLosesNoRequest(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	kept, err := socket.(*net.TCPListener).File()
	if err != nil {
		t.Skip("a socket cannot be handed over on this system: ", err)
	}
	defer kept.Close()

	get := "GET /mail/config-v1.1.xml?emailaddress=jane@icloud.com HTTP/1.1\r\nHost: a\r\n"
	body := poxRequest("jane@icloud.com")
	post := fmt.Sprintf("POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n", len(body))
	done := make(chan struct{})
	var answered, reused atomic.Int64
	var clients sync.WaitGroup
	for name, request := range map[string]string{
		"GET, kept":  get + "\r\n",
		"POST, kept": post + "\r\n" + body,
		"GET, new":   get + "Connection: close\r\n\r\n",
		"POST, new":  post + "Connection: close\r\n\r\n" + body,
	} {
		for range 2 {
			clients.Go(func() {
				c := &onceClient{address: socket.Addr().String()}
				defer c.close()
				for {
					select {
					case <-done:
						return
					default:
					}
					again := c.conn != nil
					if err := c.ask(request); err != nil {
						t.Errorf("%s: %v (connection used before: %t)", name, err, again)
						return
					}
					answered.Add(1)
					if again {
						reused.Add(1)
					}
				}
			})
		}
	}

	const generations = 4
	for generation := range generations {
		inherited, err := net.FileListener(kept)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		s := newTestServer(t, "", func(cfg *Config) { cfg.Drain = time.Second })
		go func() { ended <- s.Run(ctx, Listeners{Public: inherited}) }()
		before := answered.Load()
		for answered.Load() < before+500 && !t.Failed() {
			time.Sleep(time.Millisecond)
		}
		if generation == generations-1 {
			close(done)
			clients.Wait()
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("generation %d: %v", generation, err)
		}
	}
	t.Logf("%d requests answered, %d of them on connections used before", answered.Load(), reused.Load())
	if reused.Load() == 0 {
		t.Error("no connection was used twice")
	}
}

// A onceClient sends each request once, on the connection of the one before unless
// the server has said that it ends.
type onceClient struct {
	address string
	conn    net.Conn
	answers *bufio.Reader
}

func (c *onceClient) ask(request string) error {
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			return err
		}
		_ = conn.SetDeadline(time.Now().Add(60 * time.Second))
		c.conn, c.answers = conn, bufio.NewReader(conn)
	}
	if _, err := io.WriteString(c.conn, request); err != nil {
		return err
	}
	response, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return err
	}
	got, err := io.ReadAll(response.Body)
	if response.StatusCode != 200 || err != nil || len(got) == 0 {
		return fmt.Errorf("status %d with %d bytes, %v", response.StatusCode, len(got), err)
	}
	if response.Close {
		c.close()
	}
	return nil
}

func (c *onceClient) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// While it stops, the server tells the load balancer so, finishes the requests
// that have begun and takes no new ones.
func TestStop(t *testing.T) {
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	public, admin := listen(), listen()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s := newTestServer(t, "")
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, Listeners{Public: public, Admin: admin}) }()

	ready := func() (int, string) {
		response, err := http.Get("http://" + admin.Addr().String() + "/readyz")
		if err != nil {
			return 0, err.Error()
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(body)
	}
	if status, body := ready(); status != 200 {
		t.Fatalf("readyz at the start: %d %s", status, body)
	}

	// A client has sent half of a request, and the server has begun to read it:
	// that is when it sends "100 Continue".
	conn, err := net.Dial("tcp", public.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := poxRequest("jane@icloud.com")
	fmt.Fprintf(conn, "POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body))
	answer := bufio.NewReader(conn)
	if response, err := http.ReadResponse(answer, nil); err != nil || response.StatusCode != 100 {
		t.Fatalf("waiting for the body: %v, %v", response, err)
	}
	io.WriteString(conn, body[:100])

	stop()
	for status := 200; status != 503; time.Sleep(time.Millisecond) {
		var text string
		if status, text = ready(); status == 0 {
			t.Fatalf("the admin listener is gone before the end: %s", text)
		} else if status == 503 && !strings.Contains(text, `"stopping"`) {
			t.Errorf("readyz: %s", text)
		}
	}
	for { // the listener closes a moment after readiness has changed
		other, err := net.Dial("tcp", public.Addr().String())
		if err != nil {
			break
		}
		other.Close()
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-ended:
		t.Fatalf("ended with a request in progress: %v", err)
	default:
	}
	io.WriteString(conn, body[100:])
	response, err := http.ReadResponse(answer, nil)
	if err != nil || response.StatusCode != 200 {
		t.Errorf("the request in progress: %v, %v", response, err)
	} else if !response.Close {
		t.Error("the answer does not announce the end of the connection")
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", admin.Addr().String()); err == nil {
		t.Error("the admin listener is still there after the end")
	}
}

// A request that never ends neither keeps the server from stopping nor makes the stop a
// failure: clients could cause one on purpose. The log has a warning.
func TestStopGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := newTestServer(t, "", func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		stuck := make(chan struct{})
		s.public = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stuck })
		l := newPipeListener()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx, Listeners{Public: l}) }()
		conn := l.dial()
		defer conn.Close()
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		synctest.Wait()
		began := time.Now()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("ended with %v", err)
		}
		if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "connections were cut") {
			t.Errorf("the log does not say that connections were cut:\n%s", &log)
		}
		if took := time.Since(began); took < shutdownTimeout || took > shutdownTimeout+2*time.Second {
			t.Errorf("stopping took %v", took)
		}
		close(stuck)
	})
}

// A listener that breaks ends the server with its error. A process that answers
// nobody would be worse.
func TestRunReportsABrokenListener(t *testing.T) {
	for _, which := range []string{"public", "admin"} {
		t.Run(which, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				public, admin := newPipeListener(), newPipeListener()
				broken := errors.New("the cable is out")
				map[string]*pipeListener{"public": public, "admin": admin}[which].fail <- broken
				if err := newTestServer(t, "").Run(t.Context(), Listeners{Public: public, Admin: admin}); !errors.Is(err, broken) {
					t.Errorf("Run ended with %v", err)
				}
			})
		})
	}
}

// A pipeListener listens on pipes, whose time limits obey synctest's clock.
type pipeListener struct {
	conns  chan net.Conn
	fail   chan error
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), fail: make(chan error, 1), closed: make(chan struct{})}
}

func (l *pipeListener) dial() net.Conn {
	ours, theirs := net.Pipe()
	l.conns <- theirs
	return ours
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case err := <-l.fail:
		return nil, err
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// Readiness tells a balancer to send its clients elsewhere. Until it has had the
// time to do so, every request is answered.
func TestDrainServesOn(t *testing.T) {
	world, own := listenLocal(t), listenLocal(t)
	s := newTestServer(t, "", func(cfg *Config) { cfg.Drain = 2 * time.Second })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, Listeners{Public: world, Admin: own}) }()
	closes := false // whether the last answer closed its connection
	status := func(l net.Listener, path string) int {
		response, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		closes = response.Close
		return response.StatusCode
	}
	if got := status(world, "/v1.1/icloud.com"); got != http.StatusOK || closes {
		t.Errorf("a request while serving: %d, the connection closes: %t", got, closes)
	}
	if got := status(own, "/readyz"); got != http.StatusOK {
		t.Errorf("readiness while serving: %d", got)
	}
	stop()
	for status(own, "/readyz") != http.StatusServiceUnavailable {
	}
	for _, path := range []string{"/v1.1/icloud.com", "/v1.1/example.net", "/nothing/here"} {
		want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[path == "/v1.1/icloud.com"]
		if got := status(world, path); got != want || !closes {
			t.Errorf("%s while draining: %d, the connection closes: %t", path, got, closes)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func listenLocal(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Background work that hangs, for example with a file system, does not keep the
// program from ending.
func TestStopLeavesHangingWorkBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := make(chan struct{})
		var background sync.WaitGroup
		background.Go(func() { <-hangs })
		began := time.Now()
		if err := waitAtMost(&background, backgroundTimeout); err == nil {
			t.Error("no error about work that hangs")
		}
		if took := time.Since(began); took != backgroundTimeout {
			t.Errorf("waited for %v", took)
		}
		close(hangs)
		if err := waitAtMost(&background, backgroundTimeout); err != nil {
			t.Errorf("work that ended: %v", err)
		}
	})
}
