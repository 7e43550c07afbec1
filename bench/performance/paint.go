//go:build linux

package main

import (
	"context"
	"regexp"
	"strconv"
	"strings"
)

// maxPaint is the limit for the first paint of a page, in a browser that runs already.
const maxPaint = 100 // ms

// A paint is how long a browser takes until it shows the first text of "line", a page of
// one line, of the "form" and of the "result", in milliseconds.
type paint map[string]float64

// runPaints measures the pages in Chromium. Without Chromium there is no figure.
func runPaints(ctx context.Context) (map[string]paint, error) {
	out, err := runGo(ctx, "mailsetup/e2e/page", "^BenchmarkFirstPaint$", "-benchtime", "15x")
	return parsePaints(out), err
}

var (
	paintLine   = regexp.MustCompile(`^BenchmarkFirstPaint/(\S+?)(?:-\d+)?\s`)
	paintMetric = regexp.MustCompile(`([0-9.]+) (line|form|result)-ms`)
)

func parsePaints(out string) map[string]paint {
	all := map[string]paint{}
	for line := range strings.Lines(out) {
		m := paintLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		p := paint{}
		for _, f := range paintMetric.FindAllStringSubmatch(line, -1) {
			p[f[2]], _ = strconv.ParseFloat(f[1], 64) // the expression matches only numbers
		}
		all[m[1]] = p
	}
	return all
}

// paintRows are the rows of the document. Most people have a browser that runs already.
var paintRows = []struct {
	name, benchmark string
	promised        bool
}{
	{"phone's size, running", "used/phone-light", true},
	{"desktop's size, running", "used/desktop-light", true},
	{"phone's size, new profile", "new/phone-light", false},
	{"desktop's size, new profile", "new/desktop-light", false},
}

func (w *world) writePaints(say func(string, ...any)) {
	if len(w.paints) == 0 {
		return
	}
	say(`
## The page in a browser

Milliseconds until Chromium shows the first text, median of 15 visits over loopback,
without a graphics card: of the form, of the result from sending the address on, and of a
page with one line of text, which is the browser's own share. A browser with a new profile
starts a process and reads its fonts first; the goal, %d ms, is for one that runs already.

| browser | one line | form | result | met |
|---|---|---|---|---|
`, maxPaint)
	for _, r := range paintRows {
		p, ok := w.paints[r.benchmark]
		if !ok {
			continue
		}
		met := ""
		if r.promised {
			met = yes(max(p["form"], p["result"]) < maxPaint)
		}
		say("| %s | %.0f | %.0f | %.0f | %s |\n", r.name, p["line"], p["form"], p["result"], met)
	}
}
