package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mailsetup/internal/provider"
)

// A reload under load: no request fails, and each answer comes entirely from one
// table or the other.
func TestReloadUnderLoad(t *testing.T) {
	overlays := []string{
		"domains: {example.com: icloud}",
		"providers: {icloud: {name: Another Name, imap: [{host: imap.example.org, port: 993, security: tls, username: address}]}}\ndomains: {example.com: icloud}",
	}
	type request struct{ method, path, body string }
	requests := []request{
		{"GET", "/mail/config-v1.1.xml?emailaddress=jane@icloud.com", ""},
		{"GET", "/mail/config-v1.1.xml?emailaddress=jane@example.com", ""},
		{"POST", "/autodiscover/autodiscover.xml", poxRequest("jane@icloud.com")},
		{"GET", "/profile/icloud.mobileconfig", ""},
		{"GET", "/", ""},
	}
	// What each table answers without a reload in between.
	answers := map[request][]string{}
	var tables []*provider.Table
	for _, overlay := range overlays {
		table, err := loadOverlay(t, overlay)
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
		calm := newTestServer(t, overlay)
		for _, r := range requests {
			w := ask(calm.Public(), r.method, r.path, r.body)
			answers[r] = append(answers[r], w.Header().Get("ETag")+"\n"+w.Body.String())
		}
	}

	var turn atomic.Int64
	s := newTestServer(t, "", func(cfg *Config) {
		cfg.Load = func() (*provider.Table, error) { return tables[turn.Add(1)%2], nil }
	})
	address := serveTCP(t, s)
	done := make(chan struct{})
	var load sync.WaitGroup
	var asked [2]atomic.Int64 // answers by table
	for _, r := range requests {
		load.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for {
				select {
				case <-done:
					return
				default:
				}
				req, _ := http.NewRequest(r.method, "http://"+address+r.path, strings.NewReader(r.body))
				req.Host = "example.com" // as ask has it
				response, err := client.Do(req)
				if err != nil {
					t.Errorf("%s: %v", r.path, err)
					return
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				got := response.Header.Get("ETag") + "\n" + string(body)
				switch {
				case err != nil || response.StatusCode != 200:
					t.Errorf("%s: status %d, %v", r.path, response.StatusCode, err)
				case got == answers[r][0]:
					asked[0].Add(1)
				case got == answers[r][1]:
					asked[1].Add(1)
				default:
					t.Errorf("%s: neither table's answer:\n%s", r.path, got)
				}
			}
		})
	}
	for reloads := 0; reloads < 50 || asked[0].Load() < 20 || asked[1].Load() < 20; reloads++ {
		if err := s.Reload(); err != nil {
			t.Error(err)
		}
	}
	close(done)
	load.Wait()
}

// A table with mistakes changes nothing; the answer to the reload lists them
// all, with their positions.
func TestReloadKeepsTheOldTable(t *testing.T) {
	var log logBuffer
	s := newTestServer(t, "domains: {example.com: icloud}", logTo(&log))
	good := s.cfg.Load
	before := rawAnswer(ask(s.Public(), "GET", "/v1.1/example.com", ""))
	line, lineAndColumn := regexp.MustCompile(`^test\.yaml:\d+: `), regexp.MustCompile(`^test\.yaml:\d+:\d+: `)
	position := map[string]*regexp.Regexp{
		"cut off": line, "deep": line, // the YAML parser knows no column
		"empty":     regexp.MustCompile(`^test\.yaml: `),
		"a mistake": lineAndColumn, "another type": lineAndColumn, "a typing error": lineAndColumn, "NUL": lineAndColumn,
		"two documents": lineAndColumn, "POP": lineAndColumn, "the same twice": lineAndColumn, "an alias": lineAndColumn,
	}
	for name, overlay := range map[string]string{
		"cut off":        "domains: {example.com: ",
		"empty":          "",
		"a mistake":      "domains:\n  example.com: icluod\n  example.org: nobody\n",
		"another type":   "domains: 5",
		"a typing error": "domain: {example.com: icloud}",
		"NUL":            "domains: {example.com: icloud}\x00",
		"two documents":  "domains: {example.com: icloud}\n---\ndomains: {}\n",
		"deep":           strings.Repeat("[", 10_000),
		"the same twice": "domains:\n  example.com: icloud\n  example.com: icloud\n",
		"an alias":       "domains: {example.com: &a icloud, example.org: *a}\n",
		"POP":            "providers: {icloud: {pop3: [{host: pop.example.com, port: 995}]}}",
	} {
		t.Run(name, func(t *testing.T) {
			s.cfg.Load = func() (*provider.Table, error) { return loadOverlay(t, overlay) }
			w := ask(s.Admin(), "POST", "/-/reload", "", "Host: 127.0.0.1:8081")
			var answer struct{ Status, Error string }
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
				t.Fatal(err)
			}
			if w.Code != 422 || !position[name].MatchString(answer.Error) {
				t.Errorf("status %d, error %q; want 422 and a position in test.yaml: %s", w.Code, answer.Error, position[name])
			}
			if name == "a mistake" && (!strings.Contains(answer.Error, "test.yaml:2:") || !strings.Contains(answer.Error, "test.yaml:3:")) {
				t.Errorf("error %q; want both mistakes with their lines", answer.Error)
			}
			if after := rawAnswer(ask(s.Public(), "GET", "/v1.1/example.com", "")); after != before {
				t.Errorf("the answer has changed:\n%s", after)
			}
			ready := readyNow(t, s)
			if ready.Status != "ready" || ready.Files.Table.Error != answer.Error || ready.HostedDomains != 1 {
				t.Errorf("readyz says %+v", ready)
			}
			if !strings.Contains(log.String(), "the previous one stays in use") {
				t.Error("the log says nothing")
			}
		})
	}
	s.cfg.Load = func() (*provider.Table, error) { return nil, errors.New("open providers.yaml: no such file") }
	if err := s.Reload(); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("the file is gone: %v", err)
	}
	s.cfg.Load = good
	if w := ask(s.Admin(), "POST", "/-/reload", "", "Host: localhost:8081"); w.Code != 200 {
		t.Errorf("a good table again: status %d, %s", w.Code, w.Body)
	}
	if ready := readyNow(t, s); ready.Files.Table.Error != "" {
		t.Errorf("readyz still says %q", ready.Files.Table.Error)
	}
}

