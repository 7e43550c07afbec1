package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"mailsetup/internal/clients"
)

// maxRedirects is more than any client needs and fewer than any follows.
const maxRedirects = 5

// A Fetch is one request and its result.
type Fetch struct {
	Request clients.Request
	Askers  []string // the names of the clients that ask this
	Answer  clients.Answer
	Hops    []Hop
	// Failure: nothing usable came back.
	Failure Failure
	Took    time.Duration
	// Challenge: a CDN asks people to prove that they are human. Server is the
	// Server header of the machine that answered.
	Challenge bool
	Server    string
	ledTo     bool // a server's answer named this URL
	once      sync.Once
}

// A Hop is one redirect.
type Hop struct {
	From, To *url.URL
	Relative bool // its Location named no host
}

// URL returns the request's URL. The query may contain an address; [Fetch.Place] has
// no query.
func (f *Fetch) URL() *url.URL {
	u, err := url.Parse(f.Request.URL)
	if err != nil {
		return &url.URL{}
	}
	return u
}

// Place returns the request's URL without its query.
func (f *Fetch) Place() string { return placeOf(f.URL()) }

// placeOf returns a URL without the parts that may contain an address or a password.
func placeOf(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }

// End returns the target of the last redirect, or the request's URL if there was
// none.
func (f *Fetch) End() *url.URL {
	if len(f.Hops) == 0 {
		return f.URL()
	}
	return f.Hops[len(f.Hops)-1].To
}

// IsRelative reports whether one of the redirects named no host.
func (f *Fetch) IsRelative() bool {
	return slices.ContainsFunc(f.Hops, func(h Hop) bool { return h.Relative })
}

// Succeeded reports whether an answer with a status of success came back.
func (f *Fetch) Succeeded() bool {
	return !f.Failure.Failed() && f.Answer.Status >= 200 && f.Answer.Status <= 299
}

// A fetcher is all that was asked over http and https.
type fetcher struct {
	p       *Prober
	mu      sync.Mutex
	fetches map[string]*Fetch
	order   []*Fetch
	started bool // all of the clients' own requests have been added; further ones come from answers

	catchAllProbes     []*Fetch
	foreignDomainProbe *Fetch
}

// askAll sends every request of every client once, however many clients share it.
// Mozilla's database is left out: the owner cannot fix it, and should not be told
// which domains are checked.
func (p *Prober) askAll(ctx context.Context, hosts map[string]*Host) *fetcher {
	w := &fetcher{p: p, fetches: map[string]*Fetch{}}
	for _, client := range clients.All {
		if client.Requests == nil {
			continue
		}
		for _, r := range client.Requests(p.address) {
			if w.p.asks(r) {
				w.add(r, client.Name)
			}
		}
	}
	w.started = true
	w.addControls(hosts)
	var wg sync.WaitGroup
	for _, f := range append(w.order, w.catchAllProbes...) {
		wg.Go(func() { w.send(ctx, f) })
	}
	if w.foreignDomainProbe != nil {
		wg.Go(func() { w.send(ctx, w.foreignDomainProbe) })
	}
	wg.Wait()
	return w
}

// add records a request, or one more client that makes the same one.
func (w *fetcher) add(r clients.Request, asker string) *Fetch {
	key := r.Method + " " + r.URL + "\n" + r.Format.String() + "\n" + string(r.Body)
	for _, header := range []string{"Accept", "Content-Type", "User-Agent"} {
		key += "\n" + r.Header.Get(header)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	f, ok := w.fetches[key]
	if !ok {
		f = &Fetch{Request: r, ledTo: w.started}
		w.fetches[key] = f
		w.order = append(w.order, f)
	}
	if !slices.Contains(f.Askers, asker) {
		f.Askers = append(f.Askers, asker)
	}
	return f
}

// all returns the requests in the order in which they were added.
func (w *fetcher) all() []*Fetch {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.order)
}

// send makes the request, the first time it is called.
func (w *fetcher) send(ctx context.Context, f *Fetch) {
	f.once.Do(func() {
		release, err := w.p.slot(ctx)
		if err != nil {
			f.Failure = Failure{Kind: OutOfTime}
			return
		}
		defer release()
		began := time.Now()
		limited, cancel := context.WithTimeout(ctx, w.p.Limits.Answer)
		defer cancel()
		err = w.exchange(limited, f)
		f.Took = time.Since(began)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			f.Failure = Failure{Kind: OutOfTime}
		default:
			f.Failure = failureOf(err)
		}
	})
}

func (w *fetcher) exchange(ctx context.Context, f *Fetch) error {
	if f.ledTo && !isHarmless(f.Request.Method) && !mayPost(f.URL()) {
		return Failure{Kind: PostLedAstray}
	}
	req, err := http.NewRequestWithContext(ctx, f.Request.Method, f.Request.URL, bytes.NewReader(f.Request.Body))
	if err != nil {
		return err
	}
	for key, values := range f.Request.Header {
		req.Header[key] = values
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "mailsetup-doctor")
	}
	own := &line{dialer: w.p.dialName}
	defer own.close()
	transport := &http.Transport{
		DialContext:       own.dial,
		TLSClientConfig:   &tls.Config{RootCAs: w.p.Roots, MinVersion: tls.VersionTLS12, Time: w.p.Now},
		DisableKeepAlives: true, // a line holds one connection, for one request

		MaxResponseHeaderBytes: maxHeader,
	}
	client := http.Client{Transport: transport, CheckRedirect: f.checkRedirect}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f.Answer = clients.Answer{Status: resp.StatusCode, ContentType: resp.Header.Get("Content-Type")}
	f.Challenge = strings.EqualFold(resp.Header.Get("Cf-Mitigated"), "challenge") // developers.cloudflare.com/cloudflare-challenges
	f.Server = resp.Header.Get("Server")
	f.Answer.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = Failure{Kind: HungUp}
	}
	return err
}

// checkRedirect records a redirect and decides whether it is followed.
func (f *Fetch) checkRedirect(next *http.Request, via []*http.Request) error {
	location, err := url.Parse(next.Response.Header.Get("Location"))
	f.Hops = append(f.Hops, Hop{From: via[len(via)-1].URL, To: next.URL, Relative: err == nil && location.Host == ""})
	back := slices.ContainsFunc(via, func(r *http.Request) bool {
		return r.Method == next.Method && r.URL.String() == next.URL.String()
	})
	switch {
	case back:
		return Failure{Kind: RedirectCircle}
	case len(via) > maxRedirects:
		return Failure{Kind: TooManyRedirects}
	case IsMicrosoft365(next.URL.Hostname()):
		return Failure{Kind: Microsoft365}
	case !isHarmless(next.Method) && !mayPost(next.URL):
		return Failure{Kind: PostLedAstray}
	}
	return nil
}
