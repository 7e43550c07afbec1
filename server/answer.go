package server

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
)

// An answer is what one request gets.
type answer struct {
	status    int
	mediaType string // "" without a body
	cache     document.CacheClass
	etag      string // quoted; "" if it is not cached
	body      []byte
}

// etagOf makes the entity tag of a body: the same on every replica.
func etagOf(body []byte) string { return document.EntityTag(sha256.Sum256(body)) }

// write sends an answer, or 304 when the client's copy is current. It is the only
// place that sets the headers that matter to caches and clients. HEAD gets the same
// headers and no body.
func (x *exchange) write(a answer) {
	h := x.w.Header()
	h["Cache-Control"] = shared(cacheControl, a.cache.String())
	if a.etag != "" && a.cache.Kept() {
		x.setHeader("Etag", a.etag)
		if notModified(x.r.Header.Values("If-None-Match"), a.etag) {
			x.w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if a.mediaType != "" {
		h["Content-Type"] = shared(mediaTypes, a.mediaType)
	}
	x.setHeader("Content-Length", strconv.Itoa(len(a.body)))
	x.w.WriteHeader(a.status)
	if x.r.Method != http.MethodHead {
		_, _ = x.w.Write(a.body) // the client may be gone
	}
}

// send sends the document of an account.
func (x *exchange) send(f document.Format, account provider.Account) error {
	buffer := x.state.buffers.Get().(*[]byte)
	defer x.state.buffers.Put(buffer)
	var err error
	if *buffer, err = x.state.documents.Append((*buffer)[:0], f, account); err != nil {
		return err
	}
	etag := ""
	if x.basis.Found(f).Public() { // only cacheable answers have one
		etag = x.state.documents.Tag(f, account)
	}
	x.sendBody(f, *buffer, etag)
	return nil
}

// sendBody sends a finished document.
func (x *exchange) sendBody(f document.Format, body []byte, etag string) {
	if f.AnyOrigin() {
		x.w.Header()["Access-Control-Allow-Origin"] = anyOrigin
	}
	class := x.basis.Found(f)
	if class.Public() && x.basis.Decision == document.ByHost {
		x.varyByHost()
	}
	x.write(answer{status: http.StatusOK, mediaType: f.MediaType(), cache: class, etag: etag, body: body})
}

// notModified reports whether one of the client's entity tags is ours, by the
// weak comparison of RFC 9110 section 13.1.2. http.ServeContent would do this,
// but it also offers ranges, and some clients accept only a 200, not a 206.
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
