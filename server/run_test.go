package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
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
// server stops, the next begins, and people keep asking all the while. Nobody
// gets an error.
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

	done := make(chan struct{})
	var answered atomic.Int64
	var clients sync.WaitGroup
	client := func(name string, transport *http.Transport, method, path, body string) {
		clients.Go(func() {
			c := &http.Client{Transport: transport}
			defer c.CloseIdleConnections()
			for {
				select {
				case <-done:
					return
				default:
				}
				r, _ := http.NewRequest(method, "http://"+socket.Addr().String()+path, strings.NewReader(body))
				response, err := c.Do(r)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				got, err := io.ReadAll(response.Body)
				response.Body.Close()
				if response.StatusCode != 200 || err != nil || len(got) == 0 {
					t.Errorf("%s: status %d with %d bytes, %v", name, response.StatusCode, len(got), err)
				}
				answered.Add(1)
			}
		})
	}
	autoconfig := "/mail/config-v1.1.xml?emailaddress=jane@icloud.com"
	client("kept connections", &http.Transport{}, "GET", autoconfig, "")
	client("kept connections", &http.Transport{}, "GET", "/profile/icloud.mobileconfig", "")
	client("new connections", &http.Transport{DisableKeepAlives: true}, "GET", autoconfig, "")
	client("new connections, POST", &http.Transport{DisableKeepAlives: true}, "POST", "/autodiscover/autodiscover.xml", poxRequest("jane@icloud.com"))

	for generation := range 4 {
		inherited, err := net.FileListener(kept)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		s := newTestServer(t, "")
		go func() { ended <- s.Run(ctx, inherited, nil) }()
		before := answered.Load()
		for answered.Load() < before+100 && !t.Failed() {
			time.Sleep(time.Millisecond)
		}
		if generation == 3 {
			close(done)
			clients.Wait()
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("generation %d: %v", generation, err)
		}
	}
}

// While it stops, the server says so to whoever balances the load, ends what has
// begun and takes nothing new.
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
	go func() { ended <- s.Run(ctx, public, admin) }()

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

	// Somebody has sent half of a request, and the server has begun to read it:
	// that is when it says "100 Continue".
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
	for { // the listener closes a moment after readiness has turned
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
		t.Error("the answer does not say that the connection ends")
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", admin.Addr().String()); err == nil {
		t.Error("the admin listener is still there after the end")
	}
}

// A request that never ends does not keep the server from stopping, and whoever
// started it hears of it.
func TestStopGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestServer(t, "")
		stuck := make(chan struct{})
		s.public = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stuck })
		l := newPipeListener()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx, l, nil) }()
		conn := l.dial()
		defer conn.Close()
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		synctest.Wait()
		began := time.Now()
		stop()
		if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(began); took < shutdownTimeout || took > shutdownTimeout+2*time.Second {
			t.Errorf("stopping took %v", took)
		}
		close(stuck)
	})
}

// A listener that breaks ends the server with its error, rather than leaving a
// process that answers nobody.
func TestRunReportsABrokenListener(t *testing.T) {
	for _, which := range []string{"public", "admin"} {
		t.Run(which, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				public, admin := newPipeListener(), newPipeListener()
				broken := errors.New("the cable is out")
				map[string]*pipeListener{"public": public, "admin": admin}[which].fail <- broken
				if err := newTestServer(t, "").Run(t.Context(), public, admin); !errors.Is(err, broken) {
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

// A balancer learns from readiness that it must send its clients elsewhere, and
// gets the time to do so: until then, every request is answered.
func TestDrainServesOn(t *testing.T) {
	world, own := listenLocal(t), listenLocal(t)
	s := newTestServer(t, "", func(cfg *Config) { cfg.Drain = 2 * time.Second })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, world, own) }()
	status := func(l net.Listener, path string) int {
		response, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	if got := status(own, "/readyz"); got != http.StatusOK {
		t.Errorf("readiness while serving: %d", got)
	}
	stop()
	for status(own, "/readyz") != http.StatusServiceUnavailable {
	}
	if got := status(world, "/v1.1/icloud.com"); got != http.StatusOK {
		t.Errorf("a request while draining: %d", got)
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
