package page

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// A variant is one way to look at the pages.
type variant struct {
	name          string
	width, height int64
	userAgent     string // "" for the browser's own
	dark          bool
	noScript      bool
}

const iPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"

var (
	phone   = variant{name: "phone-light", width: 390, height: 844, userAgent: iPhone}
	desktop = variant{name: "desktop-light", width: 1280, height: 800}
)

// variants are two sizes, each light and dark, with and without script.
func variants() (all []variant) {
	for _, base := range []variant{phone, desktop} {
		for _, dark := range []bool{false, true} {
			for _, noScript := range []bool{false, true} {
				v := base
				v.dark, v.noScript = dark, noScript
				if dark {
					v.name = v.name[:len(v.name)-len("light")] + "dark"
				}
				if noScript {
					v.name += "-no-script"
				}
				all = append(all, v)
			}
		}
	}
	return all
}

// A tab is a page of the browser in its own profile, so tests cannot affect each
// other. It watches everything that the page does.
type tab struct {
	testing.TB
	variant
	ctx       context.Context
	server    *server
	downloads string // folder
	trace     trace
}

// openTab opens an empty page, and checks the trace when the test ends.
func openTab(t testing.TB, s *server, v variant) *tab {
	t.Helper()
	b := openUnwatched(t, s, v)
	t.Cleanup(func() {
		if !t.Failed() {
			b.checkTrace()
		}
	})
	return b
}

func openUnwatched(t testing.TB, s *server, v variant) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(needBrowser(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{TB: t, variant: v, server: s, downloads: t.TempDir()}
	scheme := "light"
	if v.dark {
		scheme = "dark"
	}
	b.ctx = ctx
	b.do(
		command(network.Enable, network.EnableParams{}),
		command(audits.Enable, cdp.Empty{}),
		command(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: reportViolations}),
		// Keys reach a page only if it believes that it has the focus.
		command(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}),
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: v.noScript}),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"}, // so that no test waits for scrolling
		}}),
	)
	if v.userAgent == "" {
		b.do(chromedp.EmulateViewport(v.width, v.height))
	} else {
		b.do(
			chromedp.EmulateViewport(v.width, v.height, chromedp.EmulateMobile, chromedp.EmulateTouch),
			command(emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: v.userAgent}),
		)
	}
	profile := chromedp.FromContext(ctx).BrowserContextID
	if _, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: profile, DownloadPath: b.downloads,
	}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, b.trace.record); err != nil {
		t.Fatal(err)
	}
	// A step that never ends must report where it hangs.
	b.ctx, cancel = context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	return b
}

// command makes an action of a protocol command.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// eval evaluates an expression in the page; the protocol can do so even if the
// page's own script is switched off.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", expression[:min(len(expression), 100)], err)
	}
	return value
}

// until waits for an expression to become true, with or without script.
func (b *tab) until(expression string) {
	b.Helper()
	for range 2000 { // ten seconds at least
		if eval[bool](b, expression) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.Fatalf("at %s: never true: %s", b.path(), expression)
}

// open goes to a path of the server.
func (b *tab) open(path string) {
	b.Helper()
	b.do(chromedp.Navigate(b.server.URL + path))
}

// path returns the path of the page's URL.
func (b *tab) path() string {
	return eval[string](b, `location.pathname + location.search + location.hash`)
}

// wantPage fails the test unless the page came with this status and the text of
// its heading matches.
func (b *tab) wantPage(status int64, heading string) {
	b.Helper()
	got := eval[string](b, `document.querySelector('h1').textContent`)
	if got != heading || b.trace.lastStatus() != status {
		b.Fatalf("at %s: %d %q, want %d %q", b.path(), b.trace.lastStatus(), got, status, heading)
	}
}

// download returns the only downloaded file, and removes it.
func (b *tab) download() (name string, content []byte) {
	b.Helper()
	for b.ctx.Err() == nil {
		files, err := os.ReadDir(b.downloads)
		if err != nil {
			b.Fatal(err)
		}
		// Until a download is complete, there are two files: an empty one that
		// reserves the name, and one that grows.
		if len(files) == 1 && !strings.HasSuffix(files[0].Name(), ".crdownload") {
			name = files[0].Name()
			if content, err = os.ReadFile(filepath.Join(b.downloads, name)); err != nil {
				b.Fatal(err)
			}
			if len(content) > 0 {
				if err := os.Remove(filepath.Join(b.downloads, name)); err != nil {
					b.Fatal(err)
				}
				return name, content
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.Fatal("nothing was downloaded")
	return "", nil
}

// screenshot saves a picture of the whole page in the out folder.
func (b *tab) screenshot(name string) {
	b.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(outFolder, name+"-"+b.name+".png"), picture, 0o644); err != nil {
		b.Fatal(err)
	}
}
