package language

import (
	"slices"

	"golang.org/x/text/language"
)

// A Choice is the language for one person.
type Choice struct {
	Language Language
	// Asked says that the person asked for it by name. Links and forms then carry it on.
	Asked bool
}

// A Chooser chooses among the languages that are offered. It is safe for concurrent use.
type Chooser struct {
	offered []Language
	matcher language.Matcher
}

// NewChooser offers languages, of which there must be at least one. People who read none
// of them get English, or the first language if English is not among them.
func NewChooser(offered []Language) *Chooser {
	c := &Chooser{offered: slices.Clone(offered)}
	// The matcher falls back to its first.
	if i := slices.Index(c.offered, English); i > 0 {
		c.offered = slices.Insert(slices.Delete(c.offered, i, i+1), 0, English)
	}
	tags := make([]language.Tag, len(c.offered))
	for i, l := range c.offered {
		tags[i] = language.MustParse(l.String())
	}
	c.matcher = language.NewMatcher(tags)
	return c
}

// Default returns the language for people who read none of those offered.
func (c *Chooser) Default() Language { return c.offered[0] }

// Choose takes the language that a person asked for by its tag; "" if they did not. A tag
// that is not offered is ignored. Then the values of Accept-Language decide.
func (c *Chooser) Choose(asked string, accept []string) Choice {
	if l, err := Parse(asked); err == nil && slices.Contains(c.offered, l) {
		return Choice{Language: l, Asked: true}
	}
	if len(c.offered) == 1 {
		return Choice{Language: c.Default()}
	}
	_, i, confidence := c.matcher.Match(readAccept(accept)...)
	// Brazilian for a Portuguese or German for an Austrian is matched with high confidence.
	// Simplified Chinese for somebody in Taiwan, who reads another script, is matched with
	// low confidence. The Unicode tables call it readable, but it looks like a mistake, and
	// to many it also makes a statement. They get English unless they ask for Chinese.
	if confidence < language.High {
		i = 0
	}
	return Choice{Language: c.offered[i]}
}
