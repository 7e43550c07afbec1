//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"mailsetup/bench/load"
)

// The soak fails if memory grows by more than this in ten minutes, or in total
// if it is shorter: the heap of a young process has not settled.
const maxSlope = 1 << 20

type sample struct {
	at       time.Duration
	resident int64
	files    int
}

// soak sends 200 requests a second, half on new connections, reloads the table
// every ten seconds, and checks whether the program grows.
func soak(ctx context.Context, e env, duration time.Duration) (bool, error) {
	content := domainsTable(1000)
	s, table, err := tableServer(ctx, e, content)
	if err != nil {
		return false, err
	}
	defer s.Kill()
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	results := make(chan load.Result, 2)
	for _, reuse := range []bool{true, false} {
		go func() {
			results <- load.Run(ctx, load.Config{Address: s.Address, Requests: requests("d0000001.example"), Clients: 4, Rate: 100, Reuse: reuse})
		}()
	}
	var samples []sample
	reloads, start := 0, time.Now()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			continue
		case <-time.After(10 * time.Second):
		}
		reloads++
		// A comment changes the file.
		changed := fmt.Appendf(nil, "# %d\n%s", reloads, content)
		if err := errors.Join(os.WriteFile(table, changed, 0o644), second(s.Reload())); err != nil {
			return false, err
		}
		resident, _, err := s.Memory()
		if err != nil {
			return false, err
		}
		files, err := s.OpenFiles()
		if err != nil {
			return false, err
		}
		samples = append(samples, sample{time.Since(start), resident, files})
		if reloads%6 == 0 {
			fmt.Printf("%v: %s resident, %d descriptors\n", time.Since(start).Round(time.Second), mib(resident), files)
		}
	}
	a, b := <-results, <-results
	_, stopErr := s.Stop(stopLimit)
	// The heap settles in the first third.
	steady := samples[len(samples)/3:]
	if len(steady) < 4 {
		return false, errors.New("too short to tell: give -for 2m or more")
	}
	slope := slopePer10Minutes(steady)
	files, most := steady[0].files, steady[0].files
	for _, m := range steady {
		files, most = min(files, m.files), max(most, m.files)
	}
	fmt.Printf("%d requests, %d failed, p50 %v, p99 %v and %v (kept and new connections, in no order), %d reloads\nmemory %s -> %s, slope %+.2f MB in 10 minutes; %d to %d descriptors\n",
		a.Sent+b.Sent, a.Failed+b.Failed, max(a.Percentile(50), b.Percentile(50)), a.Percentile(99), b.Percentile(99), reloads,
		mib(steady[0].resident), mib(steady[len(steady)-1].resident), slope/(1<<20), files, most)
	err = errors.Join(a.Err(), b.Err(), stopErr)
	span := steady[len(steady)-1].at - steady[0].at
	if slope*min(span.Minutes()/10, 1) > maxSlope {
		err = errors.Join(err, errors.New("the memory grows"))
	}
	// Connections of the 8 clients may be open at the moment of the check.
	if most-files > 8 {
		err = errors.Join(err, errors.New("the descriptors grow"))
	}
	return err == nil, err
}

// slopePer10Minutes returns the least-squares slope of resident memory, in bytes.
func slopePer10Minutes(samples []sample) float64 {
	var sx, sy, sxx, sxy float64
	n := float64(len(samples))
	for _, m := range samples {
		x, y := m.at.Minutes()/10, float64(m.resident)
		sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

func second(_ time.Duration, err error) error { return err }
