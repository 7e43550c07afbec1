package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"

	"mailsetup/internal/provider"
)

// The names of the form's fields, as they are posted to "/".
const (
	FieldAddress = "emailaddress"
	FieldName    = "name"
	FieldLogin   = "login"
	// FieldDomain is the domain that a link to the form named; see [FormView].
	FieldDomain = "domain"
)

// ContentSecurityPolicy is the strictest policy under which the pages work.
// Forms are posted to this host alone, and nothing is loaded from another.
const ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// fallbackLanguage is the one whose text is always complete, and the one in
// which a mail service's guide is shown when it lacks the page's language.
const fallbackLanguage = "en"

// Config is what an operator decides about the pages.
type Config struct {
	// PublicURL is the base under which other devices reach this server, such
	// as https://setup.example.com, without a slash at its end. It is used for the
	// QR code alone; without it there is none, because a code that leads to localhost
	// helps nobody.
	PublicURL string
	Operator  Operator
	// Signed says that profiles carry a signature. People are told when a
	// device will call a profile unsigned.
	Signed bool
	// Language is the BCP 47 tag of a file under text/; "" means "en".
	Language string
}

// An Operator is whoever runs this server for others. Every field may be empty.
type Operator struct {
	// Name stands at the top of each page in place of a general title.
	Name string
	// Support leads to people who can help.
	Support provider.Link
	// Logo is the content of an image file: SVG, PNG, JPEG, GIF or WebP. It is
	// served by this server, because a page asks no other host for anything.
	Logo []byte
	// Domains are the operator's own, where people may know them, and MoreDomains is how
	// many there are besides.
	Domains     []provider.Domain
	MoreDomains int
}

// Pages renders every page. It is made once and is safe for concurrent use.
type Pages struct {
	language  string
	publicURL string
	signed    bool
	site      site
	assets    map[string]Asset

	form, result, unknown, notice *template.Template
}

// site is what every page shows around its content.
type site struct {
	Lang                           string
	Operator                       Operator
	Stylesheet, Script, Icon, Logo string // paths; Logo may be empty
}

// frame is the data of a whole page: the site around, the content within.
type frame struct {
	Site site
	Page any
}

//go:embed layout/*.html text/*.html
var templates embed.FS

// New parses the templates and prepares the assets. It refuses a logo that is no
// image, and a language without a text file.
func New(cfg Config) (*Pages, error) {
	p := &Pages{language: cfg.Language, publicURL: cfg.PublicURL, signed: cfg.Signed}
	if p.language == "" {
		p.language = fallbackLanguage
	}
	var err error
	p.site = site{Lang: p.language, Operator: cfg.Operator}
	if p.assets, err = p.site.addAssets(cfg.Operator.Logo); err != nil {
		return nil, err
	}
	text := "text/" + p.language + ".html"
	if _, err := templates.Open(text); err != nil {
		return nil, fmt.Errorf("no text for the language %q: there is no %s", p.language, text)
	}
	for file, dst := range map[string]**template.Template{
		"form": &p.form, "result": &p.result, "unknown": &p.unknown, "notice": &p.notice,
	} {
		*dst, err = template.New(file).Option("missingkey=error").
			ParseFS(templates, "layout/frame.html", "layout/parts.html", "layout/"+file+".html", text)
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", file, err)
		}
	}
	return p, nil
}

// render writes a page in one piece, or nothing at all when a template fails.
func (p *Pages) render(w io.Writer, t *template.Template, content any) error {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "frame", frame{Site: p.site, Page: content}); err != nil {
		return fmt.Errorf("page %s: %w", t.Name(), err)
	}
	_, err := w.Write(b.Bytes())
	return err
}
