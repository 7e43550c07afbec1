//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"mailsetup/bench/load"
	"mailsetup/bench/target"
)

var listFaults = []fault{
	{name: "lists-domains", holds: "1,000,000 domains: loaded in under 2 s, under 150 MB resident, under 300 MB in a reload", run: func(ctx context.Context, e env) (string, error) {
		return bigLists(ctx, e, false, 150<<20, 300<<20)
	}},
	{name: "lists-logins", holds: "1,000,000 domains with 1,000,000 logins: under 300 MB resident, under 600 MB in a reload", run: func(ctx context.Context, e env) (string, error) {
		return bigLists(ctx, e, true, 300<<20, 600<<20)
	}},
	{name: "lists-cpu", holds: "with 1,000,000 domains a request takes at most 5 % more CPU than with one", long: true, run: func(ctx context.Context, e env) (string, error) {
		return listCPU(ctx, e, false)
	}},
	{name: "lists-logins-cpu", holds: "with 1,000,000 logins a request takes at most 5 % more CPU than with one", long: true, run: func(ctx context.Context, e env) (string, error) {
		return listCPU(ctx, e, true)
	}},
}

const listed = 1_000_000

// sampleDomain is one of the listed domains.
const sampleDomain = "d0765432.example"

// writeLists writes the plain lists and returns the flags that name them.
func writeLists(folder string, logins bool) ([]string, error) {
	domains := filepath.Join(folder, "domains")
	err := writeLines(domains, func(w *bufio.Writer, i int) { fmt.Fprintf(w, "d%07d.example icloud\n", i) })
	args := []string{"--domains-file", domains}
	if logins && err == nil {
		file := filepath.Join(folder, "logins")
		err = writeLines(file, func(w *bufio.Writer, i int) {
			fmt.Fprintf(w, "jane@d%07d.example jane.appleseed%d@icloud.com\n", i, i)
		})
		args = append(args, "--logins-file", file)
	}
	return args, err
}

func writeLines(file string, line func(*bufio.Writer, int)) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for i := range listed {
		line(w, i)
	}
	return errors.Join(w.Flush(), f.Close())
}

func bigLists(ctx context.Context, e env, logins bool, maxResident, maxPeak int64) (string, error) {
	args, err := writeLists(e.folder, logins)
	if err != nil {
		return "", err
	}
	s, err := target.Start(ctx, e.program, target.Options{Args: args})
	if err != nil {
		return "", err
	}
	defer s.Kill()
	ask := []load.Request{requests("d0765432.example")[0]}
	first := load.Run(ctx, load.Config{Address: s.Address, Requests: ask, Total: 100, Reuse: true})
	resident, start, err := settled(s)
	if err != nil {
		return "", err
	}
	if err := s.ForgetPeak(); err != nil {
		return "", err
	}
	took, reloadErr := s.Reload()
	_, peak, err := s.Memory()
	if err != nil {
		return "", err
	}
	after, _, err := settled(s)
	if err != nil {
		return "", err
	}
	measured := fmt.Sprintf("served after %s; resident %s (peak of the start %s); reload %s with a peak of %s, then %s",
		seconds(s.Started), mib(resident), mib(start), seconds(took), mib(peak), mib(after))
	if !logins && s.Started > 2*time.Second {
		err = errors.Join(err, fmt.Errorf("loaded in %s", seconds(s.Started)))
	}
	if resident > maxResident || after > maxResident {
		err = errors.Join(err, fmt.Errorf("resident memory is %s, after the reload %s", mib(resident), mib(after)))
	}
	if peak > maxPeak {
		err = errors.Join(err, fmt.Errorf("the peak of the reload is %s", mib(peak)))
	}
	_, stopErr := s.Stop(stopLimit)
	return measured, errors.Join(err, first.Err(), reloadErr, stopErr)
}

// settled returns the resident memory once it no longer decreases, and the peak.
func settled(s *target.Server) (resident, peak int64, err error) {
	for range 40 {
		before := resident
		if resident, peak, err = s.Memory(); err != nil {
			return 0, 0, err
		}
		if before > 0 && before-resident < 1<<20 {
			return resident, peak, nil
		}
		time.Sleep(250 * time.Millisecond)
	}
	return resident, peak, nil
}

// listCPU measures both servers in turns and compares the lowest figures: other work on
// the machine comes and goes, and only adds. The time of requests for a different domain
// each time is reported as well: they find less in the processor's caches.
func listCPU(ctx context.Context, e env, logins bool) (string, error) {
	args, err := writeLists(e.folder, logins)
	if err != nil {
		return "", err
	}
	many, err := target.Start(ctx, e.program, target.Options{Args: args})
	if err != nil {
		return "", err
	}
	defer many.Kill()
	args = []string{"--domain", sampleDomain + "=icloud"}
	if logins {
		file := filepath.Join(e.folder, "one-login")
		if err := os.WriteFile(file, []byte("jane@"+sampleDomain+" jane.appleseed@icloud.com\n"), 0o644); err != nil {
			return "", err
		}
		args = append(args, "--logins-file", file)
	}
	one, err := target.Start(ctx, e.program, target.Options{Args: args})
	if err != nil {
		return "", err
	}
	defer one.Kill()
	same := requests(sampleDomain)[:1]
	var spread []load.Request
	for i := range 10_000 {
		spread = append(spread, requests(fmt.Sprintf("d%07d.example", i*99))[0])
	}
	var ofMany, ofOne, ofAll []time.Duration
	for range 7 {
		a, err := perRequest(ctx, one, same)
		if err != nil {
			return "", err
		}
		b, err := perRequest(ctx, many, same)
		if err != nil {
			return "", err
		}
		c, err := perRequest(ctx, many, spread)
		if err != nil {
			return "", err
		}
		ofOne, ofMany, ofAll = append(ofOne, a), append(ofMany, b), append(ofAll, c)
	}
	a, b := slices.Min(ofOne), slices.Min(ofMany)
	more := float64(b-a) / float64(a) * 100
	if more > 5 {
		err = fmt.Errorf("%.1f %% more CPU", more)
	}
	return fmt.Sprintf("CPU per request %v with one, %v with %d: %+.1f %%; %v if each request is for another domain", a, b, listed, more, slices.Min(ofAll)), err
}

// perRequest returns the CPU time of one request, from that of 20,000.
func perRequest(ctx context.Context, s *target.Server, ask []load.Request) (time.Duration, error) {
	const n = 20_000
	before, err := s.CPU()
	if err != nil {
		return 0, err
	}
	r := load.Run(ctx, load.Config{Address: s.Address, Requests: ask, Clients: 4, Total: n, Reuse: true})
	after, err := s.CPU()
	return (after - before) / n, errors.Join(err, r.Err())
}
