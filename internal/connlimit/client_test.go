package connlimit

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"testing"
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
