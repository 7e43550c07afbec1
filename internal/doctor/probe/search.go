package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"sync"

	"mailsetup/internal/clients"
	"mailsetup/internal/provider"
)

// A Search is one client's search through its requests.
type Search struct {
	Client clients.Client
	// Found is its result, if Err is nil. Err joins the errors of all answers;
	// it is for [errors.Is], not for people.
	Found clients.Found
	Err   error
	// Undecided: some answer is unknown, for a reason that is not the server's fault.
	Undecided bool
	// Microsoft365: it was sent to Microsoft, which was not asked.
	Microsoft365 bool
	// Asked is what it asked, in order. Last is the last answer that came.
	Asked []*Fetch
	Last  clients.Answer
}

// discover runs the search of every client with the fetched answers; further
// requests are made only if an answer sends a client on.
func (w *fetcher) discover(ctx context.Context) []Search {
	all := make([]Search, len(clients.All))
	var wg sync.WaitGroup
	for i, client := range clients.All {
		all[i].Client = client
		if client.Requests == nil {
			continue
		}
		wg.Go(func() { w.search(ctx, &all[i]) })
	}
	wg.Wait()
	return all
}

func (w *fetcher) search(ctx context.Context, s *Search) {
	s.Found, s.Err = s.Client.Discover(w.p.address, func(r clients.Request) (clients.Answer, error) {
		switch {
		case !w.p.asks(r):
			return clients.Answer{Status: http.StatusNotFound, Body: []byte("not asked")}, nil
		case RedirectOnly(r):
			return clients.Answer{}, errors.New("only a redirect counts there")
		}
		f := w.add(r, s.Client.Name)
		s.Asked = append(s.Asked, f)
		w.send(ctx, f)
		switch {
		case f.Failure.Failed():
			s.Undecided = s.Undecided || f.Failure.SaysNothing()
			s.Microsoft365 = s.Microsoft365 || f.Failure.Kind == Microsoft365
			return clients.Answer{}, f.Failure
		case r.Timeout > 0 && f.Took > r.Timeout:
			return clients.Answer{}, Failure{Kind: Silent}
		case s.Client.NeedsAbsoluteRedirect && f.IsRelative():
			return clients.Answer{}, errors.New("the redirect names no host")
		}
		s.Last = f.Answer
		return f.Answer, nil
	})
}

// RedirectOnly reports whether a client uses only a redirect: Exchange's last step
// is a GET over http ([MS-OXDISCO] 3.1.5.4), and any other answer to it is not for
// ActiveSync clients.
func RedirectOnly(r clients.Request) bool {
	return r.Format == clients.MobileSync && r.Method == http.MethodGet
}

// addControls adds requests that a server should refuse.
func (w *fetcher) addControls(hosts map[string]*Host) {
	d := w.p.Domain.String()
	for _, label := range w.p.labels() {
		if !hosts[label+"."+d].HTTPS.Best().Good() {
			continue
		}
		w.catchAllProbes = append(w.catchAllProbes, &Fetch{Request: clients.Request{
			Method: http.MethodGet, URL: "https://" + label + "." + d + "/" + rand.Text(),
		}})
		if r, ok := autodiscoverPost(w.p.address); ok && label == Autodiscover {
			// The reserved domain makes sure that the request is about nobody (RFC 2606).
			r.Body = bytes.ReplaceAll(r.Body, []byte(w.p.address.String()), []byte(Mailbox+"@nobody.invalid"))
			w.foreignDomainProbe = &Fetch{Request: r}
		}
	}
}

// autodiscoverPost returns the first request for Outlook's XML at autodiscover that a
// client makes by POST.
func autodiscoverPost(address provider.Address) (clients.Request, bool) {
	for _, client := range clients.All {
		if client.Requests == nil {
			continue
		}
		for _, r := range client.Requests(address) {
			if r.Format == clients.Autodiscover && r.Method == http.MethodPost && strings.HasPrefix(r.URL, "https://"+Autodiscover+".") {
				return r, true
			}
		}
	}
	return clients.Request{}, false
}
