package server

import (
	"context"
	"html"
	"net"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailsetup/internal/provider/providertest"
	"mailsetup/templates/page"
)

// startInput is a field of the form, on whatever page.
var startInput = regexp.MustCompile(`<input (?:id="[a-z]+" |type="hidden" )name="([a-z]+)"[^>]* value="([^"]*)"`)

// fields returns what the form on a page holds.
func fields(body string) url.Values {
	_, form, _ := strings.Cut(body, ` id="start" `)
	form, _, _ = strings.Cut(form, "</form>")
	held := url.Values{}
	for _, field := range startInput.FindAllStringSubmatch(form, -1) {
		if value := html.UnescapeString(field[2]); value != "" {
			held.Set(field[1], value)
		}
	}
	return held
}

// unreachable is a resolver that is down.
func unreachable(_ context.Context, name string) ([]*net.MX, error) {
	return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
}

// TestTypedSurvives: whatever is refused, and whatever language is chosen then, people
// type nothing twice. The buttons for the languages post the same form.
func TestTypedSurvives(t *testing.T) {
	known := newTestServer(t, signInOnly+"domains: {example.com: icloud}")
	undecided := newTestServer(t, "", recognising(unreachable))
	for _, tt := range []struct {
		name   string
		s      *Server
		typed  string // the form
		status int
		says   string
	}{
		{"unknown domain", known, "emailaddress=jane@unknown.test&name=Jane&login=jane.appleseed@icloud.com", 404, "is not known here"},
		{"unknown domain, from a link", known, "emailaddress=jane@unknown.test&name=Jane&domain=unknown.test", 404, "is not known here"},
		{"near domain", known, "emailaddress=jane@icluod.com&name=Jane", 404, "Did you mean"},
		{"bad address", known, "emailaddress=jane@&name=Jane&login=jane.appleseed@icloud.com", 400, "missing"},
		{"bad address, from a link", known, "emailaddress=ja+ne@example.com&name=Jane&login=jane.appleseed@icloud.com&domain=example.com", 400, "Your iCloud login"},
		{"no address", known, "name=Jane&login=jane.appleseed@icloud.com&domain=example.com", 400, "Type your email address"},
		{"bad login", known, "emailaddress=jane@example.com&name=Jane&login=jane", 400, "The address has no @ sign"},
		{"login elsewhere", known, "emailaddress=jane@example.com&name=Jane&login=jane@example.org", 400, "must end in"},
		{"bad name", known, "emailaddress=jane@example.com&login=jane@icloud.com&name=" + strings.Repeat("x", 500), 400, "This name cannot be used"},
		{"undecided", undecided, "emailaddress=jane@example.test&name=Jane&login=jane.appleseed@icloud.com&domain=example.test", 503, "could not be looked up"},
	} {
		want, err := url.ParseQuery(tt.typed)
		if err != nil {
			t.Fatal(err)
		}
		w := ask(tt.s.Public(), "POST", "/", want.Encode(), formType)
		if got := fields(w.Body.String()); w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) || got.Encode() != want.Encode() {
			t.Errorf("%s: status %d, the form holds %v\n%s", tt.name, w.Code, got, w.Body)
		}
		for _, l := range page.Languages() {
			again := want.Encode() + "&" + page.FieldLanguage + "=" + l.String()
			w := ask(tt.s.Public(), "POST", "/", again, formType)
			got := fields(w.Body.String())
			got.Del(page.FieldLanguage)
			if w.Code != tt.status || pageTag(w.Body.String()) != l.String() || got.Encode() != want.Encode() || strings.Contains(w.Body.String(), "hreflang") {
				t.Errorf("%s in %s: status %d, the form holds %v", tt.name, l, w.Code, got)
			}
		}
		if strings.Contains(tt.says, "looked up") && !strings.Contains(w.Body.String(), ">Try again</button>") {
			t.Errorf("%s: the button does not say to try again\n%s", tt.name, w.Body)
		}
	}
}

