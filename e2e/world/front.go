package world

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
)

// A Request is a request to the web front, and how it was answered.
type Request struct {
	Method string
	// URL has the scheme, host and path, and the query if there was one.
	URL    string
	Status int
}

// serveWeb listens on the ports 80 and 443, and on a second address only on
// port 80. HTTP/2 is offered over TLS.
func (w *World) serveWeb() error {
	for _, at := range []string{"127.0.0.1:80", "127.0.0.2:80", "127.0.0.1:443"} {
		l, err := w.Listen(at)
		if err != nil {
			return err
		}
		server := &http.Server{
			Handler: w,
			// Clients hang up on certificates that they do not trust,
			// which is not worth logging.
			ErrorLog: log.New(io.Discard, "", 0),
		}
		w.closers = append(w.closers, server.Close)
		if strings.HasSuffix(at, ":443") {
			server.TLSConfig = w.Authority.ServerConfig()
			go server.ServeTLS(l, "", "")
		} else {
			go server.Serve(l)
		}
	}
	return nil
}

// ServeHTTP implements [http.Handler]: it passes a request on to the server
// under test if the host's owner has published that, and answers like any other
// web server if not.
func (w *World) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	seen := &statusWriter{ResponseWriter: rw}
	host := canonical(r.Host)
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	site, known := w.names.sites[host]
	switch {
	case host == w.directory && strings.HasPrefix(r.URL.Path, "/v1.1/"):
		// An entry of the settings database belongs to the domain looked up.
		asked := strings.TrimPrefix(r.URL.Path, "/v1.1/")
		if site, known = w.names.sites[canonical(asked)]; known && !site.Listed {
			http.NotFound(seen, r)
		} else {
			w.pass(seen, r, site)
		}
	case known && site.serves(host, r.URL.Path):
		w.pass(seen, r, site)
	default:
		http.NotFound(seen, r)
	}
	w.record(r, seen.status)
}

// pass forwards to the server under test, like a reverse proxy that ends TLS.
func (w *World) pass(rw http.ResponseWriter, r *http.Request, site Site) {
	if site.Handler != nil {
		site.Handler.ServeHTTP(rw, r)
		return
	}
	upstream := w.upstream
	if site.Upstream != "" {
		var err error
		if upstream, err = w.locate(site.Upstream); err != nil {
			http.Error(rw, err.Error(), http.StatusBadGateway)
			return
		}
	}
	proxy := httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(&url.URL{Scheme: "http", Host: upstream})
			p.Out.Host = p.In.Host
			p.SetXForwarded()
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	if site.Spoil != nil {
		proxy.ModifyResponse = func(res *http.Response) error {
			body, err := io.ReadAll(res.Body)
			if err := errors.Join(err, res.Body.Close()); err != nil {
				return err
			}
			body = site.Spoil(res, body)
			res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			res.Header.Set("Content-Length", strconv.Itoa(len(body)))
			return nil
		}
	}
	proxy.ServeHTTP(rw, r)
}

func (w *World) record(r *http.Request, status int) {
	u := *r.URL
	u.Scheme, u.Host = "http", r.Host
	if r.TLS != nil {
		u.Scheme = "https"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, Request{Method: r.Method, URL: u.String(), Status: status})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}
