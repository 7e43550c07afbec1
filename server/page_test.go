package server

import (
	"net/url"
	"strings"
	"testing"
)

// Some programs take the slash off the end of a link. The page is the same
// then, and an unknown link is still answered with a page that leads on, not
// with the empty 404 that probing clients get.
func TestLinkWithoutSlash(t *testing.T) {
	s := newTestServer(t, "")
	w := ask(s.Public(), "POST", "/", "emailaddress=jane@icloud.com", "Content-Type: application/x-www-form-urlencoded")
	location := w.Header().Get("Location")
	w = ask(s.Public(), "GET", strings.TrimSuffix(location, "/"), "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `href="`+location+`icloud.mobileconfig"`) {
		t.Errorf("status %d, links to the profile: %v", w.Code, strings.Contains(w.Body.String(), location))
	}
	for _, path := range []string{"/p/nonsense", "/p/nonsense/", "/p/nonsense/icloud.mobileconfig"} {
		if w := ask(s.Public(), "GET", path, ""); w.Code != 404 || !strings.Contains(w.Body.String(), `name="emailaddress"`) {
			t.Errorf("%s: status %d without the form to start again", path, w.Code)
		}
	}
}

// An address copied from a web page may hold characters that nobody sees. It is
// refused, and the field then shows it without them: sent again, it works.
func TestRefusedAddressIsShownClean(t *testing.T) {
	s := newTestServer(t, "")
	for _, typed := range []string{"jane@icloud.com\u200b", "ja\u00adne@icloud.com", "\u202ejane@icloud.com", "jane\x1b@icloud.com"} {
		form := url.Values{"emailaddress": {typed}}.Encode()
		w := ask(s.Public(), "POST", "/", form, "Content-Type: application/x-www-form-urlencoded")
		if w.Code != 400 || !strings.Contains(w.Body.String(), `value="jane@icloud.com"`) {
			t.Errorf("%q: status %d\n%s", typed, w.Code, w.Body)
		}
	}
}
