package page

import (
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"sync"

	"mailsetup/internal/language"
)

// Languages returns every language that the pages have a text in, English first.
func Languages() []language.Language {
	var written []language.Language
	for _, l := range language.All() {
		if hasText(l) {
			written = append(written, l)
		}
	}
	return written
}

func textFile(l language.Language) string { return "text/" + l.String() + ".html" }

func hasText(l language.Language) bool {
	_, err := fs.Stat(templates, textFile(l))
	return err == nil
}

// offer sets the languages that people can choose from. A language is parsed when
// somebody first asks for it: most servers have people of two or three, and all of them
// would take more memory than the rest of the program.
func (p *Pages) offer(languages []language.Language) error {
	if len(languages) == 0 {
		languages = Languages()
	}
	p.templates = make(map[language.Language]func() (*template.Template, error))
	for _, l := range languages {
		if !hasText(l) {
			return fmt.Errorf("the pages have no text in %s: use one of %s", l, language.List(Languages()))
		}
		if _, twice := p.templates[l]; twice {
			continue
		}
		p.offered = append(p.offered, l)
		p.templates[l] = sync.OnceValues(func() (*template.Template, error) { return parseTemplates(l) })
	}
	p.chooser = language.NewChooser(p.offered)
	return nil
}

// Choose returns the language for a person: the tag that they asked for, or what the
// values of their Accept-Language name.
func (p *Pages) Choose(asked string, accept []string) language.Choice {
	return p.chooser.Choose(asked, accept)
}

// Offered returns the languages that people can choose from.
func (p *Pages) Offered() []language.Language { return p.offered }

// A translation is a link to a page in a language.
type translation struct {
	Language language.Language
	URL      string
	Current  bool // it is the page itself
}

func (p *Pages) translations(path string, current language.Language) []translation {
	if len(p.offered) < 2 {
		return nil
	}
	all := make([]translation, len(p.offered))
	for i, l := range p.offered {
		all[i] = translation{Language: l, URL: withLanguage(path, l), Current: l == current}
	}
	return all
}

// Carry adds the language to a path if the person asked for it. Otherwise the next page
// again goes by the browser, which may be that of a phone in another language.
func Carry(path string, c language.Choice) string {
	if !c.Asked {
		return path
	}
	return withLanguage(path, c.Language)
}

// carried returns the tag that links and forms carry on, or "".
func carried(c language.Choice) string {
	if !c.Asked {
		return ""
	}
	return c.Language.String()
}

func withLanguage(path string, l language.Language) string {
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	return path + separator + FieldLanguage + "=" + l.String()
}