func readyNow(t *testing.T, s *Server) readiness {
	t.Helper()
	w := ask(s.Admin(), "GET", "/readyz", "", "Host: localhost")
	var ready readiness
	if err := json.Unmarshal(w.Body.Bytes(), &ready); err != nil {
		t.Fatalf("readyz: %v in %s", err, w.Body)
	}
	return ready
}

// The documents of hosted domains are kept once a client has asked for them.
// After a change of the table, no old document may remain.
func TestReloadForgetsHostedDocuments(t *testing.T) {
	s := newTestServer(t, "domains: {example.com: icloud}")
	get := func() string {
		return ask(s.Public(), "GET", "/mail/config-v1.1.xml", "", "Host: example.com").Body.String()
	}
	if first := get(); !strings.Contains(first, "<displayName>iCloud Mail<") || get() != first {
		t.Fatalf("before: %s", first)
	}
	change := func(overlay string) {
		t.Helper()
		s.cfg.Load = func() (*provider.Table, error) { return loadOverlay(t, overlay) }
		if err := s.Reload(); err != nil {
			t.Fatal(err)
		}
	}
	change("providers: {icloud: {name: Renamed Mail}}\ndomains: {example.com: icloud}")
	if !strings.Contains(get(), "<displayName>Renamed Mail<") {
		t.Errorf("renamed: %s", get())
	}
	change("domains: {example.com: {provider: icloud, login: jane@me.com}}")
	if !strings.Contains(get(), "<username>jane@me.com<") {
		t.Errorf("with a login: %s", get())
	}
	change("domains: {example.org: icloud}")
	if w := ask(s.Public(), "GET", "/mail/config-v1.1.xml", "", "Host: example.com"); w.Code != 404 {
		t.Errorf("removed: status %d", w.Code)
	}
}

// A bad table at start is an error at once, with all of its mistakes.
func TestNewRefusesABadTable(t *testing.T) {
	_, err := New(Config{Load: func() (*provider.Table, error) { return loadOverlay(t, "domains: {example.com: nobody}") }})
	if _, ok := errors.AsType[provider.Errors](err); !ok {
		t.Errorf("error %v, want the table's own", err)
	}
}

