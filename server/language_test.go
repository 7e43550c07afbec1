package server

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"mailsetup/internal/language"
	"mailsetup/templates/page"
)

const formType = "Content-Type: application/x-www-form-urlencoded"

func pageTag(body string) string {
	_, rest, _ := strings.Cut(body, `<html lang="`)
	tag, _, _ := strings.Cut(rest, `"`)
	return tag
}

// TestLanguageChoice: every page is in the person's language, and a language chosen once
// stays for the rest of the setup, even if the browser prefers another.
func TestLanguageChoice(t *testing.T) {
	s := newTestServer(t, "")
	etags := map[string]language.Language{}
	for _, l := range page.Languages() {
		tag := l.String()
		form := ask(s.Public(), "GET", "/", "", "Accept-Language: "+tag+",en;q=0.1")
		if got := pageTag(form.Body.String()); got != tag {
			t.Errorf("a browser in %s gets %q", tag, got)
		}
		if form.Header().Get("Cache-Control") != "private, no-cache" || form.Header().Get("Vary") != "Accept-Language" || form.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: headers %v", tag, form.Header())
		}
		etag := form.Header().Get("Etag")
		if other, twice := etags[etag]; twice || etag == "" {
			t.Errorf("%s has the ETag %s of %s", tag, etag, other)
		}
		etags[etag] = l
		if w := ask(s.Public(), "GET", "/", "", "Accept-Language: "+tag, "If-None-Match: "+etag); w.Code != http.StatusNotModified || w.Header().Get("Vary") != "Accept-Language" {
			t.Errorf("%s again: %d, %v", tag, w.Code, w.Header())
		}

		other := "Accept-Language: pl, ja;q=0.5"
		asked := ask(s.Public(), "GET", "/?lang="+tag, "", other).Body.String()
		field := `<input type="hidden" name="lang" value="` + tag + `">`
		if pageTag(asked) != tag || !strings.Contains(asked, field) {
			t.Errorf("asked for %s: the form is in %q", tag, pageTag(asked))
		}
		for _, target := range []string{"/?domain=example.com&lang=" + tag, "/p/none/?lang=" + tag, "/assets/none.css?lang=" + tag} {
			if got := pageTag(ask(s.Public(), "GET", target, "", other, "Accept: text/html").Body.String()); got != tag {
				t.Errorf("%s is in %q", target, got)
			}
		}
		for _, body := range []string{"emailaddress=jane&lang=" + tag, "emailaddress=jane@unknown.test&lang=" + tag} {
			w := ask(s.Public(), "POST", "/", body, formType, other)
			if pageTag(w.Body.String()) != tag || !strings.Contains(w.Body.String(), field) {
				t.Errorf("%s is answered in %q", body, pageTag(w.Body.String()))
			}
		}
		// A button for another language posts what was typed, behind the language so far.
		for _, typed := range []string{"jane", "jane@unknown.test"} {
			w := ask(s.Public(), "POST", "/", "emailaddress="+typed+"&lang=ja&lang="+tag, formType, other)
			body := w.Body.String()
			if pageTag(body) != tag || !strings.Contains(body, `value="`+typed+`"`) || strings.Contains(body, `hreflang="`+tag+`"`) ||
				strings.Count(body, `<button type="submit" form="start" name="lang" value="`) != len(page.Languages())-1 {
				t.Errorf("%s, changed to %s: %d in %q", typed, tag, w.Code, pageTag(body))
			}
		}
		location := ask(s.Public(), "POST", "/", "emailaddress=jane@icloud.com&lang="+tag, formType, other).Header().Get("Location")
		if !strings.HasSuffix(location, "/?lang="+tag) {
			t.Fatalf("the form leads to %q", location)
		}
		result := ask(s.Public(), "GET", location, "", other).Body.String()
		link := regexp.MustCompile(`href="(/p/[^"]+\.mobileconfig[^"]*)"`).FindStringSubmatch(result)
		if pageTag(result) != tag || link == nil {
			t.Fatalf("the result is in %q, its profile at %v", pageTag(result), link)
		}
		if w := ask(s.Public(), "GET", link[1], "", other); w.Code != 200 || w.Header().Get("Vary") != "" {
			t.Errorf("the profile: %d, %v", w.Code, w.Header())
		}
	}
	lost := ask(s.Public(), "GET", "/help", "", "Accept: text/html", "Accept-Language: xx")
	if lost.Code != 404 || pageTag(lost.Body.String()) != "en" {
		t.Errorf("a lost browser gets %d in %q", lost.Code, pageTag(lost.Body.String()))
	}
	for _, target := range []string{"/?lang=xx", "/?lang=", "/?lang=../en"} {
		if w := ask(s.Public(), "GET", target, ""); pageTag(w.Body.String()) != "en" || strings.Contains(w.Body.String(), "../en") || strings.Contains(w.Body.String(), `type="hidden" name="lang"`) {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
	// Without a choice no link carries a language, so another device shows its own.
	if location := ask(s.Public(), "POST", "/", "emailaddress=jane@icloud.com", formType, "Accept-Language: en").Header().Get("Location"); strings.Contains(location, "lang") {
		t.Errorf("nobody asked for a language, but the form leads to %q", location)
	}
}

// TestMachinesHaveNoLanguage: a document for a machine is the same whatever languages the
// request names. Only the profile below a page's token is in the page's language, which
// the link names, and nothing that identifies the profile changes with it.
func TestMachinesHaveNoLanguage(t *testing.T) {
	s := newTestServer(t, "")
	type request struct{ method, target, body string }
	for _, r := range []request{
		{"GET", "/mail/config-v1.1.xml?emailaddress=jane@icloud.com", ""},
		{"GET", "/v1.1/icloud.com", ""},
		{"GET", "/autodiscover/autodiscover.json?Protocol=AutodiscoverV1&Email=jane@icloud.com", ""},
		{"POST", "/autodiscover/autodiscover.xml", poxRequest("jane@icloud.com")},
		{"GET", "/profile/icloud.mobileconfig", ""},
		{"GET", "/profile.mobileconfig?emailaddress=jane@icloud.com", ""},
	} {
		plain := ask(s.Public(), r.method, r.target, r.body)
		want := rawAnswer(plain)
		if plain.Code != 200 && plain.Code != 404 {
			t.Errorf("%s: %d", r.target, plain.Code)
		}
		for _, l := range page.Languages() {
			separator := "?"
			if strings.Contains(r.target, "?") {
				separator = "&"
			}
			w := ask(s.Public(), r.method, r.target+separator+"lang="+l.String(), r.body, "Accept-Language: "+l.String())
			if rawAnswer(w) != want || strings.Contains(w.Header().Get("Vary"), "Language") {
				t.Errorf("%s varies with %s", r.target, l)
			}
		}
	}
	location := ask(s.Public(), "POST", "/", "emailaddress=jane@icloud.com", formType).Header().Get("Location")
	description := regexp.MustCompile(`(?s)<key>PayloadDescription</key>\s*<string>([^<]*)</string>`)
	english := ask(s.Public(), "GET", location+"icloud.mobileconfig", "", "Accept-Language: ja").Body.String()
	rest := description.ReplaceAllString(english, "")
	said := map[string]bool{description.FindStringSubmatch(english)[1]: true}
	for _, l := range page.Languages()[1:] {
		body := ask(s.Public(), "GET", location+"icloud.mobileconfig?lang="+l.String(), "").Body.String()
		text := description.FindStringSubmatch(body)[1]
		if said[text] || description.ReplaceAllString(body, "") != rest {
			t.Errorf("the profile in %s: %s", l, text)
		}
		said[text] = true
	}
}

// TestLimitedLanguages: a language that the operator does not offer is not served.
func TestLimitedLanguages(t *testing.T) {
	for _, l := range page.Languages() {
		s := newTestServer(t, "", func(c *Config) { c.Languages = []language.Language{l} })
		for _, target := range []string{"/", "/?lang=en", "/?lang=ja", "/p/none/"} {
			w := ask(s.Public(), "GET", target, "", "Accept-Language: ja, en;q=0.5")
			if got := pageTag(w.Body.String()); got != l.String() || strings.Contains(w.Body.String(), "hreflang") {
				t.Errorf("%s of a server in %s is in %q", target, l, got)
			}
		}
	}
}
