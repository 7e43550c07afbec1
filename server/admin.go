package server

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"mailsetup/internal/filewatch"
	"mailsetup/internal/mx"
)

// newAdmin makes the handler for health checks, metrics and reloads. It is meant for a
// loopback listener. A web page in a browser on the same machine must not be able to
// reach it through a name that it controls, so the Host must be a loopback name or an
// IP address.
func (s *Server) newAdmin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "alive", "version": s.cfg.Version})
	})
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.cfg.Metrics.Handler())
	mux.HandleFunc("GET /-/asked", s.asked)
	if s.cfg.TLSAsk {
		mux.HandleFunc("GET /-/tls-ask", s.tlsAsk)
	}
	mux.HandleFunc("POST /-/reload", func(w http.ResponseWriter, _ *http.Request) {
		// Loading large lists takes seconds, and longer next to other work than an answer may.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
		switch err := s.reloadSoon(); {
		case errors.Is(err, errReloadBusy):
			w.Header().Set("Retry-After", "5")
			writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "busy", "error": err.Error()})
		case err != nil:
			writeJSON(w, http.StatusUnprocessableEntity, map[string]string{"status": "kept what was loaded before", "error": err.Error()})
		default:
			writeJSON(w, http.StatusOK, map[string]string{"status": "reloaded"})
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !localHost(r.Host) || r.Header.Get("Origin") != "" {
			http.Error(w, "ask by IP address or as localhost", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// readiness is the body of /readyz.
type readiness struct {
	Status        string `json:"status"`            // ready, stopping, failing
	Failure       string `json:"failure,omitempty"` // why it is failing
	Providers     int    `json:"providers"`
	HostedDomains int    `json:"hosted_domains"`
	Signing       string `json:"signing"` // off, ok, expired
	// MX is how look-ups of mail exchangers go; absent without --recognise-mx.
	MX *mx.Status `json:"mx,omitempty"`
	// Files are the watched files: the table with the files that belong to it, and
	// the signing files.
	Files struct {
		Table   fileReadiness  `json:"table"`
		Signing *fileReadiness `json:"signing,omitempty"`
	} `json:"files"`
}

// fileReadiness describes files that are loaded together.
type fileReadiness struct {
	LastAttempt time.Time     `json:"last_attempt"`
	LastSuccess time.Time     `json:"last_success"`
	Error       string        `json:"error,omitempty"` // of the last attempt
	Watched     []watchedFile `json:"watched"`
}

type watchedFile struct {
	File  string          `json:"file"`
	State filewatch.State `json:"state"`
	Error string          `json:"error,omitempty"` // why it cannot be read
}

func newFileReadiness(s filewatch.Status) fileReadiness {
	r := fileReadiness{LastAttempt: s.Attempt.UTC(), LastSuccess: s.Success.UTC(), Watched: []watchedFile{}}
	if s.Err != nil {
		r.Error = s.Err.Error()
	}
	for _, f := range s.Files {
		w := watchedFile{File: f.Path, State: f.State}
		if f.Err != nil {
			w.Error = f.Err.Error()
		}
		r.Watched = append(r.Watched, w)
	}
	return r
}

// readyz says whether requests should be sent here, and asks the public handler to
// find out. A failed reload is reported but does not make the server unready: the
// previous table is still good. The same goes for an expired signing certificate,
// which stops only profiles.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	t := s.state.Load().table
	body := readiness{Status: "ready", Providers: len(t.Providers()), HostedDomains: t.HostedCount(), Signing: "off"}
	body.Files.Table = newFileReadiness(s.cfg.Files.Status())
	if s.cfg.Recogniser != nil {
		lookups := s.cfg.Recogniser.Status()
		body.MX = &lookups
	}
	if s.signer != nil {
		if s.signer.tls == nil {
			signing := newFileReadiness(s.signer.watch.Status())
			body.Files.Signing = &signing
		}
		body.Signing = "ok"
		if s.signer.valid() != nil {
			body.Signing = "expired"
		}
	}
	status := http.StatusOK
	if err := s.checkSelf(); err != nil {
		status, body.Status, body.Failure = http.StatusServiceUnavailable, "failing", err.Error()
	}
	if s.drain.Load() {
		status, body.Status = http.StatusServiceUnavailable, "stopping"
	}
	writeJSON(w, status, body)
}

func localHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}
