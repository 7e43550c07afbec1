package connlimit

import "net/http"

// extraShare is the share of Config.Max that HTTP/2 requests may take beyond the first of
// each connection.
const extraShare = 4

// serveStream answers an HTTP/2 request, if there may be another one.
func (l *Limiter) serveStream(c *conn, h http.Handler, w http.ResponseWriter, r *http.Request) {
	if !l.beginStream(c) {
		w.Header().Set("Retry-After", "1")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer l.endStream(c)
	h.ServeHTTP(w, r)
	// Without this, the answer of a client that allows nothing to be sent would wait for it
	// after the handler, uncounted.
	_ = http.NewResponseController(w).Flush()
}

// beginStream counts an HTTP/2 request. One costs half as much as a connection or more,
// so a client must not multiply its share by beginning many and ending none.
func (l *Limiter) beginStream(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.closed {
		return false
	}
	if c.streams > 0 {
		if c.class == direct && l.extra >= l.cfg.Max/extraShare {
			l.refused++
			return false
		}
		l.extra++
	}
	c.streams++
	return true
}

func (l *Limiter) endStream(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.closed {
		return // release has counted it
	}
	if c.streams--; c.streams > 0 {
		l.extra--
	}
}
