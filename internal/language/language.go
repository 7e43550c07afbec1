// Package language defines the languages of texts for people, and chooses one for each
// person.
//
// It promises that a person gets a language that they read or asked for, or else the
// default: never one that is merely related. Documents for machines have no language and
// do not use this package.
package language

import (
	"fmt"
	"strings"
)

// A Language is a language that the project has texts in. The zero value is English,
// whose texts are always complete.
type Language uint8

// The languages.
const (
	English Language = iota
	German
	French
	Spanish
	Italian
	Dutch
	BrazilianPortuguese
	Polish
	Japanese
	SimplifiedChinese
	Arabic
)

// known has the properties of each language.
var known = [...]struct {
	tag         string // BCP 47
	name        string // in the language itself
	rightToLeft bool
}{
	English:             {tag: "en", name: "English"},
	German:              {tag: "de", name: "Deutsch"},
	French:              {tag: "fr", name: "Français"},
	Spanish:             {tag: "es", name: "Español"},
	Italian:             {tag: "it", name: "Italiano"},
	Dutch:               {tag: "nl", name: "Nederlands"},
	BrazilianPortuguese: {tag: "pt-BR", name: "Português (Brasil)"},
	Polish:              {tag: "pl", name: "Polski"},
	Japanese:            {tag: "ja", name: "日本語"},
	SimplifiedChinese:   {tag: "zh-Hans", name: "简体中文"},
	Arabic:              {tag: "ar", name: "العربية", rightToLeft: true},
}

// All returns every language, English first.
func All() []Language {
	all := make([]Language, len(known))
	for i := range all {
		all[i] = Language(i)
	}
	return all
}

// Parse reads a BCP 47 tag such as "de" or "pt-BR", in any letter case. Only a
// language's exact tag counts, so "de-AT" is unknown.
func Parse(tag string) (Language, error) {
	for _, l := range All() {
		if strings.EqualFold(tag, l.String()) {
			return l, nil
		}
	}
	return 0, fmt.Errorf("unknown language %q: use one of %s", tag, List(All()))
}

// List returns languages as text: "en, de, fr".
func List(languages []Language) string {
	tags := make([]string, len(languages))
	for i, l := range languages {
		tags[i] = l.String()
	}
	return strings.Join(tags, ", ")
}

// String returns the BCP 47 tag, as in the lang attribute of HTML.
func (l Language) String() string { return known[l].tag }

// Name returns the language's own name for itself.
func (l Language) Name() string { return known[l].name }

// Direction returns "ltr" or "rtl", as in the dir attribute of HTML.
func (l Language) Direction() string {
	if known[l].rightToLeft {
		return "rtl"
	}
	return "ltr"
}
