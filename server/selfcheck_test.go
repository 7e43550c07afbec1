package server

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Readiness depends on the public handler: while it hangs, panics or has no
// settings, the server is not ready. Once it answers, it is ready again.
func TestReadinessAsksThePublicHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestServer(t, "")
		public := s.public
		release := make(chan struct{})
		asked := 0
		for _, c := range []struct {
			name   string
			public http.Handler
			status int
			body   string
		}{
			{"as it is", public, 200, `"status":"ready"`},
			{"hangs", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++; <-release }), 503, "does not answer"},
			{"still hangs", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++; <-release }), 503, "does not answer"},
			{"panics", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no table") }), 503, "panics"},
			{"knows nothing", http.NotFoundHandler(), 503, "status 404"},
			{"recovered", public, 200, `"status":"ready"`},
		} {
			if c.name == "panics" { // what hung before ends first
				close(release)
				time.Sleep(time.Second)
			}
			s.public = c.public
			w := ask(s.Admin(), "GET", "/readyz", "", "Host: localhost")
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) {
				t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
			}
			if c.status == 503 && !strings.Contains(w.Body.String(), `"status":"failing"`) {
				t.Errorf("%s: %s", c.name, w.Body)
			}
		}
		if asked != 1 {
			t.Errorf("a handler that hangs was asked %d times at once", asked)
		}
	})
}

// No client made these requests, so they do not belong in the log.
func TestReadinessLeavesNoLogLine(t *testing.T) {
	var log logBuffer
	s := newTestServer(t, "", logTo(&log))
	if w := ask(s.Admin(), "GET", "/readyz", "", "Host: localhost"); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(log.String(), "level=INFO msg=request") || !strings.Contains(log.String(), "level=DEBUG msg=request") {
		t.Errorf("the log has:\n%s", log.String())
	}
}
