package server

import (
	"errors"
	"io"
	"net/http"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates/page"
)

// answerErrorPage tells a person what went wrong and what to do next.
func answerErrorPage(x *exchange, status int, err error) {
	pages, language := x.state.pages, x.language()
	sendErr := sendPage(x, status, func(w io.Writer) error {
		switch {
		case errors.Is(err, errUnknownDomain) && x.basis.Undecided:
			return pages.Notice(w, language, page.Undecided, x.typed)
		case errors.Is(err, errUnknownDomain):
			return pages.UnknownDomain(w, language, page.UnknownView{Typed: x.typed, Domain: x.asked, Services: x.state.table.Providers()})
		case errors.Is(err, errBadAddress):
			problem := page.AddressMissing
			fault := addressFault(err)
			if fault != 0 {
				problem = page.AddressInvalid
			}
			return pages.Form(w, language, page.FormView{
				Typed:        x.typed,
				Problems:     []page.Problem{problem},
				AddressFault: fault,
				Services:     x.state.table.Providers(),
			})
		case errors.Is(err, errBadName):
			return pages.Form(w, language, page.FormView{
				Typed:    x.typed,
				Problems: []page.Problem{page.NameInvalid},
				Services: x.state.table.Providers(),
			})
		}
		return pages.Notice(w, language, noticeOf(status, err), x.typed)
	})
	if sendErr != nil && x.w.status == 0 {
		x.write(answer{status: http.StatusInternalServerError, cache: document.CacheNoStore})
	}
}

// addressFault returns what is wrong with the address that err is about, or 0.
func addressFault(err error) provider.AddressFault {
	if refused, ok := errors.AsType[*provider.AddressError](err); ok {
		return refused.Fault
	}
	return 0
}

// noticeOf chooses the page's words for an error.
func noticeOf(status int, err error) page.Notice {
	switch {
	case errors.Is(err, errSignerBusy):
		return page.SigningBusy
	case errors.Is(err, profiles.ErrSignerExpired):
		return page.SigningUnavailable
	}
	if errors.Is(err, provider.ErrOAuth2Only) {
		return page.NoProfile
	}
	if errors.Is(err, errTokenInvalid) {
		return page.Ended
	}
	switch status {
	case http.StatusNotFound:
		return page.NotFound
	case http.StatusGone:
		return page.Expired
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		return page.BadRequest
	}
	return page.Failure
}
