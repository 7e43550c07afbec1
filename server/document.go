package server

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

// A document is an answer ready to send.
type document struct {
	mediaType string
	body      []byte
	etag      string // quoted; "" for documents that must not be cached
}

// newDocument makes a document that caches may keep and revalidate.
func newDocument(mediaType string, body []byte) *document {
	sum := sha256.Sum256(body)
	return &document{mediaType: mediaType, body: body, etag: `"` + hex.EncodeToString(sum[:12]) + `"`}
}

// send writes the document with 200, or 304 when the client's copy is good.
func (d *document) send(w http.ResponseWriter, r *http.Request, cache string) {
	h := w.Header()
	h.Set("Content-Type", d.mediaType)
	h.Set("Cache-Control", cache)
	if d.etag == "" || cache == cacheNever {
		sendBytes(w, r, http.StatusOK, d.body)
		return
	}
	h.Set("ETag", d.etag)
	if notModified(r.Header.Values("If-None-Match"), d.etag) {
		h.Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	sendBytes(w, r, http.StatusOK, d.body)
}

// notModified reports whether one of the client's entity tags is ours, by the
// weak comparison of RFC 9110 section 13.1.2. http.ServeContent would do, but it
// also offers ranges, and a 206 is no 200 to a client that insists on one.
func notModified(values []string, etag string) bool {
	for _, v := range values {
		for tag := range strings.SplitSeq(v, ",") {
			tag = strings.TrimSpace(tag)
			if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
				return true
			}
		}
	}
	return false
}

// sendBytes writes status and body; the media type is set already. HEAD gets
// the same headers and no body.
func sendBytes(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may have gone; there is nobody to tell
	}
}
