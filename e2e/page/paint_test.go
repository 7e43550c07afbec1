package page

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// firstPaint is the time from the beginning of a navigation, with its redirects, until the
// page shows its first text, in milliseconds. The browser reports it once it has painted.
const firstPaint = `new Promise(resolve =>
	new PerformanceObserver(list => list.getEntriesByName('first-contentful-paint').forEach(e => resolve(e.startTime)))
		.observe({type: 'paint', buffered: true}))`

// BenchmarkFirstPaint reports the median time until the form, and the result after the
// address was sent, show something to read. "line" is a page of one line: what the browser
// itself needs. The browser of "used" has shown the pages before; for "new" it starts a
// process and reads its fonts first.
func BenchmarkFirstPaint(b *testing.B) {
	s := startServer(b)
	line := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>line</title><p>line")
	}))
	b.Cleanup(line.Close)
	for _, v := range []variant{phone, desktop} {
		b.Run("new/"+v.name, func(b *testing.B) {
			var m painted
			for b.Loop() {
				m.measure(openUnwatched(b, s, v), &server{URL: line.URL})
			}
			m.report(b)
		})
		b.Run("used/"+v.name, func(b *testing.B) {
			var m painted
			t := openUnwatched(b, s, v)
			new(painted).measure(t, &server{URL: line.URL})
			for b.Loop() {
				m.measure(t, &server{URL: line.URL})
			}
			m.report(b)
		})
	}
}

// painted are the times of each page, in milliseconds.
type painted struct{ line, form, result []float64 }

func (m *painted) measure(b *tab, line *server) {
	b.Helper()
	own := b.server
	b.server = line
	b.open("/")
	m.line = append(m.line, eval[float64](b, firstPaint))
	b.server = own
	b.open("/")
	m.form = append(m.form, eval[float64](b, firstPaint))
	b.submit("canary.jane@icloud.com")
	m.result = append(m.result, eval[float64](b, firstPaint))
}

func (m *painted) report(b *testing.B) {
	for name, times := range map[string][]float64{"line": m.line, "form": m.form, "result": m.result} {
		slices.Sort(times)
		b.ReportMetric(times[len(times)/2], name+"-ms")
	}
	b.ReportMetric(0, "ns/op") // says nothing
}
