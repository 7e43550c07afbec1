package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A client that sends slowly, sends nothing or does not read can hold a connection only
// for a limited time. The clock is synctest's.
func TestSlowClientsAreCut(t *testing.T) {
	for _, c := range []struct {
		name, first string // sent at once
		drip        string // then one byte a second
		read        bool
		least, most time.Duration
		answer      string // "" for none
	}{
		{name: "says nothing", read: true, most: 5 * time.Second},
		{name: "slow header", first: "GET / HTTP/1.1\r\nHost: a\r\nX: ", drip: "x", read: true, most: 6 * time.Second},
		{name: "slow request line", drip: "GET / HTTP/1.1\r\n", read: true, most: 6 * time.Second, answer: "400"},
		{name: "slow body", first: "POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\n",
			drip: "<", read: true, most: 11 * time.Second, answer: "400"},
		{name: "slow chunks", first: "POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
			drip: "1\r\n<\r\n", read: true, most: 11 * time.Second, answer: "400"},
		{name: "does not read", first: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", most: 16 * time.Second},
		{name: "stays after the answer", first: "GET /v1.1/icloud.com HTTP/1.1\r\nHost: a\r\n\r\n", read: true,
			least: directIdle, most: directIdle + time.Second, answer: "200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, "")
				l := newPipeListener()
				h := s.httpServer(s.Public())
				go h.Serve(l)
				defer h.Close()
				conn := l.dial()
				began := time.Now()
				gone := make(chan string)
				var writer sync.WaitGroup
				go func() {
					if !c.read {
						// The server must cut the connection; nothing here does.
						for buf := make([]byte, 1); ; {
							time.Sleep(c.most)
							if _, err := conn.Read(buf); err != nil {
								break
							}
						}
						gone <- ""
						return
					}
					answer, _ := io.ReadAll(conn)
					gone <- string(answer)
				}()
				writer.Go(func() {
					io.WriteString(conn, c.first)
					for i := 0; c.drip != ""; i++ {
						time.Sleep(time.Second)
						if _, err := conn.Write([]byte{c.drip[i%len(c.drip)]}); err != nil {
							return
						}
					}
				})
				answer := <-gone
				if took := time.Since(began); took < c.least || took > c.most {
					t.Errorf("cut after %v, want %v to %v", took, c.least, c.most)
				}
				status := ""
				if answer != "" {
					status = strings.Fields(answer)[1]
				}
				if status != c.answer {
					t.Errorf("answer %.100q, want status %q", answer, c.answer)
				}
				conn.Close()
				writer.Wait()
			})
		})
	}
}

// A body is read up to the limit and not a byte further, whether or not its length is
// stated; none of it is parsed.
func TestBodyLimit(t *testing.T) {
	s := newTestServer(t, "")
	address := serveTCP(t, s)
	huge := strings.Repeat("<a>", 20<<20/3)
	for _, c := range []struct{ name, path, contentType string }{
		{"POX", "/autodiscover/autodiscover.xml", "text/xml"},
		{"form", "/", "application/x-www-form-urlencoded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			counted := &countingReader{r: strings.NewReader(huge)}
			r, _ := http.NewRequest("POST", "http://a"+c.path, counted)
			r.Header.Set("Content-Type", c.contentType)
			w := httptest.NewRecorder()
			s.Public().ServeHTTP(w, r)
			if w.Code != http.StatusRequestEntityTooLarge || counted.n > maxBody+1 {
				t.Errorf("status %d after reading %d bytes", w.Code, counted.n)
			}
			for _, length := range []string{fmt.Sprintf("Content-Length: %d", len(huge)), "Transfer-Encoding: chunked"} {
				body := huge
				if strings.HasPrefix(length, "T") {
					body = fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(huge), huge)
				}
				head := "POST " + c.path + " HTTP/1.1\r\nHost: a\r\nContent-Type: " + c.contentType + "\r\n" + length + "\r\n\r\n"
				response, _ := exchangeBytes(t, address, []byte(head+body))
				if response.StatusCode != http.StatusRequestEntityTooLarge {
					t.Errorf("%s: status %d", length, response.StatusCode)
				}
			}
		})
	}
}

// Headers have a limit, too; odd ones within it are still answered.
func TestHeaderLimit(t *testing.T) {
	address := serveTCP(t, newTestServer(t, ""))
	for size, want := range map[int]int{8 << 10: 200, 64 << 10: 431} {
		request := "GET /v1.1/icloud.com HTTP/1.1\r\nHost: a\r\nCookie: " + strings.Repeat("x", size) + "\r\n\r\n"
		if response, _ := exchangeBytes(t, address, []byte(request)); response.StatusCode != want {
			t.Errorf("%d bytes of headers: status %d, want %d", size, response.StatusCode, want)
		}
	}
}

// One connection may carry many requests; what one of them leaves unread must not be
// taken for the next one.
func TestPipelining(t *testing.T) {
	conn, err := net.Dial("tcp", serveTCP(t, newTestServer(t, "")))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	smuggled := "GET /v1.1/example.net HTTP/1.1\r\nHost: a\r\n\r\n"
	requests := []struct {
		raw  string
		want int
	}{
		{"GET /v1.1/icloud.com HTTP/1.1\r\nHost: a\r\n\r\n", 200},
		{fmt.Sprintf("PUT /mail/config-v1.1.xml HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(smuggled), smuggled), 405},
		{fmt.Sprintf("GET /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(smuggled), smuggled), 404},
		{"HEAD /v1.1/icloud.com HTTP/1.1\r\nHost: a\r\n\r\n", 200},
		{fmt.Sprintf("POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(poxRequest("jane@me.com")), poxRequest("jane@me.com")), 200},
	}
	go func() {
		for _, r := range requests {
			io.WriteString(conn, r.raw)
		}
	}()
	reader := bufio.NewReader(conn)
	for i, r := range requests {
		method, _, _ := strings.Cut(r.raw, " ")
		response, err := http.ReadResponse(reader, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("answer %d: %v", i+1, err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != r.want {
			t.Errorf("answer %d: status %d, want %d; %v", i+1, response.StatusCode, r.want, err)
		}
	}
}

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// A proxy keeps its idle connections for up to two minutes. The server must not be
// the first to close one, or a request that is on its way is lost.
func TestIdleTimeBehindAProxy(t *testing.T) {
	direct := newTestServer(t, "")
	if got := direct.httpServer(direct.Public()).IdleTimeout; got != directIdle {
		t.Errorf("without a trusted proxy: %v, want %v", got, directIdle)
	}
	behind := newTestServer(t, "", func(cfg *Config) { cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	if got := behind.httpServer(behind.Public()).IdleTimeout; got != proxyIdle {
		t.Errorf("behind a trusted proxy: %v, want %v", got, proxyIdle)
	}
}
