//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"mailsetup/bench/wrk"
)

// A pair is one row: two servers that get the same requests, in turn. Their
// ratio is valid on any machine, because other load affects both.
type pair struct {
	section   section
	name      string
	request   wrk.Request
	subject   *process
	base      *process
	goal      float64 // the ratio not to exceed; 0: only for information
	benchmark string  // the Go benchmark that counts allocations

	rounds []round
}

// section is where a row is shown.
type section int

const (
	floorSection section = iota
	growthSection
	logSection
	collectorSection
	webServerSection
)

// A round is the result of one round of a pair.
type round struct{ subject, base figures }

// figures are those of one server in one round.
type figures struct {
	wrk.Result
	cpu  float64 // microseconds of the processor for a request
	peak int64   // of resident memory, bytes
}

// warmUp lets a server's heap and connections reach their size.
const warmUp = time.Second

// measure runs one round. The two take turns going first.
func (p *pair) measure(ctx context.Context, d time.Duration, baseFirst bool) error {
	var r round
	turns := []struct {
		server *process
		to     *figures
	}{{p.subject, &r.subject}, {p.base, &r.base}}
	if baseFirst {
		slices.Reverse(turns)
	}
	for _, t := range turns {
		if len(p.rounds) == 0 {
			if _, err := wrk.Run(ctx, t.server.address, p.request, warmUp); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
		var err error
		if *t.to, err = measureOne(ctx, t.server, p.request, d); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	p.rounds = append(p.rounds, r)
	return nil
}

func measureOne(ctx context.Context, s *process, r wrk.Request, d time.Duration) (f figures, err error) {
	if err := s.ForgetPeak(); err != nil {
		return f, err
	}
	before, err := s.CPU()
	if err != nil {
		return f, err
	}
	if f.Result, err = wrk.Run(ctx, s.address, r, d); err != nil {
		return f, err
	}
	after, err := s.CPU()
	if err != nil {
		return f, err
	}
	if f.Requests == 0 {
		return f, errors.New("no request was answered")
	}
	f.cpu = float64((after - before).Microseconds()) / float64(f.Requests)
	_, f.peak, err = s.Memory()
	return f, err
}

// ratios returns the ratios of the rounds, in ascending order.
func (p *pair) ratios() []float64 {
	var all []float64
	for _, r := range p.rounds {
		all = append(all, r.subject.cpu/r.base.cpu)
	}
	slices.Sort(all)
	return all
}

// verdict compares the ratios with the goal. The spread decides in favour of the
// program, and the verdict says so.
func (p *pair) verdict() string {
	all := p.ratios()
	switch {
	case p.goal == 0:
		return ""
	case median(all) <= p.goal:
		return "yes"
	case all[0] <= p.goal:
		return "within the spread"
	default:
		return "no"
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// of is the median over the rounds of one figure.
func (p *pair) of(figure func(round) float64) float64 {
	var all []float64
	for _, r := range p.rounds {
		all = append(all, figure(r))
	}
	return median(all)
}
