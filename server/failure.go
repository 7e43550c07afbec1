package server

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates"
)

// The reasons why a request gets no settings. None of their texts quotes the
// request.
var (
	errUnknownDomain = errors.New("the domain is not served")
	errBadAddress    = errors.New("the address is not well formed")
	errBadName       = errors.New("the name cannot be used")
	errPassword      = errors.New("a password was sent; none is ever accepted here")
	errNotFound      = errors.New("not found")
	errForm          = errors.New("the form could not be read")
	errSignerBusy    = errors.New("all signers are busy")
)

// A family is a group of routes whose clients expect errors in the same form.
type family uint8

const (
	familyAutoconfig   family = iota + 1 // short plain text
	familyAutodiscover                   // a POX Error document
	familyJSON                           // Autodiscover v2's error object
	familyPage                           // a page for people
	familyNone                           // not one of our routes
)

// String returns the family's name for the operator.
func (f family) String() string {
	switch f {
	case familyAutoconfig:
		return "autoconfig"
	case familyAutodiscover:
		return "autodiscover"
	case familyJSON:
		return "json"
	case familyPage:
		return "page"
	case familyNone:
		return "none"
	}
	return "invalid"
}

// statusOf is the only place where an error becomes a status.
func statusOf(err error) int {
	if pox, ok := errors.AsType[*templates.AutodiscoverError](err); ok {
		return poxStatus(pox.Code)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	switch {
	case errors.Is(err, errUnknownDomain), errors.Is(err, errNotFound), errors.Is(err, errTokenInvalid),
		errors.Is(err, provider.ErrOAuth2Only), errors.Is(err, templates.ErrNotImportable):
		return http.StatusNotFound
	case errors.Is(err, errBadAddress), errors.Is(err, errBadName), errors.Is(err, errPassword), errors.Is(err, errForm), errors.Is(err, errProtocol):
		return http.StatusBadRequest
	case errors.Is(err, errTokenExpired):
		return http.StatusGone
	case errors.Is(err, errSignerBusy), errors.Is(err, profiles.ErrSignerExpired):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// poxStatus follows what clients do with a status, not what Exchange sends:
// Thunderbird and Delta Chat stop at an Error document that comes with 200 and
// go on to the next URL after any other status.
func poxStatus(code templates.AutodiscoverErrorCode) int {
	switch code {
	case templates.ErrorUnknownAddress, templates.ErrorSchema:
		return http.StatusNotFound
	case templates.ErrorInvalidRequest:
		return http.StatusBadRequest
	case templates.ErrorNoOptions, templates.ErrorConfiguration, templates.ErrorInternal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// poxCode returns the error code in an Error document for err.
func poxCode(err error, status int) templates.AutodiscoverErrorCode {
	if pox, ok := errors.AsType[*templates.AutodiscoverError](err); ok {
		return pox.Code
	}
	if errors.Is(err, provider.ErrOAuth2Only) {
		return templates.ErrorNoOptions
	}
	switch status {
	case http.StatusNotFound:
		return templates.ErrorUnknownAddress
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		return templates.ErrorInvalidRequest
	}
	return templates.ErrorInternal
}

// answerError sends the family's form of err.
func (s *Server) answerError(x *exchange, f family, err error) {
	status := statusOf(err)
	undecided := x.basis.Undecided && errors.Is(err, errUnknownDomain)
	if undecided && f == familyPage {
		// People can wait. Clients go on to the next URL after a 404.
		status = http.StatusServiceUnavailable
	}
	h := x.w.Header()
	h.Del("Content-Disposition")
	if errors.Is(err, errSignerBusy) {
		h.Set("Retry-After", "5") // nobody knows when an expired certificate will be renewed
	}
	if undecided {
		h.Set("Retry-After", "60")
	}
	switch f {
	case familyAutoconfig:
		h.Set("Access-Control-Allow-Origin", "*")
		cache := document.CacheNoStore
		if status == http.StatusNotFound {
			cache = x.basis.Missing()
		}
		x.write(answer{status: status, mediaType: "text/plain; charset=utf-8", cache: cache, body: []byte(plainText(status, undecided))})
	case familyAutodiscover:
		body, docErr := templates.AutodiscoverErrorDocument(poxCode(err, status), time.Now(), addressFault(err))
		if docErr != nil {
			x.write(answer{status: http.StatusInternalServerError, cache: document.CacheNoStore})
			return
		}
		x.write(answer{status: status, mediaType: templates.XMLType, cache: document.CacheNoStore, body: body})
	case familyJSON:
		answerJSONError(x, status, err)
	case familyPage:
		if errors.Is(err, errNotFound) {
			answerNotFound(x)
			return
		}
		answerErrorPage(x, status, err)
	case familyNone: // has no handlers
	}
}

// plainText returns the body that autoconfig clients get with an error: not empty and not
// XML, see document.NotFoundText.
func plainText(status int, undecided bool) string {
	if undecided {
		return "Whether mail settings are known here for this domain could not be found out just now.\n"
	}
	switch status {
	case http.StatusNotFound:
		return document.NotFoundText
	case http.StatusBadRequest:
		return "This request cannot be answered. Passwords must not be sent here.\n"
	}
	return "The mail settings cannot be given at the moment.\n"
}

// answerRouterError answers requests that reached no handler: unknown paths and
// methods. Probes for EWS, ActiveSync, MAPI and DAV end here, with nothing that
// could be taken for a log-in prompt.
func (s *Server) answerRouterError(err error, c echo.Context) {
	x := &exchange{w: s.statusWriter(c), r: c.Request(), began: time.Now()}
	status := http.StatusInternalServerError
	route := "none"
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		status = he.Code
	}
	if status == http.StatusMethodNotAllowed {
		route = c.Path()
	}
	x.w.Header()["X-Content-Type-Options"] = noSniff
	x.w.Header()["Referrer-Policy"] = noReferrer
	x.from = readForwarded(x.r, s.cfg.TrustedProxies, s.cfg.TLS != nil)
	s.secure(x)
	x.state = s.state.Load()
	reason := errNotFound
	switch {
	case status != http.StatusNotFound:
		x.write(answer{status: status, cache: document.CacheNoStore})
	case isLostBrowser(x.r) && s.redirectLost(x):
		err, reason = nil, nil
	default:
		answerNotFound(x)
	}
	s.logExchange(x, route, err)
	s.measure(x, s.cfg.Metrics.Route(route), familyNone, reason)
}