// The admin listener is for this machine, but not for a web page in a browser on
// it, whatever name the page uses for it.
func TestAdmin(t *testing.T) {
	var loads atomic.Int64
	s := newTestServer(t, "", func(cfg *Config) {
		load := cfg.Load
		cfg.Load = func() (*provider.Table, error) { loads.Add(1); return load() }
		cfg.Version = "1.2.3"
	})
	for _, c := range []struct {
		method, path string
		headers      []string
		status       int
		reloads      int64
	}{
		{"GET", "/livez", []string{"Host: localhost:8081"}, 200, 0},
		{"GET", "/readyz", []string{"Host: 127.0.0.1:8081"}, 200, 0},
		{"HEAD", "/readyz", []string{"Host: [::1]:8081"}, 200, 0},
		{"GET", "/readyz", []string{"Host: 10.1.2.3"}, 200, 0}, // a kubelet asks by the pod's address
		{"POST", "/-/reload", []string{"Host: LocalHost"}, 200, 1},
		{"POST", "/-/reload", []string{"Host: ::1"}, 200, 1},
		{"GET", "/-/reload", []string{"Host: localhost"}, 405, 0},
		{"PUT", "/-/reload", []string{"Host: localhost"}, 405, 0},
		{"POST", "/-/reload/", []string{"Host: localhost"}, 404, 0},
		{"POST", "/-/reload", []string{"Host: evil.example.net"}, 403, 0},
		{"POST", "/-/reload", []string{"Host: localhost.evil.example.net"}, 403, 0},
		{"POST", "/-/reload", []string{"Host: 127.0.0.1.evil.example.net:8081"}, 403, 0},
		{"POST", "/-/reload", []string{"Host: "}, 403, 0},
		{"POST", "/-/reload", []string{"Host: localhost", "Origin: https://evil.example.net"}, 403, 0},
		{"POST", "/-/reload", []string{"Host: localhost", "Origin: http://localhost:8081"}, 403, 0},
		{"POST", "/-/reload", []string{"Host: localhost", "Origin: null"}, 403, 0},
		{"GET", "/readyz", []string{"Host: evil.example.net"}, 403, 0},
		{"GET", "/", []string{"Host: localhost"}, 404, 0},
		{"GET", "/mail/config-v1.1.xml", []string{"Host: localhost"}, 404, 0},
	} {
		before := loads.Load()
		w := ask(s.Admin(), c.method, c.path, "", c.headers...)
		if w.Code != c.status || loads.Load()-before != c.reloads {
			t.Errorf("%s %s with %q: status %d and %d reloads, want %d and %d", c.method, c.path, c.headers, w.Code, loads.Load()-before, c.status, c.reloads)
		}
	}
	if w := ask(s.Admin(), "GET", "/livez", "", "Host: localhost"); !strings.Contains(w.Body.String(), "1.2.3") {
		t.Errorf("livez does not tell the version: %s", w.Body)
	}
	if ready := readyNow(t, s); ready.Status != "ready" || ready.Providers != 1 || ready.Signing != "off" || ready.Files.Table.LastSuccess.IsZero() {
		t.Errorf("readyz says %+v", ready)
	}
}

// Simultaneous reloads run one after the other, and the last table counts.
func TestReloadsAtOnce(t *testing.T) {
	var running, most atomic.Int64
	s := newTestServer(t, "")
	load := s.cfg.Load
	s.cfg.Load = func() (*provider.Table, error) {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		time.Sleep(time.Millisecond) // long enough for the others to come
		return load()
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if err := s.Reload(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most.Load() != 1 {
		t.Errorf("%d reloads ran at once", most.Load())
	}
}

// A file system that hangs holds up one reload, not everybody who asks for one.
func TestReloadBehindOneThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestServer(t, "")
		load, hang, loading := s.cfg.Load, make(chan struct{}), make(chan struct{})
		s.cfg.Load = func() (*provider.Table, error) {
			close(loading)
			<-hang
			return load()
		}
		post := func() *httptest.ResponseRecorder {
			return ask(s.Admin(), "POST", "/-/reload", "", "Host: localhost")
		}
		first := make(chan int)
		go func() { first <- post().Code }()
		<-loading
		if w := post(); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("a second reload: status %d, %s", w.Code, w.Body)
		}
		// However many ask, one of them waits, and the others get an answer at
		// once.
		began, waited := time.Now(), 0
		codes := make(chan time.Duration, 100)
		for range 100 {
			go func() { post(); codes <- time.Since(began) }()
		}
		for range 100 {
			if took := <-codes; took > 0 {
				waited++
			}
		}
		if waited > 1 {
			t.Errorf("%d of 100 waited", waited)
		}
		close(hang)
		if status := <-first; status != http.StatusOK {
			t.Errorf("the first reload: status %d", status)
		}
		s.cfg.Load = load
		if w := post(); w.Code != http.StatusOK {
			t.Errorf("a reload after both: status %d", w.Code)
		}
	})
}

// A reload that takes longer than an answer may is answered.
func TestLongReloadIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var loads atomic.Int32
		s := newTestServer(t, "", func(c *Config) {
			load := c.Load
			c.Load = func() (*provider.Table, error) {
				if loads.Add(1) > 1 {
					time.Sleep(time.Minute)
				}
				return load()
			}
		})
		public, admin := newPipeListener(), newPipeListener()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx, Listeners{Public: public, Admin: admin}) }()
		conn := admin.dial()
		defer conn.Close()
		io.WriteString(conn, "POST /-/reload HTTP/1.1\r\nHost: localhost\r\n\r\n")
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || response.StatusCode != 200 {
			t.Errorf("the answer: %v, %v", response, err)
		}
		conn.Close()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
