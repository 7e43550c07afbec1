package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"

	"mailsetup/internal/language"
	"mailsetup/internal/provider"
)

// The names of the form's fields, as they are posted to "/".
const (
	FieldAddress = "emailaddress"
	FieldName    = "name"
	FieldLogin   = "login"
	// FieldDomain is the domain that a link to the form named; see [FormView].
	FieldDomain = "domain"
	// FieldLanguage is the language that the person asked for, here and in links.
	FieldLanguage = "lang"
	// FieldAgain asks for the form as it is, in another language.
	FieldAgain = "again"
)

// ContentSecurityPolicy is the strictest policy under which the pages work.
// Forms are posted only to this host, and nothing is loaded from another.
const ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Config has the operator's choices for the pages.
type Config struct {
	// PublicURL is the base URL at which other devices reach this server, such as
	// https://setup.example.com, without a trailing slash. It is used only for the QR
	// code, which is left out without it, because a code that leads to localhost helps
	// nobody.
	PublicURL string
	Operator  Operator
	// Signed says that profiles are signed. Otherwise people are told that a device will
	// call the profile unsigned.
	Signed bool
	// Languages are the languages that people can choose from; empty means all of
	// [Languages]. People who read none of them get English, or the first if English is
	// not among them.
	Languages []language.Language
}

// An Operator is the person or company that runs this server for others. Every field may
// be empty.
type Operator struct {
	// Name is at the top of each page instead of a general title.
	Name string
	// Support leads to people who can help.
	Support provider.Link
	// Logo is the content of an image file: SVG, PNG, JPEG, GIF or WebP. It is served by
	// this server, because a page loads nothing from other hosts.
	Logo []byte
	// Domains are the operator's own domains, if people may know them, and MoreDomains is
	// how many further ones there are.
	Domains     []provider.Domain
	MoreDomains int
}

// Pages renders every page. It is made once and is safe for concurrent use.
type Pages struct {
	publicURL string
	signed    bool
	site      site
	assets    map[string]Asset

	offered   []language.Language
	chooser   *language.Chooser
	templates map[language.Language]func() (*template.Template, error)
}

// site is what every page shows around its content.
type site struct {
	Operator                       Operator
	Stylesheet, Script, Icon, Logo string // paths; Logo may be empty
}

// frame is the data of a whole page: the site's part and the content.
type frame struct {
	Site     site
	Language language.Language
	Home     string // the path of the form
	// Languages are all that this page can be read in, including its own; empty if
	// there is nothing to choose.
	Languages []translation
	// Refill says that the form holds what was typed. A link to another language would
	// lose it, and an address must not travel in a URL; so the languages post the form.
	Refill bool
	Page   any
}

//go:embed layout/*.html text/*.html
var templates embed.FS

// New prepares the assets and parses the templates of the default language. It refuses a
// logo that is not an image, and a language without a text file.
func New(cfg Config) (*Pages, error) {
	p := &Pages{publicURL: cfg.PublicURL, signed: cfg.Signed, site: site{Operator: cfg.Operator}}
	var err error
	if p.assets, err = p.site.addAssets(cfg.Operator.Logo); err != nil {
		return nil, err
	}
	if err := p.offer(cfg.Languages); err != nil {
		return nil, err
	}
	_, err = p.templates[p.chooser.Default()]()
	return p, err
}

// The templates of the pages.
const (
	formTemplate    = "page/form"
	resultTemplate  = "page/result"
	unknownTemplate = "page/unknown"
	noticeTemplate  = "page/notice"
)

// parseTemplates parses all pages in one language.
func parseTemplates(l language.Language) (*template.Template, error) {
	t, err := template.New(l.String()).Option("missingkey=error").ParseFS(templates, "layout/*.html", textFile(l))
	if err != nil {
		return nil, fmt.Errorf("the pages in %s: %w", l, err)
	}
	return t, nil
}

// A refillable content has a form that may hold what was typed.
type refillable interface{ refilled() bool }

func refilled(content any) bool {
	c, ok := content.(refillable)
	return ok && c.refilled()
}

// render writes a page in one piece, or nothing at all when a template fails. The page is
// at path, where it can be read in other languages too.
func (p *Pages) render(w io.Writer, c language.Choice, name, path string, content any) error {
	t, err := p.templates[c.Language]()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, frame{
		Site:      p.site,
		Language:  c.Language,
		Home:      Carry("/", c),
		Languages: p.translations(path, c.Language),
		Refill:    refilled(content),
		Page:      content,
	}); err != nil {
		return fmt.Errorf("%s in %s: %w", name, c.Language, err)
	}
	_, err = w.Write(b.Bytes())
	return err
}
