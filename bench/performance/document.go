//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"mailsetup/bench/wrk"
)

// What the program promises besides the ratios.
const (
	maxStart  = 60 * time.Millisecond
	maxIdle   = 25 << 20
	maxLoaded = 48 << 20
	maxLookUp = 1000 // ns
)

// write writes the document and its chart into the folder.
func (w *world) write(ctx context.Context, docs string) error {
	chart, err := filepath.Abs(filepath.Join(docs, "performance.svg"))
	if err != nil {
		return err
	}
	if err := w.draw(ctx, chart); err != nil {
		return err
	}
	document := filepath.Join(docs, "performance.md")
	if err := os.WriteFile(document, w.document(), 0o644); err != nil {
		return err
	}
	fmt.Println("written:", document, "and", filepath.Base(chart))
	return nil
}

func (w *world) draw(ctx context.Context, file string) error {
	type ratio struct {
		Name                   string
		Median, Low, High, Max float64
	}
	var ratios []ratio
	for _, p := range w.in(floorSection) {
		all := p.ratios()
		ratios = append(ratios, ratio{p.name, median(all), all[0], all[len(all)-1], p.goal})
	}
	data, err := json.Marshal(ratios)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "-C", "bench/chart", "run", ".", file)
	cmd.Stdin = bytes.NewReader(data)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the chart: %w\n%s", err, out)
	}
	return nil
}

func (w *world) in(s section) (rows []*pair) {
	for _, p := range w.pairs {
		if p.section == s {
			rows = append(rows, p)
		}
	}
	return rows
}

func (w *world) document() []byte {
	var b bytes.Buffer
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	say(`# Performance

<!-- Written by 'make bench' (bench/performance); change it there. -->

The cost of an answer is the processor time that the server's process uses for one
request. It is compared with a floor: a bare echo handler that sends the same
bytes and headers, with the same limits, and does nothing else (bench/floor). The
floor of a signed profile also makes the signature, with the same key. The ratio
of the two is what mailsetup itself costs, and depends little on the machine.

![Ratios to the floor](performance.svg)

Measured on a machine with %d processors (%s/%s, %s) possibly shared with other work, by wrk
with %d connections over loopback; the log is off (--log-level error). Rounds: %d, in
each of which the program and its floor take turns for %v each. The figures are medians;
the spread is the lowest and highest ratio of a round. "Within the spread" means that the
median misses the goal but at least one round reaches it.

`, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), wrk.Connections, w.rounds, w.length)

	say("## Compared with the floor\n\n| request | ratio | spread | goal | met | µs of CPU | floor's µs |\n|---|---|---|---|---|---|---|\n")
	for _, p := range w.in(floorSection) {
		say("| %s | **%.2f** | %s | %.2f | %s | %.1f | %.1f |\n", p.name, median(p.ratios()), spread(p), p.goal, p.verdict(), p.of(subjectCPU), p.of(baseCPU))
	}
	say("\nThe same rows from the client's side, and inside the program. Allocations are those of the\nhandler alone, counted by Go's benchmarks (`go test ./server -bench . -benchmem`).\n\n")
	say("| request | requests/s | floor's | p50 | p99 | floor's p99 | peak memory | allocations | floor's |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, p := range w.in(floorSection) {
		say("| %s | %.0f | %.0f | %s | %s | %s | %s | %s | %s |\n", p.name, p.of(subjectRate), p.of(baseRate),
			milliseconds(p.of(subjectP50)), milliseconds(p.of(subjectP99)), milliseconds(p.of(baseP99)), megabytes(p.peak()),
			w.allocations(p.benchmark+"/mailsetup"), w.allocations(p.benchmark+"/floor"))
	}

	say("\n## Many domains\n\nThe same request with plain lists of this size, compared with a list of one domain. A client\nasks for one domain; the look-up below asks for all of them in random order.\n\n")
	say("| domains | ratio | spread | goal | met | start to first answer | resident | bytes per domain |\n|---|---|---|---|---|---|---|---|\n")
	rows := w.in(growthSection)
	for i, g := range w.growths {
		if i == 0 {
			say("| %s | 1 | | | | %s | %s | |\n", thousands(g.domains), milliseconds(float64(g.started.Microseconds())), megabytes(g.resident))
			continue
		}
		p := rows[i-1]
		perDomain := ""
		if g.domains >= 100_000 { // with fewer, the difference between processes is larger
			perDomain = fmt.Sprintf("%.0f ", float64(g.resident-w.growths[0].resident)/float64(g.domains))
		}
		say("| %s | **%.2f** | %s | %.2f | %s | %s | %s | %s|\n", thousands(g.domains), median(p.ratios()), spread(p), p.goal, p.verdict(),
			milliseconds(float64(g.started.Microseconds())), megabytes(g.resident), perDomain)
	}
	say("\n| look-up | ns | goal | met |\n|---|---|---|---|\n")
	for _, n := range []int{1, 1_000, 1_000_000} {
		w.lookUp(say, "a domain among "+thousands(n), fmt.Sprintf("ByListedDomain/%d", n))
	}
	for _, n := range []int{1, 100, 10_000} {
		w.lookUp(say, "two mail exchangers, one of them known, among "+thousands(n)+" suffixes", fmt.Sprintf("ByMX/%d", n))
	}

	say("\n## Start and memory\n\nWith the built-in table and one domain.\n\n| what | measured | goal | met |\n|---|---|---|---|\n")
	slices.Sort(w.starts)
	started := w.starts[len(w.starts)/2]
	say("| start to first answer | %s | %s | %s |\n", milliseconds(float64(started.Microseconds())), milliseconds(float64(maxStart.Microseconds())), yes(started < maxStart))
	say("| resident, idle | %s | %s | %s |\n", megabytes(w.idle), megabytes(maxIdle), yes(w.idle < maxIdle))
	var loaded int64
	for _, p := range w.in(floorSection) {
		loaded = max(loaded, p.peak())
	}
	say("| resident, highest in the comparison with the floor | %s | %s | %s |\n", megabytes(loaded), megabytes(maxLoaded), yes(loaded < maxLoaded))

	w.writePaints(say)

	say("\n## The log\n\nGET autoconfig with a log line per request, written to a file, compared with none.\n\n| log | ratio | spread | goal | met | µs of CPU | without |\n|---|---|---|---|---|---|---|\n")
	for _, p := range w.in(logSection) {
		say("| %s | **%.2f** | %s | %.2f | %s | %.1f | %.1f |\n", p.name, median(p.ratios()), spread(p), p.goal, p.verdict(), p.of(subjectCPU), p.of(baseCPU))
	}

	say("\n## The garbage collector\n\nPOST Autodiscover with Go's own setting, compared with the program's default when the\noperator sets no GOGC.\n\n| | ratio | spread | p99 | p99 by default | peak memory |\n|---|---|---|---|---|---|\n")
	for _, p := range w.in(collectorSection) {
		say("| %s | **%.2f** | %s | %s | %s | %s |\n", p.name, median(p.ratios()), spread(p), milliseconds(p.of(subjectP99)), milliseconds(p.of(baseP99)), megabytes(p.peak()))
	}

	if rows := w.in(webServerSection); len(rows) > 0 {
		say("\n## Compared with web servers\n\nGET autoconfig from the program, and the exported file from a web server: one process,\nno log.\n\n| web server | ratio | spread | mailsetup's µs of CPU | web server's |\n|---|---|---|---|---|\n")
		for _, p := range rows {
			say("| %s | **%.2f** | %s | %.1f | %.1f |\n", p.name, median(p.ratios()), spread(p), p.of(subjectCPU), p.of(baseCPU))
		}
	}

	var busy float64
	for _, p := range w.pairs {
		for _, r := range p.rounds {
			busy = max(busy, r.subject.Busy, r.base.Busy)
		}
	}
	say("\n%s", profile)
	say("\n## What the figures leave out\n\nwrk, on the same machine, took at most %.0f %% of one processor: requests/s and latencies\nare those of both together, CPU time is the server's alone. Not measured: TLS, a proxy in\nfront, and requests that declare another charset, which are read more slowly.\n", 100*busy)
	return b.Bytes()
}

