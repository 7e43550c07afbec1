package page

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// canaries is part of everything personal that the tests type. It must not
// appear in a URL, header or log.
var canaries = regexp.MustCompile(`(?i)canary`)

// reportViolations reports what breaks a page's policy, where it may run.
const reportViolations = `addEventListener('securitypolicyviolation', e =>
	console.error('policy violated: ' + e.violatedDirective + ' ' + e.blockedURI));`

// A trace is everything that a tab has requested, and everything that the
// browser complained about.
type trace struct {
	mu         sync.Mutex
	documents  []int64 // status of each page
	urls       []string
	headers    []string // "Name: value", of requests and answers
	complaints []string
	weight     map[string]float64 // octets over the wire, by URL
	byID       map[network.RequestID]string
}

func (r *trace) record(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if r.weight == nil {
			r.weight, r.byID = map[string]float64{}, map[network.RequestID]string{}
		}
		r.urls = append(r.urls, e.Request.URL+e.Request.URLFragment)
		r.byID[e.RequestID] = e.Request.URL
		r.add(e.Request.Headers)
	case *network.EventRequestWillBeSentExtraInfo:
		r.add(e.Headers)
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			r.documents = append(r.documents, e.Response.Status)
		} else if e.Response.Status >= 400 {
			r.complain("%s is answered with %d", e.Response.URL, e.Response.Status)
		}
	case *network.EventResponseReceivedExtraInfo:
		r.add(e.Headers)
	case *network.EventLoadingFinished:
		r.weight[r.byID[e.RequestID]] += e.EncodedDataLength
	case *network.EventLoadingFailed:
		// A download ends the loading of a page.
		if e.ErrorText != "net::ERR_ABORTED" {
			r.complain("%s: %s", r.byID[e.RequestID], e.ErrorText)
		}
	case *network.EventWebSocketCreated:
		r.urls = append(r.urls, e.URL)
	case *runtime.EventConsoleAPICalled:
		r.complain("console: %s", e.Args[0].Value)
	case *runtime.EventExceptionThrown:
		r.complain("exception: %s", e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		// Each test checks the status of pages; the other requests are checked
		// above.
		if e.Entry.Source != log.EntrySourceNetwork {
			r.complain("browser log: %s: %s", e.Entry.Source, e.Entry.Text)
		}
	case *audits.EventIssueAdded:
		r.complain("browser issue: %s %+v", e.Issue.Code, e.Issue.Details)
	}
}

func (r *trace) complain(format string, args ...any) {
	r.complaints = append(r.complaints, fmt.Sprintf(format, args...))
}

func (r *trace) add(headers network.Headers) {
	for name, value := range headers {
		if value != "" { // as the browser reports a Referer that it does not send
			r.headers = append(r.headers, fmt.Sprintf("%s: %v", strings.ToLower(name), value))
		}
	}
}

// complains reports whether the browser has complained about something.
func (r *trace) complains(about string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.complaints, func(c string) bool { return strings.Contains(c, about) })
}

// lastStatus is the status of the page that is open.
func (r *trace) lastStatus() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.documents) == 0 {
		return 0
	}
	return r.documents[len(r.documents)-1]
}

// wantNothingKept fails the test if there is a cookie, or a site keeps data.
func (b *tab) wantNothingKept(origins ...string) {
	b.Helper()
	cookies, err := chromedp.CallBrowser(b.ctx, storage.GetCookies, storage.GetCookiesParams{
		BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
	})
	if err != nil || len(cookies.Cookies) > 0 {
		b.Errorf("the pages keep cookies: %v, %v", cookies.Cookies, err)
	}
	for _, origin := range origins {
		stored, err := chromedp.Call(b.ctx, storage.GetUsageAndQuota, storage.GetUsageAndQuotaParams{Origin: origin})
		if err != nil || stored.Usage > 0 {
			b.Errorf("%s keeps %v octets: %v", origin, stored.Usage, err)
		}
	}
}

// checkTrace checks everything that the tab has done: no complaints by the
// browser, no other hosts, nothing stored, and nothing personal where others
// might read it: in URLs, the history, headers.
func (b *tab) checkTrace() {
	b.Helper()
	history, err := chromedp.Run(b.ctx, chromedp.NavigationEntries())
	if err != nil {
		b.Fatal(err)
	}
	b.wantNothingKept(b.server.URL)
	r := &b.trace
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.complaints {
		b.Error(c)
	}
	urls := r.urls
	for _, e := range history.Entries {
		urls = append(urls, e.URL, e.UserTypedURL, e.Title)
	}
	for _, u := range urls {
		if strings.Contains(u, "://") && !strings.HasPrefix(u, b.server.URL+"/") {
			b.Errorf("a request to another host: %s", u)
		}
		if canaries.MatchString(plainly(u)) {
			b.Errorf("an address in a URL or title: %s", u)
		}
	}
	for _, h := range r.headers {
		name, _, _ := strings.Cut(h, ":")
		if canaries.MatchString(h) || name == "referer" || name == "cookie" || name == "set-cookie" {
			b.Errorf("an address in a header: %s", h)
		}
	}
	if len(r.urls) == 0 || len(r.headers) == 0 || len(history.Entries) == 0 {
		b.Errorf("the trace is blind: %d URLs, %d headers", len(r.urls), len(r.headers))
	}
}

// plainly returns a URL together with its decoded parts.
func plainly(u string) string {
	all := u
	if s, err := url.QueryUnescape(u); err == nil {
		all += " " + s
	}
	for part := range strings.SplitSeq(u, "/") {
		if s, err := base64.RawURLEncoding.DecodeString(part); err == nil {
			all += " " + string(s)
		}
	}
	return all
}
