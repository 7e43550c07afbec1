//go:build linux

// Command performance measures what an answer costs: the processor time of a
// request, compared with that of the floor, a handler that only sends the same
// bytes. It writes docs/performance.md and its chart.
//
//	go run ./bench/performance -rounds 5
//
// It needs Go and wrk, and measures nginx, Caddy and the pages in Chromium too where they
// are installed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"mailsetup/bench/target"
	"mailsetup/bench/wrk"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "performance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	rounds := flag.Int("rounds", 3, "how often each row is measured; five or more for figures that are shown")
	length := flag.Duration("for", 2*time.Second, "how long a server is asked in a round, in whole seconds")
	docs := flag.String("docs", "docs", "the folder of performance.md and performance.svg")
	flag.Parse()
	if *rounds < 1 || *length < time.Second {
		return fmt.Errorf("give at least one round of one second")
	}
	if err := wrk.Find(); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "mailsetup-performance-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	w := &world{folder: folder, rounds: *rounds, length: *length}
	defer w.stop()
	if w.program, err = target.Build(ctx, folder); err != nil {
		return err
	}
	w.floor = filepath.Join(folder, "floor")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", w.floor, "mailsetup/bench/floor").CombinedOutput(); err != nil {
		return fmt.Errorf("the floor cannot be built: %w\n%s", err, out)
	}
	if err := w.prepare(ctx); err != nil {
		return err
	}
	for n := range *rounds {
		fmt.Printf("round %d of %d\n", n+1, *rounds)
		for i, p := range w.pairs {
			if err := p.measure(ctx, *length, (n+i)%2 == 1); err != nil {
				return err
			}
			r := p.rounds[n]
			fmt.Printf("  %-44s %7.1f us, compared with %6.1f us: %.2f\n", p.name, r.subject.cpu, r.base.cpu, r.subject.cpu/r.base.cpu)
		}
	}
	if err := w.noLineDropped(); err != nil {
		return err
	}
	w.stop()
	fmt.Println("benchmarks of the parts")
	if w.benchmarks, err = runBenchmarks(ctx); err != nil {
		return err
	}
	if w.paints, err = runPaints(ctx); err != nil {
		return err
	}
	return w.write(ctx, *docs)
}
