package server

import (
	"bytes"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smallstep/pkcs7"

	"mailsetup/internal/document"
	"mailsetup/internal/language"
	"mailsetup/profiles"
	"mailsetup/templates/page"
)

// profilePaths returns all paths to a profile, with a new page token.
func profilePaths(t testing.TB, s *Server) []string {
	w := ask(s.Public(), "POST", "/", "emailaddress=jane@icloud.com", "Content-Type: application/x-www-form-urlencoded")
	location := w.Header().Get("Location")
	if !strings.HasPrefix(location, "/p/") {
		t.Fatalf("the form's answer leads to %q", location)
	}
	return []string{"/profile/icloud.mobileconfig", "/profile.mobileconfig?emailaddress=jane@icloud.com", location + "icloud.mobileconfig"}
}

// signatureOf checks that an answer is a signed profile and returns its content
// and the serial number of the certificate.
func signatureOf(t testing.TB, w *httptest.ResponseRecorder) (content []byte, serial *big.Int) {
	t.Helper()
	if w.Code != 200 || w.Header().Get("Content-Type") != profiles.ContentType {
		t.Fatalf("status %d, type %s", w.Code, w.Header().Get("Content-Type"))
	}
	cms, err := pkcs7.Parse(w.Body.Bytes())
	if err != nil {
		t.Fatalf("the profile is not signed: %v\n%.100q", err, w.Body)
	}
	if err := cms.Verify(); err != nil {
		t.Fatalf("invalid signature: %v", err)
	}
	return cms.Content, cms.GetOnlySigner().SerialNumber
}

// Every route to a profile signs it, and the signed content is what would be sent
// unsigned. A route that forgot to sign would show people "Not Signed" in red.
func TestProfilesAreSigned(t *testing.T) {
	files := newFiles(t)
	pair := newKeyPair(t, time.Now().Add(24*time.Hour))
	pair.write(t, files)
	signed, unsigned := newTestServer(t, "", signedBy(files)), newTestServer(t, "")
	for i, path := range profilePaths(t, signed) {
		plain := ask(unsigned.Public(), "GET", profilePaths(t, unsigned)[i], "")
		for range 2 { // the second may come from a cache
			w := ask(signed.Public(), "GET", path, "")
			content, serial := signatureOf(t, w)
			if !bytes.Equal(content, plain.Body.Bytes()) || serial.Cmp(pair.serial) != 0 {
				t.Errorf("%s: other content or another certificate", path)
			}
			for _, name := range []string{"Cache-Control", "Content-Disposition"} {
				if got, want := w.Header().Get(name), plain.Header().Get(name); got != want {
					t.Errorf("%s: %s is %q, unsigned %q", path, name, got, want)
				}
			}
		}
		if w := ask(signed.Public(), "HEAD", path, ""); w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("HEAD %s: status %d with %d bytes", path, w.Code, w.Body.Len())
		}
	}
}

// A cache that has the unsigned profile, or one signed with another key, must not
// be told that its copy is still good.
func TestETagIsBoundToTheSignature(t *testing.T) {
	const path = "/profile/icloud.mobileconfig"
	seen := map[string]string{}
	check := func(what string, s *Server) {
		t.Helper()
		etag := ask(s.Public(), "GET", path, "").Header().Get("ETag")
		if other, used := seen[etag]; used || etag == "" {
			t.Errorf("%s: ETag %q, as %s", what, etag, other)
		}
		seen[etag] = what
		if w := ask(s.Public(), "GET", path, "", "If-None-Match: "+etag); w.Code != http.StatusNotModified {
			t.Errorf("%s: status %d for its own ETag", what, w.Code)
		}
		for old := range seen {
			if w := ask(s.Public(), "GET", path, "", "If-None-Match: "+old); old != etag && w.Code != http.StatusOK {
				t.Errorf("%s: status %d for the ETag of %s", what, w.Code, seen[old])
			}
		}
	}
	check("unsigned", newTestServer(t, ""))
	files := newFiles(t)
	newKeyPair(t, time.Now().Add(time.Hour)).write(t, files)
	s := newTestServer(t, "", signedBy(files))
	check("signed", s)
	newKeyPair(t, time.Now().Add(48*time.Hour)).write(t, files)
	if err := s.signer.reload(); err != nil {
		t.Fatal(err)
	}
	check("signed with a new key", s)
}

