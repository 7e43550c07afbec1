package page

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

var (
	definition = regexp.MustCompile(`\{\{define "(text/[^"]+)"`)
	reference  = regexp.MustCompile(`\{\{-? ?template "(text/[^"]+)"`)
)

// TestTexts: every language defines the names that the layout uses, and no
// others. A missing one would be found by whoever opens that page first.
func TestTexts(t *testing.T) {
	layout, err := fs.Glob(templates, "layout/*.html")
	if err != nil || len(layout) == 0 {
		t.Fatal("no layout", err)
	}
	languages, err := fs.Glob(templates, "text/*.html")
	if err != nil || len(languages) == 0 {
		t.Fatal("no text", err)
	}
	names := func(find *regexp.Regexp, files ...string) map[string]bool {
		found := map[string]bool{}
		for _, file := range files {
			data, err := templates.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range find.FindAllStringSubmatch(string(data), -1) {
				found[m[1]] = true
			}
		}
		return found
	}
	for _, language := range languages {
		used := names(reference, append(slices.Clone(layout), language)...)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(names(definition, language)))); diff != "" {
			t.Errorf("%s (-used +defined):\n%s", language, diff)
		}
		tag := strings.TrimSuffix(strings.TrimPrefix(language, "text/"), ".html")
		if _, err := New(Config{Language: tag}); err != nil {
			t.Errorf("%s: %v", language, err)
		}
	}
}

// TestForeignGuide: a service without a guide in the page's language is
// explained in English, and screen readers are told so.
func TestForeignGuide(t *testing.T) {
	icloud, _ := providertest.Table(t, "").Provider("icloud")
	if g := guideOf(icloud, "en"); g.Foreign != "" || len(g.Apple) == 0 {
		t.Errorf("the English guide: %+v", g)
	}
	if g := guideOf(icloud, "de"); g.Foreign != "en" || len(g.Apple) == 0 {
		t.Errorf("the guide for a page in German: %+v", g)
	}
	german := provider.Provider{Guide: map[string][]provider.GuideEntry{
		"de": {{Topic: provider.GuideApple, Title: "Hallo"}},
		"en": {{Topic: provider.GuideApple, Title: "Hello"}},
	}}
	if g := guideOf(&german, "de"); g.Foreign != "" || g.Apple[0].Title != "Hallo" {
		t.Errorf("the German guide: %+v", g)
	}
	if g := guideOf(&provider.Provider{}, "de"); g.Apple != nil {
		t.Errorf("no guide at all: %+v", g)
	}
}

// TestICloudGuide: what people came for when the guide was a web page is here:
// each of its topics has its place.
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
