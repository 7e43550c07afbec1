package server

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"

	"mailsetup/internal/document"
	"mailsetup/internal/language"
	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates/page"
)

const htmlType = "text/html; charset=utf-8"

// maxShownDomains is how many of the operator's domains the form lists.
const maxShownDomains = 24

// A pageLook is what pages show in addition to the table.
type pageLook struct {
	publicURL document.PublicURL
	logo      []byte
	languages []language.Language // none means all
	signed    bool                // profiles are signed
}

// forms has the page with the empty form for each choice of language. It is the same for
// everybody, and rendered on first use.
type forms map[language.Choice]func() (answer, error)

// newPages makes the pages of a table, which show its operator's name.
func newPages(t *provider.Table, look pageLook) (*page.Pages, forms, error) {
	operator := t.Operator()
	shown := page.Operator{Name: operator.Name, Support: operator.Support, Logo: look.logo}
	if operator.ShowDomains {
		for d := range t.Hosted() {
			if len(shown.Domains) == maxShownDomains {
				break
			}
			shown.Domains = append(shown.Domains, d)
		}
		shown.MoreDomains = t.HostedCount() - len(shown.Domains)
	}
	pages, err := page.New(page.Config{
		PublicURL: look.publicURL.String(),
		Operator:  shown,
		Signed:    look.signed,
		Languages: look.languages,
	})
	if err != nil {
		return nil, nil, err
	}
	all := make(forms)
	for _, l := range pages.Offered() {
		for _, asked := range []bool{false, true} {
			choice := language.Choice{Language: l, Asked: asked}
			all[choice] = sync.OnceValues(func() (answer, error) { return renderForm(pages, choice, t) })
		}
	}
	// A page that cannot be rendered is found now, not at the first request.
	_, err = all[pages.Choose("", nil)]()
	return pages, all, err
}

func renderForm(pages *page.Pages, choice language.Choice, t *provider.Table) (answer, error) {
	var form bytes.Buffer
	err := pages.Form(&form, choice, page.FormView{Services: t.Providers()})
	return answer{
		status: http.StatusOK, mediaType: htmlType, cache: document.CacheRevalidate,
		etag: etagOf(form.Bytes()), body: form.Bytes(),
	}, err
}

// language returns the language of the person who asks.
func (x *exchange) language() language.Choice {
	asked := x.askedLanguage
	if asked == "" {
		asked = linkedLanguage(x.r.URL.RawQuery)
	}
	return x.state.pages.Choose(asked, x.r.Header["Accept-Language"])
}

// linkedLanguage returns the first language in a query, or "".
func linkedLanguage(rawQuery string) string {
	for tag := range params(rawQuery, page.FieldLanguage) {
		return tag
	}
	return ""
}

// result shows the settings and steps for the address in the token.
func (s *Server) result(x *exchange) error {
	if s.redirectPage(x) {
		return nil
	}
	o, account, err := s.openOrder(x)
	if err != nil {
		return err
	}
	code, err := s.androidCode(x, account, o.name)
	if err != nil {
		return err
	}
	left := time.Until(o.expires)
	return sendPage(x, http.StatusOK, func(w io.Writer) error {
		return x.state.pages.Result(w, x.language(), page.ResultView{
			Account:     account,
			Name:        o.name.String(),
			Path:        "/p/" + x.c.Param("token") + "/",
			AndroidCode: code,
			AndroidFile: document.AndroidFileName,
			Minutes:     int((left + time.Minute - 1) / time.Minute),
			Device:      page.DeviceOf(x.r.UserAgent(), x.r.Header.Get("Sec-CH-UA-Platform")),
		})
	})
}

// orderedProfile sends the profile for the address in the token. Safari may
// fetch it twice, so the token works until it expires.
func (s *Server) orderedProfile(x *exchange) error {
	if s.redirectPage(x) {
		return nil
	}
	o, account, err := s.openOrder(x)
	if err != nil {
		return err
	}
	if x.c.Param("file") != profiles.FileName(account.Provider) {
		return errNotFound
	}
	// The link on the page names the page's language. A link without a language is from the
	// English page, whatever the browser prefers.
	person := profiles.Person{Name: o.name}
	if c := x.state.pages.Choose(linkedLanguage(x.r.URL.RawQuery), nil); c.Asked {
		person.Language = c.Language
	}
	return s.sendProfile(x, account, person)
}

// openOrder opens the token in the path and resolves its account with the current table,
// which may have changed since.
func (s *Server) openOrder(x *exchange) (order, provider.Account, error) {
	o, err := s.sealer.open(x.c.Param("token"), time.Now())
	if err != nil {
		return order{}, provider.Account{}, err
	}
	x.typed = page.Typed{Address: o.address.String(), Login: o.login.String(), Name: o.name.String()}
	m, ok := x.lookup(o.address.Domain())
	if !ok || m.Provider().ID != o.provider {
		return order{}, provider.Account{}, errNotFound
	}
	// The address repeated as the login says nothing new, unless nobody knew that it is one.
	account := m.Account(o.address)
	unknown := account.Incoming.Login.Kind == provider.LoginUnknown
	if o.login.IsZero() || o.login.Is(o.address) && !unknown {
		return o, account, nil
	}
	if !m.Provider().Takes(o.login) {
		return order{}, provider.Account{}, errNotFound
	}
	return o, m.Provider().AccountWithLogin(o.address, o.login), nil
}

// asset sends a file that pages load. Its name contains a hash of its content.
func (s *Server) asset(x *exchange) error {
	a, ok := x.state.pages.Asset(x.c.Param("file"))
	if !ok {
		return errNotFound
	}
	policyHeaders(x)
	x.write(answer{status: http.StatusOK, mediaType: a.Type, cache: document.CacheForever, etag: a.ETag, body: a.Data})
	return nil
}

// sendPage renders a page completely before sending any of it. It is never cached, because
// it may show somebody's address.
func sendPage(x *exchange, status int, render func(io.Writer) error) error {
	var b bytes.Buffer
	if err := render(&b); err != nil {
		return err
	}
	pageHeaders(x)
	x.write(answer{status: status, mediaType: htmlType, cache: document.CacheNever, body: b.Bytes()})
	return nil
}

func pageHeaders(x *exchange) {
	h := x.w.Header()
	vary := "Accept-Language"
	if also := h.Get("Vary"); also != "" {
		vary = also + ", " + vary
	}
	h.Set("Vary", vary)
	policyHeaders(x)
}

func policyHeaders(x *exchange) {
	h := x.w.Header()
	h.Set("Content-Security-Policy", page.ContentSecurityPolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}
