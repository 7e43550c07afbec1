//go:build linux

package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// A benchmark is the result of a Go benchmark, for figures that cannot be
// measured from outside.
type benchmark struct {
	time        float64 // ns
	allocations int
	bytes       int
}

// runBenchmarks runs the benchmarks whose figures the document shows.
func runBenchmarks(ctx context.Context) (map[string]benchmark, error) {
	all := map[string]benchmark{}
	for _, b := range []struct{ pkg, names string }{
		{"mailsetup/server", "^Benchmark(Autoconfig|Autodiscover|Profile|Page)$"},
		{"mailsetup/internal/provider", "^Benchmark(ByListedDomain|ByMX)$"},
	} {
		cmd := exec.CommandContext(ctx, "go", "test", b.pkg, "-run", "^$", "-bench", b.names, "-benchmem", "-benchtime", "200ms")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("the benchmarks of %s: %w\n%s", b.pkg, err, out)
		}
		for name, figures := range parseBenchmarks(string(out)) {
			all[name] = figures
		}
	}
	return all, nil
}

var benchmarkLine = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([0-9.]+) ns/op(?:\s+(\d+) B/op\s+(\d+) allocs/op)?`)

func parseBenchmarks(out string) map[string]benchmark {
	all := map[string]benchmark{}
	for line := range strings.Lines(out) {
		m := benchmarkLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		// The expression matches only numbers; a missing one is 0.
		var b benchmark
		b.time, _ = strconv.ParseFloat(m[2], 64)
		b.bytes, _ = strconv.Atoi(m[3])
		b.allocations, _ = strconv.Atoi(m[4])
		all[m[1]] = b
	}
	return all
}
