//go:build linux

// Command bench exposes the program to faults that must not harm it, and measures.
//
//	go run ./bench faults          every fault; a table; status 1 if one does harm
//	go run ./bench -short faults   a form that takes about two minutes
//	go run ./bench -only lists,connections faults
//	go run ./bench -for 30m soak   load with reloads: does it grow?
//
// It builds the program, starts it on free ports of loopback, and observes it
// only from outside. docs/reliability.md has the figures and explains them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"

	"mailsetup/bench/target"
)

// env is passed to every fault and the soak.
type env struct {
	program string // the program's file
	folder  string // for files of this fault only
	short   bool
}

func main() {
	if len(os.Args) == 6 && os.Args[1] == "hold" {
		if err := hold(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "hold:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	ok, err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	if !ok || err != nil {
		os.Exit(1)
	}
}

func run(ctx context.Context) (ok bool, err error) {
	short := flag.Bool("short", false, "less load, and only faults that are quick")
	only := flag.String("only", "", "names of faults, with commas")
	duration := flag.Duration("for", 30*time.Minute, "how long to soak")
	flag.Parse()
	folder, err := os.MkdirTemp("", "mailsetup-bench-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(folder)
	program, err := target.Build(ctx, folder)
	if err != nil {
		return false, err
	}
	e := env{program: program, folder: folder, short: *short}
	switch flag.Arg(0) {
	case "faults":
		return faults(ctx, e, *only)
	case "soak":
		return soak(ctx, e, *duration)
	}
	return false, errors.New("say what: faults or soak")
}

// A fault is one thing that must not harm the program.
type fault struct {
	name  string
	holds string // what must hold
	long  bool   // left out of the short form
	// run causes it. measured is shown even if there is an error, which says
	// what did not hold.
	run func(ctx context.Context, e env) (measured string, err error)
}

// errSkip means that this machine cannot cause a fault.
var errSkip = errors.New("skipped")

// faults causes the chosen faults, prints the results, and reports whether
// all held.
func faults(ctx context.Context, e env, only string) (bool, error) {
	fmt.Printf("%s/%s, %d processors, %s\nmemory limits: %s\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), target.LimitsBy())
	all, good := allFaults(), true
	for _, name := range strings.Split(only, ",") {
		if only != "" && !slices.ContainsFunc(all, func(f fault) bool { return f.name == name }) {
			return false, fmt.Errorf("unknown fault %q", name)
		}
	}
	began, skipped := time.Now(), 0
	var rows strings.Builder // of the table in docs/reliability.md
	for _, f := range all {
		if only != "" && !slices.Contains(strings.Split(only, ","), f.name) || only == "" && e.short && f.long {
			continue
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		start := time.Now()
		own := e
		var err error
		if own.folder, err = os.MkdirTemp(e.folder, f.name+"-"); err != nil {
			return false, err
		}
		limited, cancel := context.WithTimeout(ctx, 3*time.Minute)
		measured, err := f.run(limited, own)
		cancel()
		os.RemoveAll(own.folder)
		verdict := "ok"
		switch {
		case errors.Is(err, errSkip):
			verdict = "skipped: " + err.Error()
			skipped++
		case err != nil:
			verdict = "NOT OK: " + err.Error()
			good = false
		}
		fmt.Printf("%s\n  must hold  %s\n  measured   %s\n  %s (%.0f s)\n\n", f.name, f.holds, measured, verdict, time.Since(start).Seconds())
		if verdict != "ok" {
			measured = strings.TrimPrefix(measured+"; "+verdict, "; ")
		}
		fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", f.name, f.holds, inCell(measured))
	}
	if !e.short {
		fmt.Printf("| fault | what must hold | measured |\n|---|---|---|\n%s\n", &rows)
	}
	fmt.Printf("%.0f s, %d skipped\n", time.Since(began).Seconds(), skipped)
	return good, nil
}

func allFaults() []fault {
	return slices.Concat(logFaults, connectionFaults, memoryFaults, tableFaults, reloadFaults, listFaults, resolverFaults, fileFaults, restartFaults)
}

// mib formats bytes.
func mib(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/(1<<20)) }

// inCell escapes text for a cell of a markdown table.
func inCell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}
