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
	// NotFound (404): nothing is at this address.
	NotFound Notice = iota + 1
	// Ended (404): the token was not sealed with this server's key, which without
	// a key of the operator's ends with the process.
	Ended
	// Expired (410): the token's time is over.
	Expired
	// BadRequest (400): the request makes no sense.
	BadRequest
	// NoProfile (404): the service lets mail programs in by OAuth 2 alone.
	NoProfile
	// SigningUnavailable (503): the signing certificate cannot be used, and an
	// unsigned profile is not given out in its place.
	SigningUnavailable
	// SigningBusy (503 with Retry-After): every signer is at work.
	SigningBusy
	// Undecided (503 with Retry-After): the service of the domain could not be looked
	// up.
	Undecided
	// Failure (500): the fault is here.
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

// Notice writes the page for n. Its status is the caller's to set.
func (p *Pages) Notice(w io.Writer, c language.Choice, n Notice) error {
	key, err := n.key()
	if err != nil {
		return err
	}
	return p.render(w, c, noticeTemplate, "/", struct {
		formPage
		Key string
	}{formPage: formPage{Carried: carried(c)}, Key: key})
}

// UnknownView is what the page about an unknown domain shows.
type UnknownView struct {
	Domain provider.Domain
	// Address is what was typed, to be corrected; zero if it is not known.
	Address provider.Address
	// Services are those that the table has.
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
		// Near is what may have been meant: an address, or a domain; may be empty.
		Near string
	}{
		formPage: formPage{FormView: FormView{Address: v.Address.String()}, Carried: carried(c), Served: p.serve(v.Services)},
		Domain:   v.Domain.String(),
		Readable: readable(v.Domain),
		Near:     near(v),
	})
}

// near offers the domain of a service that is one or two letters away. Domains that are
// hosted at one are never offered: they are a list of customers.
func near(v UnknownView) string {
	const limit = 2
	var own []string
	for _, p := range v.Services {
		for _, d := range p.Domains {
			own = append(own, d.String())
		}
	}
	domain := spelling.Nearest(v.Domain.String(), own, limit)
	if domain == "" || v.Address.IsZero() {
		return domain
	}
	return v.Address.LocalPart() + "@" + domain
}

func readable(d provider.Domain) string {
	if u := d.Unicode(); u != d.String() {
		return u
	}
	return ""
}
