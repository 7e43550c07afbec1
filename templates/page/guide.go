package page

import (
	"mailsetup/internal/language"
	"mailsetup/internal/provider"
)

// guide has a mail service's own texts by where they belong on the page.
type guide struct {
	Apple, Password, Trouble, Questions, Login []guideEntry
}

// guideEntry is a text of a mail service.
type guideEntry struct {
	provider.GuideEntry
	// Foreign is the language of the text where it is not the page's. It is English,
	// the only one in which a service's texts are expected to be complete.
	Foreign string
}

// guideOf takes a service's texts in the language of the page. The entries of a topic have
// the same order in every language. If a translation has fewer, the English text supplies
// the rest.
func guideOf(p *provider.Provider, l language.Language) guide {
	var g guide
	for _, e := range p.Guide[l.String()] {
		if at := g.at(e.Topic); at != nil {
			*at = append(*at, guideEntry{GuideEntry: e})
		}
	}
	if l == language.English {
		return g
	}
	translated := g // how much of each topic
	seen := make(map[provider.GuideTopic]int)
	for _, e := range p.Guide[language.English.String()] {
		at := g.at(e.Topic)
		if at == nil {
			continue
		}
		if seen[e.Topic]++; seen[e.Topic] > len(*translated.at(e.Topic)) {
			*at = append(*at, guideEntry{e, language.English.String()})
		}
	}
	return g
}

// at returns where the entries of a topic go; nil for a topic that this page does not know.
// The loader accepts only known topics.
func (g *guide) at(topic provider.GuideTopic) *[]guideEntry {
	switch topic {
	case provider.GuideApple:
		return &g.Apple
	case provider.GuidePassword:
		return &g.Password
	case provider.GuideTrouble:
		return &g.Trouble
	case provider.GuideQuestion:
		return &g.Questions
	case provider.GuideLogin:
		return &g.Login
	}
	return nil
}
