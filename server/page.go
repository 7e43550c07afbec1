package server

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"mailsetup/internal/document"
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
	signed    bool // profiles are signed
}

// newPages makes the pages of a table, which show its operator's name, and
// renders the one that is the same for everybody.
func newPages(t *provider.Table, look pageLook) (*page.Pages, answer, error) {
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
	})
	if err != nil {
		return nil, answer{}, err
	}
	var form bytes.Buffer
	if err := pages.Form(&form, page.FormView{Services: t.Providers()}); err != nil {
		return nil, answer{}, err
	}
	return pages, answer{
		status: http.StatusOK, mediaType: htmlType, cache: document.CacheRevalidate,
		etag: etagOf(form.Bytes()), body: form.Bytes(),
	}, nil
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
		return x.state.pages.Result(w, page.ResultView{
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
	o, account, err := s.openOrder(x)
	if err != nil {
		return err
	}
	if x.c.Param("file") != profiles.FileName(account.Provider) {
		return errNotFound
	}
	return s.sendProfile(x, account, o.name)
}

// openOrder opens the token in the path and resolves its account with the
// current table, including what a reload has changed.
func (s *Server) openOrder(x *exchange) (order, provider.Account, error) {
	o, err := s.sealer.open(x.c.Param("token"), time.Now())
	if err != nil {
		return order{}, provider.Account{}, err
	}
	m, ok := x.lookup(o.address.Domain())
	if !ok || m.Provider().ID != o.provider {
		return order{}, provider.Account{}, errNotFound
	}
	if o.login.IsZero() || o.login.Is(o.address) {
		return o, m.Account(o.address), nil
	}
	if !m.Provider().Takes(o.login) {
		return order{}, provider.Account{}, errNotFound
	}
	return o, m.Provider().AccountWithLogin(o.address, o.login), nil
}

// asset sends a file that pages load. Its name holds a hash of its content.
func (s *Server) asset(x *exchange) error {
	a, ok := x.state.pages.Asset(x.c.Param("file"))
	if !ok {
		return errNotFound
	}
	pageHeaders(x)
	x.write(answer{status: http.StatusOK, mediaType: a.Type, cache: document.CacheForever, etag: a.ETag, body: a.Data})
	return nil
}

// sendPage renders a page completely before sending any of it. It is never
// cached: it may show somebody's address.
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
	h.Set("Content-Security-Policy", page.ContentSecurityPolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}
