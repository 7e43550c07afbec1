package language

import (
	"slices"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	all := NewChooser(All())
	two := NewChooser([]Language{German, French})
	for _, c := range []struct {
		chooser *Chooser
		asked   string
		accept  string
		want    Language
		named   bool
	}{
		{all, "", "", English, false},
		{all, "", "de-AT,de;q=0.9,en;q=0.8", German, false},
		{all, "", "en-GB,de;q=0.9", English, false},
		{all, "", "sv,de;q=0.5", German, false},
		{all, "", "pt", BrazilianPortuguese, false},
		{all, "", "pt-PT", BrazilianPortuguese, false},
		{all, "", "es-419", Spanish, false},
		{all, "", "ar-EG", Arabic, false},
		{all, "", "zh", SimplifiedChinese, false},
		{all, "", "zh-CN,zh;q=0.9", SimplifiedChinese, false},
		{all, "", "zh-SG", SimplifiedChinese, false},
		// To its readers another script is another language, whatever the tables say.
		{all, "", "zh-TW", English, false},
		{all, "", "zh-Hant", English, false},
		{all, "", "zh-HK,de;q=0.1", German, false},
		{all, "zh-Hans", "zh-TW", SimplifiedChinese, true},
		// A neighbouring language is no substitute.
		{all, "", "fa", English, false},
		{all, "", "nb,sv", English, false},
		{all, "", "af-ZA", English, false},
		{all, "", "af,nl;q=0.1", Dutch, false},
		{all, "", "la", English, false},
		{all, "", "*", English, false},
		{all, "", "de;q=0,fr;q=0.1", French, false},
		// As browsers in Taiwan and Hong Kong send it: the bare zh is the same language.
		{all, "", "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", English, false},
		{all, "", "zh-HK,zh;q=0.9,ja;q=0.8", Japanese, false},
		{all, "", "zh-Hant-TW,de;q=0.8,zh;q=0.5", German, false},
		{all, "", "zh;q=0.9,zh-TW;q=0.8", SimplifiedChinese, false},
		{all, "", "zh-TW,zh-CN;q=0.5", SimplifiedChinese, false},
		// What is not a known language does not hide the others.
		{all, "", "de, xx;q=0.5", German, false},
		{all, "", "german,de", German, false},
		{all, "", "de;level=1,fr;q=0.5", French, false},
		{all, "", "de;q=x,fr", French, false},
		{all, "", "\x00,de", German, false},
		{all, "", "xx;q=0.9,pl;q=0.8,de;q=0.85", German, false},
		{all, "", "de;q=x", English, false},
		{all, "", "\x00", English, false},
		{all, "", "de," + strings.Repeat("x", maxAccept), German, false},
		{all, "", strings.Repeat("x", maxAccept) + ",de", English, false},
		{all, "", strings.Repeat("en;q=0.1,", 100) + "de", English, false},
		{all, "fr", "de", French, true},
		{all, "PT-br", "de", BrazilianPortuguese, true},
		{all, "xx", "de", German, false},
		{all, "de-AT", "fr", French, false},
		{two, "", "en", German, false},
		{two, "en", "fr", French, false},
		{two, "", "ja", German, false},
		{NewChooser([]Language{German, English}), "", "ja", English, false},
		{NewChooser([]Language{Polish}), "", "de", Polish, false},
	} {
		got := c.chooser.Choose(c.asked, []string{c.accept})
		if got != (Choice{c.want, c.named}) {
			t.Errorf("asked %q, accept %.40q: %v, want %v", c.asked, c.accept, got, c.want)
		}
	}
	if got := all.Choose("", []string{"sv", "de"}); got.Language != German {
		t.Errorf("two header lines: %v", got)
	}
}

// TestTags: a known tag in any letter case gives its language, and nothing else does.
func TestTags(t *testing.T) {
	names := map[string]bool{}
	for _, l := range All() {
		for _, tag := range []string{l.String(), strings.ToUpper(l.String())} {
			if got, err := Parse(tag); err != nil || got != l {
				t.Errorf("Parse(%q) = %v, %v", tag, got, err)
			}
		}
		if names[l.Name()] || l.Name() == "" {
			t.Errorf("%s has the name %q", l, l.Name())
		}
		names[l.Name()] = true
		if rtl := l.Direction() == "rtl"; rtl != (l == Arabic) {
			t.Errorf("%s is written %s", l, l.Direction())
		}
	}
	for _, tag := range []string{"", "xx", "de-AT", "pt", " de", "de\n", "../en"} {
		if l, err := Parse(tag); err == nil {
			t.Errorf("Parse(%q) = %v", tag, l)
		} else if !strings.Contains(err.Error(), "pt-BR") {
			t.Errorf("the error for %q does not say which are known: %v", tag, err)
		}
	}
}

// FuzzChoose: whatever a client sends, it gets an offered language, and the same one each
// time.
func FuzzChoose(f *testing.F) {
	for _, accept := range []string{"", "de-AT,de;q=0.9,en;q=0.8", "zh-TW", "*;q=0", "x-klingon", "i-default", "de_DE", "en-u-co-phonebk-x-a", strings.Repeat("a-", 100)} {
		f.Add("de", accept)
	}
	offered := []Language{German, SimplifiedChinese, Arabic}
	c := NewChooser(offered)
	f.Fuzz(func(t *testing.T, asked, accept string) {
		got := c.Choose(asked, []string{accept})
		if !slices.Contains(offered, got.Language) {
			t.Errorf("%q, %q: %v is not offered", asked, accept, got)
		}
		if got.Asked && !strings.EqualFold(asked, got.Language.String()) {
			t.Errorf("%q asked for %v", asked, got)
		}
		if again := c.Choose(asked, []string{accept}); again != got {
			t.Errorf("%q, %q: %v, then %v", asked, accept, got, again)
		}
	})
}
