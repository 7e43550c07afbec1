package server

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

// Each benchmark measures the server and, next to it, the floor: a bare echo handler
// that sends the same bytes and headers. The ratio of the two is the cost of
// mailsetup; the machine and its load cancel out.
//
//	go test ./server -run '^$' -bench . -benchmem

func BenchmarkAutoconfig(b *testing.B) {
	b.Run("own", func(b *testing.B) {
		benchmark(b, newTestServer(b, ""), "GET", "/mail/config-v1.1.xml?emailaddress=jane%40icloud.com", "")
	})
	b.Run("hosted", func(b *testing.B) {
		benchmark(b, newTestServer(b, "domains: {example.com: icloud}"), "GET", "/mail/config-v1.1.xml?emailaddress=jane%40example.com", "")
	})
	b.Run("mapped", func(b *testing.B) {
		s := newTestServer(b, "domains: {example.com: {provider: icloud, logins: {jane@example.com: jane@me.com}}}")
		benchmark(b, s, "GET", "/mail/config-v1.1.xml?emailaddress=jane%40example.com", "")
	})
	b.Run("ISPDB", func(b *testing.B) {
		benchmark(b, newTestServer(b, ""), "GET", "/v1.1/icloud.com", "")
	})
	b.Run("by Host", func(b *testing.B) {
		benchmark(b, newTestServer(b, ""), "GET", "http://autoconfig.icloud.com/mail/config-v1.1.xml", "")
	})
	b.Run("unknown", func(b *testing.B) {
		benchmark(b, newTestServer(b, ""), "GET", "/mail/config-v1.1.xml?emailaddress=jane%40example.net", "")
	})
}

func BenchmarkAutodiscover(b *testing.B) {
	b.Run("POST", func(b *testing.B) {
		benchmark(b, newTestServer(b, ""), "POST", "/autodiscover/autodiscover.xml", poxRequest("jane@icloud.com"))
	})
	b.Run("POST hosted", func(b *testing.B) {
		benchmark(b, newTestServer(b, "domains: {example.com: icloud}"), "POST", "/autodiscover/autodiscover.xml", poxRequest("jane@example.com"))
	})
	b.Run("POST in another case", func(b *testing.B) {
		benchmark(b, newTestServer(b, ""), "POST", "/Autodiscover/Autodiscover.xml", poxRequest("jane@icloud.com"))
	})
	b.Run("JSON", func(b *testing.B) {
		benchmark(b, newTestServer(b, ""), "GET", "/autodiscover/autodiscover.json?Email=jane%40icloud.com&Protocol=AutodiscoverV1", "")
	})
}

func BenchmarkProfile(b *testing.B) {
	b.Run("generic", func(b *testing.B) {
		benchmark(b, newTestServer(b, ""), "GET", "/profile/icloud.mobileconfig", "")
	})
	b.Run("personal", func(b *testing.B) {
		benchmark(b, newTestServer(b, ""), "GET", "/profile.mobileconfig?emailaddress=jane%40icloud.com", "")
	})
	b.Run("signed", func(b *testing.B) { // ECDSA P-256
		files := newFiles(b)
		newKeyPair(b, time.Now().Add(time.Hour)).write(b, files)
		benchmark(b, newTestServer(b, "", signedBy(files)), "GET", "/profile.mobileconfig?emailaddress=jane%40icloud.com", "")
	})
}

func BenchmarkPage(b *testing.B) {
	benchmark(b, newTestServer(b, ""), "GET", "/", "")
}

// benchmark measures the server's answer, and the floor sending the same answer.
func benchmark(b *testing.B, s *Server, method, target, body string) {
	sample := ask(s.Public(), method, target, body)
	b.Run("mailsetup", func(b *testing.B) { measure(b, s.Public(), sample.Code, method, target, body) })
	b.Run("floor", func(b *testing.B) { measure(b, floor(method, sample), sample.Code, method, target, body) })
}

// floor is a bare echo handler. It reads the body, as any handler of a POST must.
func floor(method string, sample *httptest.ResponseRecorder) http.Handler {
	type header struct {
		name   string
		values []string
	}
	var headers []header
	for name, values := range sample.Header() {
		headers = append(headers, header{name, values})
	}
	body := sample.Body.Bytes()
	e := echo.New()
	e.Add(method, "/*", func(c echo.Context) error {
		if method == http.MethodPost {
			if _, err := io.Copy(io.Discard, c.Request().Body); err != nil {
				return err
			}
		}
		h := c.Response().Header()
		for _, one := range headers {
			h[one.name] = one.values
		}
		c.Response().WriteHeader(sample.Code)
		_, err := c.Response().Write(body)
		return err
	})
	return e
}

func measure(b *testing.B, h http.Handler, status int, method, target, body string) {
	r := httptest.NewRequest(method, target, nil)
	path := r.URL.Path
	content := bytes.NewReader([]byte(body))
	w := &sink{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		content.Seek(0, io.SeekStart)
		r.Body, r.URL.Path = io.NopCloser(content), path
		clear(w.header)
		h.ServeHTTP(w, r)
	}
	if w.status != status {
		b.Fatalf("status %d, want %d", w.status, status)
	}
}

// sink takes an answer and keeps its status.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

// BenchmarkLog writes the log line of a request. Allocations must not grow with the
// line: the longest names a service, the shortest does not.
func BenchmarkLog(b *testing.B) {
	handlers := map[string]slog.Handler{"text": slog.NewTextHandler(io.Discard, nil), "JSON": slog.NewJSONHandler(io.Discard, nil)}
	for format, handler := range handlers {
		for name, id := range map[string]string{"short": "", "long": strings.Repeat("service-", 30)} {
			b.Run(format+" "+name, func(b *testing.B) {
				s := &Server{cfg: Config{Log: slog.New(handler)}}
				x := &exchange{r: httptest.NewRequest("GET", "/", nil), w: statusWriter{status: 200}, began: time.Now(), provider: id}
				b.ReportAllocs()
				for b.Loop() {
					s.logExchange(x, "/mail/config-v1.1.xml", nil)
				}
			})
		}
	}
}
