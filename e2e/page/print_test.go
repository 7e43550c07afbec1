package page

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestPrint: on paper, folds cannot be opened and buttons cannot be pressed.
func TestPrint(t *testing.T) {
	s := startServer(t, "--public-url", "https://setup.example.com")
	for _, noScript := range []bool{false, true} {
		v := variant{name: "print", width: 794, height: 1123, dark: true, noScript: noScript} // A4
		b := openTab(t, s, v)
		b.submit("canary.jane@icloud.com")
		b.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
		got := eval[struct {
			Hidden, Buttons []string
			Paper           string
		}](b, `(() => {
			const hidden = e => !e.checkVisibility({contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true});
			return {
				Hidden: [...document.querySelectorAll('h1, h2, .value, .card li, .folds p')].filter(hidden).map(e => e.textContent),
				Buttons: [...document.querySelectorAll('button, .button, input, nav')].filter(e => !hidden(e)).map(e => e.outerHTML),
				Paper: getComputedStyle(document.body).backgroundColor + ' ' + getComputedStyle(document.body).color,
			};
		})()`)
		if len(got.Hidden) > 0 || len(got.Buttons) > 0 {
			t.Errorf("without script %v: not printed: %q; printed in vain: %q", noScript, got.Hidden, got.Buttons)
		}
		if want := "rgb(255, 255, 255) rgb(0, 0, 0)"; got.Paper != want {
			t.Errorf("printed on %s, want %s", got.Paper, want)
		}
		b.wantSettings("canary.jane", "canary.jane@icloud.com")
		b.screenshot("result")
	}
	// The whole page as a file, for people to look at.
	b := openTab(t, s, desktop)
	b.submit("canary.jane@icloud.com")
	paper, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(outFolder, "result.pdf"), paper, 0o644); err != nil {
		t.Fatal(err)
	}
}
