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
		out, err := runGo(ctx, b.pkg, b.names, "-benchmem", "-benchtime", "200ms")
		if err != nil {
			return nil, err
		}
		for name, figures := range parseBenchmarks(out) {
			all[name] = figures
		}
	}
	return all, nil
}

// runGo returns what Go prints about a package's benchmarks with these names.
func runGo(ctx context.Context, pkg, names string, flags ...string) (string, error) {
	args := append([]string{"test", pkg, "-run", "^$", "-bench", names}, flags...)
	out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("the benchmarks of %s: %w\n%s", pkg, err, out)
	}
	return string(out), nil
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
