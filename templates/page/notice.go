package page

import (
	"fmt"
	"io"

	"mailsetup/internal/provider"
)

// A Notice is a page that says why there is nothing else to show, and what to
// do next. Each offers the form again.
type Notice uint8

const (
	// NotFound (404): nothing is at this address, or its token is not ours.
	NotFound Notice = iota + 1
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
func (p *Pages) Notice(w io.Writer, n Notice) error {
	key, err := n.key()
	if err != nil {
		return err
	}
	return p.render(w, p.notice, struct {
		formPage
		Key string
	}{Key: key})
}

// UnknownDomain writes the page (404) for an address whose domain the table
// does not serve. The services are those that it does.
func (p *Pages) UnknownDomain(w io.Writer, d provider.Domain, services []*provider.Provider) error {
	return p.render(w, p.unknown, struct {
		formPage
		Domain string
		// Readable is the domain in people's own letters, where that differs.
		// It stands beside the A-label form, because look-alikes show only there.
		Readable string
	}{
		formPage: formPage{Served: serve(services)},
		Domain:   d.String(),
		Readable: readable(d),
	})
}

func readable(d provider.Domain) string {
	if u := d.Unicode(); u != d.String() {
		return u
	}
	return ""
}