func (w *world) allocations(name string) string {
	b, ok := w.benchmarks[name]
	if !ok {
		return "?"
	}
	return strconv.Itoa(b.allocations)
}

func (w *world) lookUp(say func(string, ...any), what, name string) {
	b, ok := w.benchmarks[name]
	if !ok {
		say("| %s | ? | | |\n", what)
		return
	}
	say("| %s | %.0f | %d | %s |\n", what, b.time, maxLookUp, yes(b.time < maxLookUp))
}

// peak returns the program's highest resident memory in the row.
func (p *pair) peak() int64 {
	var most int64
	for _, r := range p.rounds {
		most = max(most, r.subject.peak)
	}
	return most
}

func subjectCPU(r round) float64  { return r.subject.cpu }
func baseCPU(r round) float64     { return r.base.cpu }
func subjectRate(r round) float64 { return r.subject.PerSecond }
func baseRate(r round) float64    { return r.base.PerSecond }
func subjectP50(r round) float64  { return float64(r.subject.P50.Microseconds()) }
func subjectP99(r round) float64  { return float64(r.subject.P99.Microseconds()) }
func baseP99(r round) float64     { return float64(r.base.P99.Microseconds()) }

func spread(p *pair) string {
	all := p.ratios()
	return fmt.Sprintf("%.2f to %.2f", all[0], all[len(all)-1])
}

func yes(met bool) string {
	if met {
		return "yes"
	}
	return "no"
}

func milliseconds(microseconds float64) string { return fmt.Sprintf("%.1f ms", microseconds/1000) }

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/(1<<20)) }

// thousands writes 1000000 as 1,000,000.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return thousands(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

// profile is what a profiler found once; it is not measured by this command.
const profile = `## Where the difference goes

A CPU profile of GET autoconfig for an own domain (perf, 4,000 samples a second, November
2026) finds these shares of the process's time. It is why that row and its neighbors do not
come down to 1.10: what the handler does beyond the floor's is spread over many small steps,
and none of them stands out.

| part | program | floor |
|---|---|---|
| the kernel: reading, writing, switching | 43 % | 49 % |
| the handler | 15.6 % | 7.1 % |
| of it: headers and body | 7.0 % | 6.6 % |
| of it: query, address, and which domain decides | 4.0 % | |
| of it: log level, counters, clock, the exchange itself | 2.1 % | |
| the rest: net/http, the scheduler, the collector, the limit on connections | 41 % | 44 % |
`
