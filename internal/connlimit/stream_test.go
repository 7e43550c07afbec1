package connlimit

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// serveHTTP2 runs a TLS server behind a limiter.
func serveHTTP2(t *testing.T, cfg Config) (*Limiter, *httptest.Server) {
	t.Helper()
	cfg.Log = slog.New(slog.DiscardHandler)
	limiter := New(cfg)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		io.WriteString(w, "ok")
	}))
	srv.EnableHTTP2 = true
	limiter.Attach(srv.Config)
	srv.Listener = limiter.Listener(srv.Listener)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return limiter, srv
}

// A rawClient sends the frames it is told to, as no real client would.
type rawClient struct {
	t *testing.T
	net.Conn
	frames *http2.Framer
	stream uint32 // of the next request
}

func dialHTTP2(t *testing.T, srv *httptest.Server, settings ...http2.Setting) *rawClient {
	t.Helper()
	conn, err := tls.Dial("tcp", srv.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	io.WriteString(conn, http2.ClientPreface)
	c := &rawClient{t, conn, http2.NewFramer(conn, conn), 1}
	if err := c.frames.WriteSettings(settings...); err != nil {
		t.Fatal(err)
	}
	return c
}

// begin sends the header of a request. Without an end, its body follows.
func (c *rawClient) begin(method, path string, end bool) (stream uint32) {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, f := range []hpack.HeaderField{{Name: ":method", Value: method}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "a"}, {Name: ":path", Value: path}} {
		_ = encoder.WriteField(f)
	}
	stream = c.stream
	c.stream += 2
	_ = c.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: end})
	return stream
}

// status is the status of the answer on a stream.
func (c *rawClient) status(stream uint32) string {
	c.t.Helper()
	decoder := hpack.NewDecoder(4096, nil)
	for {
		frame, err := c.frames.ReadFrame()
		if err != nil {
			c.t.Fatalf("no answer on stream %d: %v", stream, err)
		}
		if h, ok := frame.(*http2.HeadersFrame); ok {
			fields, err := decoder.DecodeFull(h.HeaderBlockFragment())
			if err != nil {
				c.t.Fatal(err)
			}
			if h.StreamID == stream {
				return fields[0].Value
			}
		}
	}
}

func (c *rawClient) wantClosed() {
	c.t.Helper()
	for {
		if _, err := c.frames.ReadFrame(); err != nil {
			if e, ok := err.(net.Error); ok && e.Timeout() {
				c.t.Error("the connection is open")
			}
			return
		}
	}
}

// wantExtra waits until so many requests are open beyond the first of each connection.
func (l *Limiter) wantExtra(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		n := l.extra
		l.mu.Unlock()
		if n == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d requests are open beyond the first of each connection, want %d", n, want)
		}
	}
}

// wantAnswering waits until requests of so many connections are being answered.
func (l *Limiter) wantAnswering(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		n := l.long.length
		l.mu.Unlock()
		if n == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("requests of %d connections are being answered, want %d", n, want)
		}
	}
}

func wantAnswered(t *testing.T, srv *httptest.Server) {
	t.Helper()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// One client that begins many requests, or reads no answer, does not get more than a
// quarter of the limit; another is served, and a trusted proxy, which carries many
// clients, is not limited.
func TestExtraStreams(t *testing.T) {
	for _, proxy := range []bool{false, true} {
		for _, deaf := range []bool{false, true} {
			t.Run(fmt.Sprintf("trusted %t, deaf %t", proxy, deaf), func(t *testing.T) {
				limiter, srv := serveHTTP2(t, Config{Max: 12, Trusted: func(netip.Addr) bool { return proxy }})
				greedy, method := dialHTTP2(t, srv), "POST"
				if deaf {
					greedy, method = dialHTTP2(t, srv, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}), "GET"
				}
				for range 4 {
					greedy.begin(method, "/", deaf)
				}
				limiter.wantExtra(t, 3)
				want, refused := "503", uint64(1)
				if proxy {
					want, refused = "200", 0
				}
				if got := greedy.status(greedy.begin("GET", "/", true)); got != want {
					t.Errorf("one more: status %s, want %s", got, want)
				}
				wantAnswered(t, srv)
				greedy.Close()
				limiter.wantExtra(t, 0)
				if got := limiter.Stats().Refused; got != refused {
					t.Errorf("%d refused, want %d", got, refused)
				}
			})
		}
	}
}

// A body that does not arrive makes its connection wait, whatever else is answered on
// the same connection meanwhile.
func TestHalfABodyAmongOthers(t *testing.T) {
	limiter, srv := serveHTTP2(t, Config{Max: 4, Answer: time.Hour})
	c := dialHTTP2(t, srv)
	c.begin("POST", "/", false)
	limiter.wantWaiting(t, 1)
	whole := c.begin("POST", "/", false)
	if err := c.frames.WriteData(whole, true, []byte("body")); err != nil {
		t.Fatal(err)
	}
	if got := c.status(whole); got != "200" {
		t.Errorf("status %s", got)
	}
	limiter.wantExtra(t, 0)
	for range 3 {
		dialHTTP2(t, srv)
	}
	wantAnswered(t, srv)
	c.wantClosed()
}

// A client that does not let the server send keeps its connection no longer than one
// whose answer takes too long.
func TestUnreadAnswersMakeRoom(t *testing.T) {
	limiter, srv := serveHTTP2(t, Config{Max: 2, Answer: 50 * time.Millisecond})
	var deaf []*rawClient
	for range 2 {
		c := dialHTTP2(t, srv, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
		c.begin("GET", "/", true)
		deaf = append(deaf, c)
	}
	limiter.wantAnswering(t, 2)
	wantAnswered(t, srv)
	deaf[0].wantClosed()
}
