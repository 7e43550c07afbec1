package page

import (
	"context"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// chromium is started when a test first needs it, and shared by all.
var chromium struct {
	once  sync.Once
	ctx   context.Context
	err   error
	close []context.CancelFunc
}

// needBrowser returns the context of a running headless Chromium.
func needBrowser(t testing.TB) context.Context {
	t.Helper()
	chromium.once.Do(func() {
		var path string
		if path, chromium.err = findBrowser(); chromium.err != nil {
			return
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path),
			chromedp.UserDataDir(filepath.Join(scratch, "chromium")),
			chromedp.NoSandbox, // root in a container has no other way; the pages are our own
			chromedp.DisableGPU,
			chromedp.Flag("disable-quic", true),
			chromedp.Flag("disable-component-update", true),
			// Only this machine can be reached, whatever a page requests.
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		)
		allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
		chromium.close = append(chromium.close, cancel)
		chromium.ctx, cancel = chromedp.NewContext(allocator)
		chromium.close = append(chromium.close, cancel)
		chromium.err = chromedp.Do(chromium.ctx)
	})
	need(t, "chromium (Debian package chromium)", chromium.err)
	return chromium.ctx
}

func findBrowser() (path string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err = exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", err
}

func closeBrowser() {
	for i := len(chromium.close) - 1; i >= 0; i-- {
		chromium.close[i]()
	}
}