// An expired certificate stops profiles and nothing else: unsigned ones instead
// would look like an attack. The log at start, the page and the admin listener
// report it, and new files fix it.
func TestSignerExpired(t *testing.T) {
	files := newFiles(t)
	newKeyPair(t, time.Now().Add(-time.Minute)).write(t, files)
	var log logBuffer
	s := newTestServer(t, "", signedBy(files), logTo(&log))
	if !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("the log says nothing at start:\n%s", log.String())
	}
	checkNoProfiles(t, s, page.SigningUnavailable)
	if w := ask(s.Public(), "GET", "/mail/config-v1.1.xml", "", "Host: icloud.com"); w.Code != 200 {
		t.Errorf("autoconfig: status %d", w.Code)
	}
	w := ask(s.Admin(), "GET", "/readyz", "", "Host: localhost")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"signing":"expired"`) {
		t.Errorf("readyz: status %d, %s", w.Code, w.Body)
	}
	newKeyPair(t, time.Now().Add(time.Hour)).write(t, files)
	_, _ = s.signer.poll(), s.signer.poll()
	for _, path := range profilePaths(t, s) {
		signatureOf(t, ask(s.Public(), "GET", path, ""))
	}
	if w := ask(s.Admin(), "GET", "/readyz", "", "Host: localhost"); !strings.Contains(w.Body.String(), `"signing":"ok"`) {
		t.Errorf("readyz after new files: %s", w.Body)
	}
}

// checkNoProfiles checks that every route to a profile answers 503 with a page
// that says why, and that Retry-After is sent only when the server is busy.
func checkNoProfiles(t *testing.T, s *Server, why page.Notice) {
	t.Helper()
	for _, path := range profilePaths(t, s) {
		typed := page.Typed{Address: "jane@icloud.com"}
		if strings.HasPrefix(path, document.ProfilePath) {
			typed.Address = "" // for everybody
		}
		var want bytes.Buffer
		if err := s.state.Load().pages.Notice(&want, language.Choice{}, why, typed); err != nil {
			t.Fatal(err)
		}
		w := ask(s.Public(), "GET", path, "")
		if w.Code != 503 || w.Header().Get("Content-Type") != htmlType || (w.Header().Get("Retry-After") != "") != (why == page.SigningBusy) {
			t.Errorf("%s: status %d, type %q, Retry-After %q", path, w.Code, w.Header().Get("Content-Type"), w.Header().Get("Retry-After"))
		}
		if w.Header().Get("Content-Disposition") != "" || w.Header().Get("ETag") != "" || strings.Contains(w.Header().Get("Cache-Control"), "public") {
			t.Errorf("%s: headers of a profile: %v", path, w.Header())
		}
		if w.Body.String() != want.String() {
			t.Errorf("%s: not the page that says why:\n%.300s", path, w.Body)
		}
	}
}

// The certificate expires while the server runs; a profile signed before must not
// come out of the cache afterwards, because devices would call it invalid.
func TestSignerExpiresLater(t *testing.T) {
	files := newFiles(t)
	synctest.Test(t, func(t *testing.T) {
		newKeyPair(t, time.Now().Add(time.Hour)).write(t, files)
		s := newTestServer(t, "", signedBy(files))
		for _, path := range profilePaths(t, s) {
			signatureOf(t, ask(s.Public(), "GET", path, ""))
		}
		time.Sleep(time.Hour + time.Second)
		checkNoProfiles(t, s, page.SigningUnavailable)
	})
}

// When too many ask for profiles, they wait a moment and are then asked to come
// back. The other routes are not held up.
func TestSignerBusy(t *testing.T) {
	files := newFiles(t)
	synctest.Test(t, func(t *testing.T) {
		newKeyPair(t, time.Now().Add(time.Hour)).write(t, files)
		s := newTestServer(t, "", signedBy(files))
		paths := profilePaths(t, s)
		for range cap(s.signer.slots) {
			s.signer.slots <- struct{}{}
		}
		began := time.Now()
		if w := ask(s.Public(), "GET", "/mail/config-v1.1.xml", "", "Host: icloud.com"); w.Code != 200 || time.Since(began) > 0 {
			t.Errorf("autoconfig: status %d after %v", w.Code, time.Since(began))
		}
		checkNoProfiles(t, s, page.SigningBusy)
		if waited := time.Since(began); waited != time.Duration(len(paths))*signerWait {
			t.Errorf("waited %v for %d profiles", waited, len(paths))
		}
		// A core becomes free while somebody waits.
		go func() {
			time.Sleep(signerWait / 2)
			<-s.signer.slots
		}()
		for _, path := range paths {
			signatureOf(t, ask(s.Public(), "GET", path, ""))
		}
		if n := len(s.signer.slots); n != cap(s.signer.slots)-1 {
			t.Errorf("%d of %d slots are taken: a signature did not release its slot", n, cap(s.signer.slots))
		}
	})
}