// TestTypedSoFarSurvives: whoever chooses a language in the middle of the form gets the
// form back, without a judgement on what is not complete yet and without a look-up.
func TestTypedSoFarSurvives(t *testing.T) {
	s := newTestServer(t, "domains: {example.com: icloud}", recognising(func(context.Context, string) ([]*net.MX, error) {
		t.Error("a domain was looked up")
		return nil, &net.DNSError{IsNotFound: true}
	}))
	for _, tt := range []struct {
		typed string
		login bool // is asked for
	}{
		{"emailaddress=jan", false},
		{"emailaddress=jane@icloud.com&name=Jane", false},
		{"emailaddress=jane@unknown.test&name=Jane", false},
		{"emailaddress=jane@example.com&login=jane.a", true},
		{"name=Jane&domain=example.com", true},
		{"login=jane.a&name=Jane", true},
	} {
		want, err := url.ParseQuery(tt.typed)
		if err != nil {
			t.Fatal(err)
		}
		w := ask(s.Public(), "POST", "/", want.Encode()+"&lang=de&lang=ja&again=1", formType)
		want.Set("lang", "ja")
		body := w.Body.String()
		if w.Code != 200 || pageTag(body) != "ja" || fields(body).Encode() != want.Encode() || strings.Contains(body, `role="alert"`) ||
			strings.Contains(body, `name="login"`) != tt.login || w.Header().Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s: status %d, %v\n%s", tt.typed, w.Code, w.Header(), body)
		}
	}
}

// TestTypedSurvivesProfile: the same where a profile is refused, whose address came in a
// link or is in a token.
func TestTypedSurvivesProfile(t *testing.T) {
	files := newFiles(t)
	synctest.Test(t, func(t *testing.T) {
		newKeyPair(t, time.Now().Add(time.Hour)).write(t, files)
		s := newTestServer(t, signInOnly+"domains: {example.com: icloud}", signedBy(files), recognising(unreachable))
		ordered := func(address, login string) string {
			typed := url.Values{page.FieldAddress: {address}, page.FieldName: {"Jane"}}
			if login != "" {
				typed.Set(page.FieldLogin, login)
			}
			return ask(s.Public(), "POST", "/", typed.Encode(), formType).Header().Get("Location")
		}
		gone := order{provider: "gone", address: providertest.Address(t, "jane@example.com"), expires: time.Now().Add(time.Hour)}
		for range cap(s.signer.slots) {
			s.signer.slots <- struct{}{}
		}
		for _, tt := range []struct {
			name, path string
			status     int
			want       string
		}{
			{"busy, by a link", "/profile.mobileconfig?emailaddress=jane@icloud.com&name=Jane", 503, "emailaddress=jane@icloud.com&name=Jane"},
			{"busy, from the page", ordered("jane@example.com", "jane.a@icloud.com") + "icloud.mobileconfig", 503, "emailaddress=jane@example.com&name=Jane&login=jane.a@icloud.com"},
			{"no profile, by a link", "/profile.mobileconfig?email=jane@signin.test", 404, "emailaddress=jane@signin.test"},
			{"no profile, from the page", ordered("jane@signin.test", "") + "signin.mobileconfig", 404, "emailaddress=jane@signin.test&name=Jane"},
			{"bad address", "/profile.mobileconfig?emailaddress=jane@&name=Jane", 400, "emailaddress=jane@&name=Jane"},
			{"bad name", "/profile.mobileconfig?emailaddress=jane@icloud.com&name=" + strings.Repeat("x", 500), 400, "emailaddress=jane@icloud.com&name=" + strings.Repeat("x", 500)},
			{"undecided", "/profile.mobileconfig?emailaddress=jane@example.test", 503, "emailaddress=jane@example.test"},
			{"a service that is gone", "/p/" + s.sealer.seal(gone) + "/", 404, "emailaddress=jane@example.com"},
			{"no address", "/profile.mobileconfig", 400, ""},
			{"two addresses", "/profile.mobileconfig?emailaddress=jane@icloud.com&email=john@icloud.com", 400, ""},
		} {
			want, err := url.ParseQuery(tt.want)
			if err != nil {
				t.Fatal(err)
			}
			w := ask(s.Public(), "GET", tt.path, "", "Accept: text/html")
			if got := fields(w.Body.String()); w.Code != tt.status || got.Encode() != want.Encode() || w.Header().Get("Cache-Control") != "private, no-store" {
				t.Errorf("%s: status %d, the form holds %v, %v", tt.name, w.Code, got, w.Header())
			}
		}
		expired := ordered("jane@icloud.com", "")
		time.Sleep(tokenLife + time.Second)
		expiredPage(t, ask(s.Public(), "GET", expired, ""))
	})
}

// expiredPage checks that the page for an expired link does not say whose it was: it
// expires so that nobody who finds it later learns that.
func expiredPage(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code != 410 || len(fields(w.Body.String())) > 0 || strings.Contains(w.Body.String(), "jane@icloud.com") {
		t.Errorf("expired: status %d\n%s", w.Code, w.Body)
	}
}
