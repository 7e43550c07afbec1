package page

import (
	"fmt"
	"io"

	"mailsetup/internal/language"
	"mailsetup/internal/provider"
	"mailsetup/internal/spelling"
)

// A Notice is a page that says why there is nothing else to show, and what to
// do next. Each offers the form again.
type Notice uint8

const (
	// NotFound (404): there is no page at this URL.
	NotFound Notice = iota + 1
	// Ended (404): the token was not sealed with this server's key, which ends with the
	// process if the operator has not set one.
	Ended
	// Expired (410): the token has expired.
	Expired
	// BadRequest (400): the request makes no sense.
	BadRequest
	// NoProfile (404): the service accepts only OAuth 2 from mail apps.
	NoProfile
	// SigningUnavailable (503): the signing certificate cannot be used, and no unsigned
	// profile is sent instead.
	SigningUnavailable
	// SigningBusy (503 with Retry-After): all signers are busy.
	SigningBusy
	// Undecided (503 with Retry-After): the service of the domain could not be looked
	// up.
	Undecided
	// Failure (500): the server is at fault.
	Failure
)

// key returns the key of the notice's text.
func (n Notice) key() (string, error) {
	switch n {
	case NotFound:
		return "not-found", nil
	case Ended:
		return "ended", nil
	case Expired:
		return "expired", nil
	case BadRequest:
		return "bad-request", nil
	case NoProfile:
		return "no-profile", nil
	case SigningUnavailable:
		return "signing-unavailable", nil
	case SigningBusy:
		return "signing-busy", nil
	case Undecided:
		return "undecided", nil
	case Failure:
		return "failure", nil
	}
	return "", fmt.Errorf("invalid notice %d", n)
}

// retry reports whether the same form may well work in a minute.
func (n Notice) retry() bool { return n == Undecided || n == Failure }

// Notice writes the page for n, whose form holds what was typed. The caller sets the
// status.
func (p *Pages) Notice(w io.Writer, c language.Choice, n Notice, typed Typed) error {
	key, err := n.key()
	if err != nil {
		return err
	}
	form := formPage{FormView: FormView{Typed: typed}, Carried: carried(c), Retry: n.retry() && typed.Address != ""}
	return p.render(w, c, noticeTemplate, "/", struct {
		formPage
		Key string
	}{form, key})
}

// UnknownView is what the page about an unknown domain shows.
type UnknownView struct {
	Typed
	// Domain is that of the address.
	Domain provider.Domain
	// Services are the table's services.
	Services []*provider.Provider
}

// UnknownDomain writes the page (404) for an address whose domain the table
// does not serve.
func (p *Pages) UnknownDomain(w io.Writer, c language.Choice, v UnknownView) error {
	return p.render(w, c, unknownTemplate, "/", struct {
		formPage
		Domain string
		// Readable is the domain in people's own letters, where that differs.
		// It is shown next to the A-label form, because look-alikes differ only there.
		Readable string
		// Near is the address that may have been meant, or empty.
		Near wrappable
	}{
		formPage: formPage{FormView: FormView{Typed: v.Typed}, Carried: carried(c), Served: p.serve(v.Services)},
		Domain:   v.Domain.String(),
		Readable: readable(v.Domain),
		Near:     near(v),
	})
}

// near returns the same address at the domain of a service, one or two letters away, or
// "". Domains that are hosted at one are never offered: they are a list of customers.
func near(v UnknownView) wrappable {
	const limit = 2
	var own []string
	for _, p := range v.Services {
		for _, d := range p.Domains {
			own = append(own, d.String())
		}
	}
	domain := spelling.Nearest(v.Domain.String(), own, limit)
	address, err := provider.ParseAddress(v.Address)
	if domain == "" || err != nil {
		return ""
	}
	return wrappable(address.LocalPart() + "@" + domain)
}

func readable(d provider.Domain) string {
	if u := d.Unicode(); u != d.String() {
		return u
	}
	return ""
}
