package page

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// unaligned says what is wrong with the lists of servers: a button below its value, a
// host or a heading on two lines, buttons that do not end at one edge. A button says
// something longer once it was pressed.
const unaligned = `(() => {
  const wrong = [];
  const lines = e => {
    const range = document.createRange();
    range.selectNodeContents(e);
    return new Set([...range.getClientRects()].map(r => Math.round(r.bottom))).size;
  };
  const buttons = [...document.querySelectorAll('dd .copy')];
  for (const pressed of [false, true]) {
    const edges = new Set();
    for (const button of buttons) {
      if (pressed) button.textContent = button.dataset.done;
      const value = button.parentElement.querySelector('.value');
      const [b, v] = [button, value].map(e => e.getBoundingClientRect());
      edges.add(Math.round(document.dir === 'rtl' ? b.left : b.right));
      if (b.top >= v.bottom || b.bottom <= v.top) wrong.push('below its value: ' + value.textContent);
      if (!value.textContent.includes('@') && lines(value) > 1) wrong.push('on two lines: ' + value.textContent);
      if (lines(button) > 1) wrong.push('on two lines: ' + button.textContent);
    }
    if (edges.size > 1) wrong.push('edges at ' + [...edges]);
  }
  for (const heading of document.querySelectorAll('dt')) {
    if (innerWidth < 480 && lines(heading) > 1) wrong.push('on two lines: ' + heading.textContent);
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push('wider than the screen');
  if (buttons.length !== 6) wrong.push(buttons.length + ' buttons');
  return wrong;
})()`

// TestSettingsInLine: a value and its button share a line in every language, on phones and
// on the column of a wide screen, although words such as Benutzername and Kopieren leave a
// host little room.
func TestSettingsInLine(t *testing.T) {
	ctx := newBrowser(t)
	base, _ := servePages(t)
	for _, l := range Languages() {
		path := "/icloud-unknown"
		if l != Languages()[0] {
			path = "/" + l.String() + path
		}
		for _, width := range []int64{320, 360, 390, 1280} {
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(base+path)); err != nil {
				t.Fatal(err)
			}
			wrong, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](unaligned))
			if err != nil {
				t.Fatal(err)
			}
			for _, what := range wrong {
				t.Errorf("%s at %d: %s", l, width, what)
			}
		}
	}
}
