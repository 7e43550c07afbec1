package page

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	browserpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"mailsetup/internal/language"
)

// newBrowser starts a headless Chromium. Without Chromium the test is skipped, or fails
// where MAILSETUP_E2E=require says that everything must be there.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("MAILSETUP_E2E") == "require" {
			t.Fatal("chromium is missing (Debian package chromium)")
		}
		t.Skip("chromium is missing (Debian package chromium): the pages are not tested in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, // root in a container has no other way; the pages are our own
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	return ctx
}

// servePages serves every page as /NAME with the headers of the real server.
func servePages(t *testing.T) (base string, names []string) {
	all := pages(t)
	for _, l := range Languages()[1:] {
		for name, page := range pagesIn(t, language.Choice{Language: l}) {
			all[l.String()+"/"+name] = page
		}
	}
	all["breaks-policy"] = `<!doctype html><title>x</title><p style="color:red">x<img src="https://elsewhere.test/x.png" alt="">`
	p := newPages(t, Config{Operator: Operator{Logo: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)}})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", ContentSecurityPolicy)
		if a, ok := p.Asset(strings.TrimPrefix(r.URL.Path, AssetPath)); ok {
			w.Header().Set("Content-Type", a.Type)
			w.Write(a.Data)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, all[strings.TrimPrefix(r.URL.Path, "/")])
	}))
	t.Cleanup(srv.Close)
	for name := range all {
		names = append(names, name)
	}
	return srv.URL, names
}

func call[P, R any](command func(context.Context, P) (R, error), params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := command(ctx, params)
		return err
	})
}

func setMedia(ctx context.Context, p emulation.SetEmulatedMediaParams) (any, error) {
	return chromedp.Call(ctx, emulation.SetEmulatedMedia, p)
}

func addScript(ctx context.Context, p browserpage.AddScriptToEvaluateOnNewDocumentParams) (any, error) {
	return chromedp.Call(ctx, browserpage.AddScriptToEvaluateOnNewDocument, p)
}

func disableScript(ctx context.Context, p emulation.SetScriptExecutionDisabledParams) (any, error) {
	return chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, p)
}

// seen is what a browser makes of a page.
type seen struct {
	Violations []string // of the content security policy
	Foreign    []string // resources of other hosts
	Width      int      // of the whole page
	Small      []string // targets under 24 by 24 CSS pixels (WCAG 2.2, 2.5.8)
	Unstyled   bool
	Buttons    int // to copy values
}

// observe collects the violations from the start of a document.
const observe = `window.violations = [];
document.addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.blockedURI));`

// inspect opens every fold and measures. Links within a sentence are exempt
// from the size of targets.
const inspect = `(async () => {
  document.querySelectorAll('details').forEach(d => d.open = true);
  await new Promise(done => setTimeout(done, 50));
  const targets = [...document.querySelectorAll('a, button, summary, input:not([type=hidden])')];
  return {
    Violations: violations,
    Foreign: performance.getEntriesByType('resource').map(r => r.name).filter(n => !n.startsWith(location.origin + '/')),
    Width: document.documentElement.scrollWidth,
    Small: targets.filter(t => {
      const box = t.getBoundingClientRect();
      const inSentence = getComputedStyle(t).display === 'inline' && t.parentElement.textContent.trim() !== t.textContent.trim();
      return (box.width < 24 || box.height < 24) && !inSentence && !t.classList.contains('skip');
    }).map(t => t.outerHTML.slice(0, 100)),
    Unstyled: getComputedStyle(document.body).marginTop !== '0px',
    Buttons: document.querySelectorAll('button.copy').length,
  };
})()`

