package page

import "mailsetup/internal/provider"

// guide holds a mail service's own texts by the place where they belong.
type guide struct {
	// Foreign is the language of the texts where it is not the page's.
	Foreign                                    string
	Apple, Password, Trouble, Questions, Login []provider.GuideEntry
}

func guideOf(p *provider.Provider, lang string) guide {
	var g guide
	entries, ok := p.Guide[lang]
	if !ok && lang != fallbackLanguage {
		entries, g.Foreign = p.Guide[fallbackLanguage], fallbackLanguage
	}
	for _, e := range entries {
		// An entry of a topic that this page does not know has no place on it;
		// the loader admits these alone.
		switch e.Topic {
		case provider.GuideApple:
			g.Apple = append(g.Apple, e)
		case provider.GuidePassword:
			g.Password = append(g.Password, e)
		case provider.GuideTrouble:
			g.Trouble = append(g.Trouble, e)
		case provider.GuideQuestion:
			g.Questions = append(g.Questions, e)
		case provider.GuideLogin:
			g.Login = append(g.Login, e)
		}
	}
	return g
}
