package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates/page"
)

// form shows the page with one field for the address. A link may name a domain, so that
// its people need not type it; it may not contain an address, which would then end up
// in histories and logs.
func (s *Server) form(x *exchange) error {
	if s.redirectPage(x) {
		return nil
	}
	if domain := linkedDomain(x.r.URL.RawQuery); !domain.IsZero() {
		view := page.FormView{Typed: page.Typed{LinkDomain: domain}, Services: x.state.table.Providers(), LoginAt: x.loginAt(domain)}
		return sendPage(x, http.StatusOK, func(w io.Writer) error { return x.state.pages.Form(w, x.language(), view) })
	}
	form, err := x.state.forms[x.language()]()
	if err != nil {
		return err
	}
	pageHeaders(x)
	x.write(form)
	return nil
}

// loginAt returns the service that needs a login from the people of a domain, if that is
// certain. Nothing waits for DNS here: submit looks up what is not in the table.
func (x *exchange) loginAt(domain provider.Domain) *provider.Provider {
	m, ok := x.state.table.ByDomain(domain)
	if !ok || m.HasStatedLogins() || m.Provider().IsLogin(domain) {
		return nil
	}
	return m.Provider()
}

// linkedDomain returns the one domain in a link to the form, or zero.
func linkedDomain(rawQuery string) (d provider.Domain) {
	for value := range params(rawQuery, page.FieldDomain) {
		if !d.IsZero() {
			return provider.Domain{}
		}
		d, _ = provider.ParseDomain(value)
	}
	return d
}

// submit takes what was typed and answers 303 to the page made for it. The
// server stores none of it, so a form posted from elsewhere does no harm.
func (s *Server) submit(x *exchange) error {
	if s.redirectPage(x) {
		return nil
	}
	typed, err := readForm(x)
	if err != nil {
		return err
	}
	// The last one counts: a button for another language follows the field of this one.
	if asked := typed[page.FieldLanguage]; len(asked) > 0 {
		x.askedLanguage = asked[len(asked)-1]
	}
	view := page.FormView{
		Typed: page.Typed{
			Address: strings.TrimSpace(strings.Join(typed[page.FieldAddress], " ")),
			Name:    strings.Join(typed[page.FieldName], " "),
			Login:   strings.TrimSpace(strings.Join(typed[page.FieldLogin], " ")),
		},
		Services: x.state.table.Providers(),
	}
	view.LinkDomain, _ = provider.ParseDomain(strings.Join(typed[page.FieldDomain], " "))
	if !view.LinkDomain.IsZero() && view.Address != "" && !strings.Contains(view.Address, "@") {
		view.Address += "@" + view.LinkDomain.Unicode()
	}
	if typed.Has(page.FieldAgain) {
		return s.showAgain(x, view)
	}
	o, problems := s.readOrder(x, &view)
	view.Address, view.Login = strings.Map(dropInvisible, view.Address), strings.Map(dropInvisible, view.Login)
	x.typed = view.Typed
	if len(problems) > 0 {
		view.Problems = problems
		return sendPage(x, http.StatusBadRequest, func(w io.Writer) error { return x.state.pages.Form(w, x.language(), view) })
	}
	if o.provider == "" {
		return errUnknownDomain
	}
	o.expires = time.Now().Add(tokenLife)
	x.w.Header().Set("Location", page.Carry("/p/"+s.sealer.seal(o)+"/", x.language()))
	x.write(answer{status: http.StatusSeeOther, cache: document.CacheNever})
	return nil
}

// showAgain answers a change of language before the form was sent: what was typed so far
// is neither judged nor looked up.
func (s *Server) showAgain(x *exchange, view page.FormView) error {
	domain := view.LinkDomain
	if address, err := provider.ParseAddress(view.Address); err == nil {
		domain = address.Domain()
	}
	view.LoginAt = x.loginAt(domain)
	return sendPage(x, http.StatusOK, func(w io.Writer) error { return x.state.pages.Form(w, x.language(), view) })
}

// dropInvisible drops invisible characters, so that an address refused because of them
// is valid when it is sent again.
func dropInvisible(r rune) rune {
	if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
		return -1
	}
	return r
}

// readOrder reads what was typed. An order without provider means that the
// address is well formed and its domain is not served.
func (s *Server) readOrder(x *exchange, view *page.FormView) (o order, problems []page.Problem) {
	var err error
	if view.Address == "" {
		problems = append(problems, page.AddressMissing)
	} else if o.address, err = provider.ParseAddress(view.Address); err != nil {
		problems, view.AddressFault = append(problems, page.AddressInvalid), addressFault(err)
	}
	if o.name, err = profiles.ParsePersonName(view.Name); err != nil {
		problems = append(problems, page.NameInvalid)
	}
	if o.address.IsZero() {
		view.LoginAt = x.loginAt(view.LinkDomain)
		return o, problems
	}
	m, ok := x.lookup(o.address.Domain())
	if !ok {
		return o, problems
	}
	o.provider = m.Provider().ID
	if !m.Provider().IsLogin(m.Domain()) {
		view.LoginAt = m.Provider()
	}
	if view.Login == "" {
		return o, problems
	}
	view.LoginAt = m.Provider()
	o.login, err = m.Provider().ParseLogin(view.Login)
	switch {
	case errors.Is(err, provider.ErrLoginElsewhere):
		problems = append(problems, page.LoginElsewhere)
	case err != nil:
		problems, view.LoginFault = append(problems, page.LoginInvalid), addressFault(err)
	}
	return o, problems
}

// readForm reads a form as browsers post it by default.
func readForm(x *exchange) (url.Values, error) {
	mediaType, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/x-www-form-urlencoded" {
		return nil, errForm
	}
	body, err := readBody(x, nil)
	if err != nil {
		return nil, err
	}
	if hasParam(string(body), "password") {
		return nil, errPassword
	}
	typed, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errForm
	}
	return typed, nil
}
