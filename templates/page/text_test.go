package page

import (
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/language"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// TestLanguages: each text is in a known language, so it is offered.
func TestLanguages(t *testing.T) {
	files, err := fs.Glob(templates, "text/*.html")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(Languages()) {
		t.Errorf("%v have texts, files are %v: name each text file after a language of internal/language", Languages(), files)
	}
	p := newPages(t, Config{})
	for _, l := range p.Offered() {
		if got := p.Choose(l.String(), nil); got != (language.Choice{Language: l, Asked: true}) {
			t.Errorf("who asks for %s gets %v", l, got)
		}
	}
}

// TestLanguageLinks: every page links to the same page in the other languages.
func TestLanguageLinks(t *testing.T) {
	p := newPages(t, Config{PublicURL: "https://setup.example.com"})
	table := providertest.Table(t, overlay)
	for _, tt := range []struct {
		want  string
		times int // also in the head of the form, for search engines
		write func(io.Writer) error
	}{
		{`href="/?lang=XX"`, 2, func(w io.Writer) error { return p.Form(w, inEnglish, FormView{}) }},
		{`href="/?domain=xn--bcher-kva.example&amp;lang=XX"`, 2, func(w io.Writer) error {
			return p.Form(w, inEnglish, FormView{Typed: Typed{LinkDomain: providertest.Domain(t, "bücher.example")}})
		}},
		{`href="?lang=XX"`, 1, func(w io.Writer) error {
			return p.Result(w, inEnglish, ResultView{Account: providertest.Account(t, table, "jane@icloud.com"), Path: path})
		}},
		{`href="/?lang=XX"`, 1, func(w io.Writer) error { return p.Notice(w, inEnglish, Expired, Typed{}) }},
	} {
		page := render(t, tt.write)
		for _, l := range Languages() {
			link := strings.ReplaceAll(tt.want, "XX", l.String())
			if got := strings.Count(page, link); got != tt.times && l != language.English || got != 0 && l == language.English {
				t.Errorf("%s is there %d times", link, got)
			}
		}
	}
	alone := newPages(t, Config{Languages: []language.Language{language.English, language.English}})
	if page := render(t, func(w io.Writer) error { return alone.Form(w, inEnglish, FormView{}) }); strings.Contains(page, "lang=en") && strings.Contains(page, "hreflang") {
		t.Error("a choice of a single language is offered")
	}
}

// TestForeignGuide: a service's guide is in the page's language where there is a
// translation, otherwise in English and marked as English for screen readers.
func TestForeignGuide(t *testing.T) {
	entry := func(topic provider.GuideTopic, title string) provider.GuideEntry {
		return provider.GuideEntry{Topic: topic, Title: title}
	}
	p := provider.Provider{Guide: map[string][]provider.GuideEntry{
		"en": {
			entry(provider.GuideTrouble, "first"), entry(provider.GuideApple, "Hello"), entry(provider.GuideTrouble, "second"),
			entry(provider.GuideTrouble, "third"), entry(provider.GuideQuestion, "why"),
		},
		"de": {entry(provider.GuideApple, "Hallo"), entry(provider.GuideTrouble, "erstens"), entry(provider.GuideLogin, "hier")},
	}}
	titles := func(entries []guideEntry) (all []string) {
		for _, e := range entries {
			all = append(all, strings.TrimSuffix(e.Title+"/"+e.Foreign, "/"))
		}
		return all
	}
	for _, c := range []struct {
		l    language.Language
		want [][]string // apple, trouble, question, login
	}{
		{language.German, [][]string{{"Hallo"}, {"erstens", "second/en", "third/en"}, {"why/en"}, {"hier"}}},
		{language.French, [][]string{{"Hello/en"}, {"first/en", "second/en", "third/en"}, {"why/en"}, nil}},
		{language.English, [][]string{{"Hello"}, {"first", "second", "third"}, {"why"}, nil}},
	} {
		g := guideOf(&p, c.l)
		if diff := cmp.Diff(c.want, [][]string{titles(g.Apple), titles(g.Trouble), titles(g.Questions), titles(g.Login)}); diff != "" {
			t.Errorf("in %s (-want +got):\n%s", c.l, diff)
		}
	}
	if g := guideOf(&provider.Provider{}, language.German); g.Apple != nil {
		t.Errorf("no guide at all: %+v", g)
	}
}

// TestICloudGuide: the page covers every topic that people looked up when the
// guide was a separate web page.
func TestICloudGuide(t *testing.T) {
	page := pages(t)["icloud-unknown"]
	for _, want := range []string{
		// the password
		"two-factor authentication", "https://account.apple.com/", "Sign-In and Security", "up to 25", "changed or reset",
		// when it does not work
		"Incoming mail is refused: try the full address", "alias or a Hide My Email", "your own domain", "https://www.apple.com/support/systemstatus/",
		"imap.mail.me.com on port 993", "mail app is old", "Security software", "Only one device",
		// questions
		"several devices", "Does it work on Android?", "for 30 days", "other than Outlook and Thunderbird",
		// Apple's own pages
		"https://support.apple.com/102525", "https://support.apple.com/102654", "https://support.apple.com/121539", "https://support.apple.com/HT209435",
		// the profile
		"eight minutes", "Safari", "Profile Downloaded", "delete the profile",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
