package page

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// hostile is somebody else's page that abuses the form: in a window, in a
// frame, and from script.
const hostile = `<!doctype html><title>elsewhere</title>
<iframe name="inside"></iframe>
<form method="post" action="%[1]s/"><input name="emailaddress" value="canary.jane@icloud.com"></form>
<script>
async function read() {
  const body = new URLSearchParams({emailaddress: 'canary.jane@icloud.com'});
  const tries = [
    {method: 'POST', body},
    {method: 'POST', body, credentials: 'include'},
    {method: 'POST', body, mode: 'no-cors', credentials: 'include'},
    {method: 'POST', body: JSON.stringify({}), headers: {'Content-Type': 'application/json'}},
  ];
  const seen = [];
  for (const t of tries) {
    try {
      const r = await fetch('%[1]s/', t);
      seen.push(r.type + ' ' + r.url + ' ' + await r.text());
    } catch (e) {
      seen.push('');
    }
  }
  return seen.join('');
}
function post(target) {
  document.forms[0].target = target;
  document.forms[0].submit();
}
</script>`

// TestCrossSite: a form posted from another site gets the same answer as any
// other and leaves nothing behind: no cookie, nothing stored in the browser,
// nothing changed in the server. The other site cannot read the answer or show
// it in a frame.
func TestCrossSite(t *testing.T) {
	s := startServer(t)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, hostile, s.URL)
	}))
	defer elsewhere.Close()
	// Its name makes it another site than the server, which has an IP address.
	from := strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)
	before := get(t, s.Admin+"/readyz")

	b := openUnwatched(t, s, desktop)
	b.do(chromedp.Navigate(from))
	if read := eval[string](b, `read()`); read != "" {
		t.Errorf("the other site reads %s", read)
	}
	inside := eval[string](b, `(async () => {
		const frame = document.querySelector('iframe');
		const loaded = new Promise(done => frame.onload = done);
		post('inside');
		await loaded;
		try { return frame.contentDocument.body.innerHTML; } catch { return ''; }
	})()`)
	if inside != "" || !b.trace.complains("frame-ancestors") {
		t.Errorf("the page is shown in a frame: %s", inside)
	}

	if _, err := chromedp.Run(b.ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[any](`post('_self')`))); err != nil {
		t.Fatal(err)
	}
	b.wantPage(200, "Set up canary.jane@icloud.com")
	b.wantNothingKept(s.URL, from)
	if after := get(t, s.Admin+"/readyz"); after != before {
		t.Errorf("the server was %s, and is now %s", before, after)
	}
}

// TestSubmitAnswer: the form's answer is only a redirect to a sealed path on
// the same host, whoever posts it.
func TestSubmitAnswer(t *testing.T) {
	s := startServer(t)
	for _, origin := range []string{s.URL, "https://elsewhere.test", "null"} {
		answer := s.post(t, origin)
		if l := answer.Header.Get("Location"); answer.StatusCode != 303 || !strings.HasPrefix(l, "/p/") || canaries.MatchString(plainly(l)) {
			t.Errorf("from %s: status %d, Location %s", origin, answer.StatusCode, l)
		}
		for _, name := range []string{"Set-Cookie", "Access-Control-Allow-Origin", "Clear-Site-Data"} {
			if v := answer.Header.Get(name); v != "" {
				t.Errorf("from %s: %s is %s", origin, name, v)
			}
		}
	}
}

// post sends the form from a page of the given origin.
func (s *server) post(t *testing.T, origin string) *http.Response {
	t.Helper()
	form := url.Values{"emailaddress": {"canary.jane@icloud.com"}}
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", origin)
	answer, err := http.DefaultTransport.RoundTrip(r) // does not follow redirects
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer
}

// get returns the body of an answer.
func get(t testing.TB, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
