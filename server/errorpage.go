package server

import (
	"errors"
	"io"
	"net/http"

	"mailsetup/profiles"
	"mailsetup/templates/page"
)

// answerErrorPage tells a person what went wrong and offers a way on.
func (s *Server) answerErrorPage(x *exchange, status int, err error) {
	pages := x.state.pages
	sendErr := sendPage(x, status, func(w io.Writer) error {
		switch {
		case errors.Is(err, errUnknownDomain):
			return pages.UnknownDomain(w, x.asked, x.state.table.Providers())
		case errors.Is(err, errBadAddress):
			return pages.Form(w, page.FormView{
				Problems: []page.Problem{page.AddressInvalid},
				Services: x.state.table.Providers(),
			})
		}
		return pages.Notice(w, noticeOf(status, err))
	})
	if sendErr != nil && x.w.status == 0 {
		sendBytes(x.w, x.r, http.StatusInternalServerError, nil)
	}
}

// noticeOf chooses the page's words for an error.
func noticeOf(status int, err error) page.Notice {
	switch {
	case errors.Is(err, errSignerBusy):
		return page.SigningBusy
	case errors.Is(err, profiles.ErrSignerExpired):
		return page.SigningUnavailable
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
