package doctor

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"mailsetup/internal/clients"
)

// maxRedirects is more than any client needs and fewer than any follows.
const maxRedirects = 5

// A fetch is one request and what came of it.
type fetch struct {
	request clients.Request
	askers  []string // the clients that ask this
	answer  clients.Answer
	hops    []hop
	took    time.Duration
	// err: nothing usable came back. slow: because of the time limit. cut: because
	// the whole check ran out of time, which says nothing about the server.
	err            error
	slow, timedOut bool
	// challenge: a CDN wants a person to prove that they are one. server is how the
	// answering machine calls itself, where something blocks.
	challenge bool
	server    string
	ledTo     bool // an answer of a server named this URL
	once      sync.Once
}

// A hop is one redirect.
type hop struct {
	from, to *url.URL
	relative bool // its Location named no host
}

// A fetcher is all that was asked over http and https.
type fetcher struct {
	c         *check
	transport *http.Transport
	mu        sync.Mutex
	fetches   map[string]*fetch
	order     []*fetch
	started   bool // the clients' own requests are all there; further ones come from answers
	// catchAllProbes are requests for a path that nobody serves; stranger asks for a
	// domain that nobody serves.
	catchAllProbes     []*fetch
	foreignDomainProbe *fetch
}

// askAll sends every request of every client once, however many clients share it.
// Mozilla's database is left out: it is not the owner's to mend, and whom it is
// asked about is nobody's business.
func (c *check) askAll(ctx context.Context, hosts map[string]*host) *fetcher {
	w := &fetcher{c: c, fetches: map[string]*fetch{}, transport: &http.Transport{
		DialContext:       c.dialName,
		TLSClientConfig:   &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12, Time: c.Now},
		DisableKeepAlives: true, // an idle connection would hold a slot

		MaxResponseHeaderBytes: maxHeader,
	}}
	for _, client := range clients.All {
		if client.Requests == nil {
			continue
		}
		for _, r := range client.Requests(c.address) {
			if !r.Database {
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

// addControls adds what a server should refuse.
func (w *fetcher) addControls(hosts map[string]*host) {
	d := w.c.Domain.String()
	for _, label := range []string{autoconfig, autodiscover} {
		if !hosts[label+"."+d].https.best().good() {
			continue
		}
		w.catchAllProbes = append(w.catchAllProbes, &fetch{request: clients.Request{
			Method: http.MethodGet, URL: "https://" + label + "." + d + "/" + rand.Text(),
		}})
		if label == autodiscover {
			r := outlookRequest(w.c.address)
			// The reserved domain keeps the request from meaning anybody (RFC 2606).
			r.Body = bytes.ReplaceAll(r.Body, []byte(w.c.address.String()), []byte(mailbox+"@nobody.invalid"))
			w.foreignDomainProbe = &fetch{request: r}
		}
	}
}

// add notes a request, or one more client that asks the same.
func (w *fetcher) add(r clients.Request, asker string) *fetch {
	key := r.Method + " " + r.URL + "\n" + r.Format.String() + "\n" + string(r.Body)
	for _, header := range []string{"Accept", "Content-Type", "User-Agent"} {
		key += "\n" + r.Header.Get(header)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	f, ok := w.fetches[key]
	if !ok {
		f = &fetch{request: r, ledTo: w.started}
		w.fetches[key] = f
		w.order = append(w.order, f)
	}
	for _, have := range f.askers {
		if have == asker {
			return f
		}
	}
	f.askers = append(f.askers, asker)
	return f
}

// send makes the request, the first time it is called.
func (w *fetcher) send(ctx context.Context, f *fetch) {
	f.once.Do(func() {
		release, err := w.c.slot(ctx)
		if err != nil {
			f.err, f.timedOut = err, true
			return
		}
		defer release()
		began := time.Now()
		limited, cancel := context.WithTimeout(ctx, w.c.Limits.Answer)
		defer cancel()
		err = w.exchange(limited, f)
		f.took = time.Since(began)
		if err == nil {
			return
		}
		f.err = unwrapNet(err)
		f.timedOut = ctx.Err() != nil
		f.slow = !f.timedOut && errors.Is(f.err, errTimeout)
	})
}

func (w *fetcher) exchange(ctx context.Context, f *fetch) error {
	if f.ledTo && !isHarmless(f.request.Method) && !mayPost(f.parsed()) {
		return errPost
	}
	req, err := http.NewRequestWithContext(ctx, f.request.Method, f.request.URL, bytes.NewReader(f.request.Body))
	if err != nil {
		return err
	}
	for key, values := range f.request.Header {
		req.Header[key] = values
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "mailsetup-doctor")
	}
	client := http.Client{Transport: w.transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		location, err := url.Parse(next.Response.Header.Get("Location"))
		f.hops = append(f.hops, hop{from: via[len(via)-1].URL, to: next.URL, relative: err == nil && location.Host == ""})
		if len(via) > maxRedirects {
			return errors.New("too many redirects")
		}
		switch {
		case isMicrosoft365(next.URL.Hostname()):
			return errMicrosoft365
		case !isHarmless(next.Method) && !mayPost(next.URL):
			return errPost
		}
		return nil
	}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f.answer = clients.Answer{Status: resp.StatusCode, ContentType: resp.Header.Get("Content-Type")}
	f.challenge = strings.EqualFold(resp.Header.Get("Cf-Mitigated"), "challenge") // developers.cloudflare.com/cloudflare-challenges
	f.server = resp.Header.Get("Server")
	f.answer.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	return err
}

// says is how the machine that answered calls itself, to stand behind its status.
func (f *fetch) says() string {
	const most = 40
	if f.server == "" || len(f.server) > most {
		return ""
	}
	return `, from a machine called "` + f.server + `"`
}

// url is the request's, without the query, which may hold an address.
func (f *fetch) url() string {
	u, err := url.Parse(f.request.URL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}

func (f *fetch) parsed() *url.URL {
	u, err := url.Parse(f.request.URL)
	if err != nil {
		return &url.URL{}
	}
	return u
}
