package page

import (
	"strings"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focus is what a person sees of the focused element.
type focus struct {
	Element string // the start of its source
	Matches bool
	Outline bool // it has a visible outline
	Inside  bool // it is inside the window
}

// tabTo presses Tab until the focus is on an element of this kind. On the way,
// every stop must be marked and visible, or people without a mouse get lost.
func (b *tab) tabTo(selector string) {
	b.Helper()
	var stops []string
	for range 100 {
		b.do(chromedp.KeyEvent(kb.Tab))
		f := eval[focus](b, `(() => {
			const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
			return {
				Element: e.outerHTML.slice(0, 100),
				Matches: e.matches(`+quote(selector)+`),
				Outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
				Inside: box.top >= 0 && box.bottom < innerHeight && box.left >= 0 && box.right <= innerWidth,
			};
		})()`)
		if !strings.HasPrefix(f.Element, "<body") && !(f.Outline && f.Inside) {
			b.Errorf("the focus cannot be seen: %+v", f)
		}
		if f.Matches {
			return
		}
		stops = append(stops, f.Element)
	}
	b.Fatalf("no Tab leads to %s; it stops at\n%s", selector, strings.Join(stops, "\n"))
}

// write replaces the text in the focused field.
func (b *tab) write(text string) {
	b.Helper()
	b.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(kb.Backspace), chromedp.KeyEvent(text))
}

// press presses a key.
func (b *tab) press(key string) {
	b.Helper()
	b.do(chromedp.KeyEvent(key))
}

// follow presses Enter and waits for the next page, and until a field with autofocus has
// the focus: a key before that takes it away, which the browser reports.
func (b *tab) follow() {
	b.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.KeyEvent(kb.Enter)))
	if err != nil {
		b.Fatal(err)
	}
	b.until(`(field => field === null || field === document.activeElement)(document.querySelector('[autofocus]'))`)
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
