package server

import (
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// newTestServer makes a server from the built-in table with overlay on top. Its
// log is discarded unless change sets one.
func newTestServer(t testing.TB, overlay string, change ...func(*Config)) *Server {
	t.Helper()
	table := providertest.Table(t, overlay)
	cfg := Config{
		Load: func() (*provider.Table, error) { return table, nil },
		Log:  slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// serveTCP serves the public handler with the program's own limits and returns
// the address.
func serveTCP(t testing.TB, s *Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := s.httpServer(s.Public())
	go h.Serve(l)
	t.Cleanup(func() { h.Close() })
	return l.Addr().String()
}

// ask sends a request straight to the handler. Headers are "Name: value" lines.
func ask(h http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// logBuffer collects a log that several goroutines write.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *logBuffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text.Reset()
}

// logTo sends everything that a server logs to b, debug messages included.
func logTo(b *logBuffer) func(*Config) {
	return func(cfg *Config) {
		cfg.Log = slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
}

const outlookRequest = `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">` +
	`<Request><EMailAddress>ADDRESS</EMailAddress>` +
	`<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>` +
	`</Request></Autodiscover>`

// poxRequest is Outlook's request for an address, which is inserted unescaped.
func poxRequest(address string) string { return strings.Replace(outlookRequest, "ADDRESS", address, 1) }

// loadOverlay loads a table as the program does at a reload, and returns its
// mistakes.
func loadOverlay(t testing.TB, overlay string) (*provider.Table, error) {
	return provider.Load(provider.LoadConfig{
		Builtin: providertest.BuiltinSource(t),
		Tables:  []provider.Source{{Name: "test.yaml", Data: []byte(overlay)}},
	})
}