// TestBrowser opens every page in a real browser, on the narrowest screen that
// WCAG 2.2 asks for (1.4.10) and on a wide one, light and dark.
func TestBrowser(t *testing.T) {
	ctx := newBrowser(t)
	base, names := servePages(t)
	if err := chromedp.Do(ctx, call(addScript, browserpage.AddScriptToEvaluateOnNewDocumentParams{Source: observe})); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		_, page, translated := strings.Cut(name, "/")
		for _, width := range []int64{320, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				// A translation has other words but the same colours. Of the results, the
				// one for an unknown device contains the most.
				if translated && (width != 320 || scheme != "light" || strings.HasPrefix(page, "notice-") ||
					strings.Contains(page, "-") && !strings.HasSuffix(page, "-unknown") && !strings.HasPrefix(page, "form")) {
					continue
				}
				err := chromedp.Do(ctx,
					chromedp.EmulateViewport(width, 800),
					call(setMedia, emulation.SetEmulatedMediaParams{
						Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
					}),
					chromedp.Navigate(base+"/"+name),
				)
				if err != nil {
					t.Fatal(err)
				}
				got, err := chromedp.Run(ctx, chromedp.Evaluate[seen](inspect, chromedp.EvalAwaitPromise))
				if err != nil {
					t.Fatal(name, err)
				}
				if name == "breaks-policy" {
					// The observer itself must see violations of the policy.
					if len(got.Violations) != 2 || !got.Unstyled {
						t.Errorf("the observer is blind: %+v", got)
					}
					continue
				}
				if len(got.Violations)+len(got.Foreign)+len(got.Small) > 0 || got.Width > int(width) || got.Unstyled {
					t.Errorf("%s at %d, %s: %+v", name, width, scheme, got)
				}
				if settings := strings.Contains(name, "icloud") || strings.Contains(name, "second"); settings && got.Buttons != 6 {
					t.Errorf("%s: %d copy buttons, want 6", name, got.Buttons)
				}
			}
		}
	}
}

// TestBrowserWithoutScript: without script, everything is shown except what needs script.
func TestBrowserWithoutScript(t *testing.T) {
	ctx := newBrowser(t)
	base, _ := servePages(t)
	err := chromedp.Do(ctx,
		call(disableScript, emulation.SetScriptExecutionDisabledParams{Value: true}),
		chromedp.Navigate(base+"/icloud-unknown"),
	)
	if err != nil {
		t.Fatal(err)
	}
	buttons, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll('button.copy').length`))
	if err != nil {
		t.Fatal(err)
	}
	cards, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll('#programs > details.card').length`))
	if err != nil {
		t.Fatal(err)
	}
	if buttons != 0 || cards != 6 {
		t.Errorf("%d copy buttons and %d cards, want 0 and 6", buttons, cards)
	}
}

// TestBrowserKeyboard: the first key press offers the way past the header, the
// focus can be seen, and a fold opens without a pointer.
func TestBrowserKeyboard(t *testing.T) {
	ctx := newBrowser(t)
	base, _ := servePages(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(base+"/icloud-unknown"), chromedp.KeyEvent(kb.Tab)); err != nil {
		t.Fatal(err)
	}
	focus, err := chromedp.Run(ctx, chromedp.Evaluate[string](
		`document.activeElement.className + ' ' + getComputedStyle(document.activeElement).outlineStyle + ' ' + (document.activeElement.getBoundingClientRect().top >= 0)`))
	if err != nil {
		t.Fatal(err)
	}
	if focus != "skip solid true" {
		t.Errorf("after Tab the focus is on %q, want the visible skip link", focus)
	}
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('details.card > summary').focus()`), chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	open, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelector('details.card').open`))
	if err != nil {
		t.Fatal(err)
	}
	if !open {
		t.Error("Enter does not open a card")
	}
}

// TestAddressInLink: a link may carry an address after its #, which is not sent to a
// server. The form takes the address and removes it from the address bar.
func TestAddressInLink(t *testing.T) {
	ctx := newBrowser(t)
	base, _ := servePages(t)
	for _, c := range []struct{ page, fragment, want string }{
		{"form", "#jane%2Bnews@example.com", "jane+news@example.com/"},
		{"form", "#main", "/#main"},
		{"form", "#%E0%A4%A@example.com", "/"},
		{"form-problems", "#jane@example.com", "jane@/"}, // what was typed stays
		{"icloud-mac", "#jane@example.com", "undefined/#jane@example.com"},
	} {
		if err := chromedp.Do(ctx, chromedp.Navigate(base+"/notice-failure"), chromedp.Navigate(base+"/"+c.page+c.fragment)); err != nil {
			t.Fatal(err)
		}
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.getElementById('address')?.value + '/' + location.hash`))
		if err != nil {
			t.Fatal(err)
		}
		if got != c.want {
			t.Errorf("%s%s: %q, want %q", c.page, c.fragment, got, c.want)
		}
	}
}
