package survey

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/provider"
	"mailsetup/internal/terminal"
)

// Config says what to check, and how fast.
type Config struct {
	Domains iter.Seq[provider.Domain]
	// Check checks one domain. Its error means that the domain could not be checked.
	Check func(context.Context, provider.Domain) (report.Report, error)
	// Parallel is how many checks run at a time; at least 1.
	Parallel int
	// Rate is how many checks start per second; 0: no limit but Parallel.
	Rate float64
	// Progress is called with the number of finished domains; may be nil. It is
	// called by one goroutine at a time.
	Progress func(done int)
}

// A Result is the result for one domain.
type Result struct {
	Domain string
	// Severity is that of the most serious finding; [judge.Pass] if nothing is wrong.
	Severity judge.Severity
	// Problems, Unknown and Warnings are the ids of findings.
	Problems, Unknown, Warnings []judge.ID
	// What is the first of the most serious findings, or why the domain could
	// not be checked.
	What string
}

// Exit returns the exit status that a check of only this domain would have.
func (r Result) Exit() int {
	switch r.Severity {
	case judge.Problem:
		return 1
	case judge.Unknown:
		return 3
	case judge.Warning, judge.Optional, judge.Pass:
	}
	return 0
}

// A Survey is the results of many domains, the most serious first, then by name.
type Survey struct {
	Results  []Result
	Services []ServiceFault // the most serious first
	// Complete: no domain was left out.
	Complete bool
	Begun    time.Time
	Took     time.Duration
}

// Run checks all domains, or as many as it can before ctx ends.
func Run(ctx context.Context, cfg Config) Survey {
	s := Survey{Begun: time.Now()}
	limit := rate.NewLimiter(rate.Inf, 1)
	if cfg.Rate > 0 {
		limit.SetLimit(rate.Limit(cfg.Rate))
	}
	domains := make(chan provider.Domain)
	var wg sync.WaitGroup
	var mu sync.Mutex
	known := serviceFaults{}
	for range max(cfg.Parallel, 1) {
		wg.Go(func() {
			for d := range domains {
				began := time.Now()
				r, services, ok := check(ctx, cfg, d)
				if !ok {
					continue
				}
				mu.Lock()
				s.Results = append(s.Results, r)
				services.began = began
				known.add(services)
				if cfg.Progress != nil {
					cfg.Progress(len(s.Results))
				}
				mu.Unlock()
			}
		})
	}
	given := 0
	for d := range cfg.Domains {
		if limit.Wait(ctx) != nil {
			break
		}
		select {
		case domains <- d:
			given++
			continue
		case <-ctx.Done():
		}
		break
	}
	close(domains)
	wg.Wait()
	s.Services = known.all()
	s.Complete = ctx.Err() == nil && given == len(s.Results)
	s.Took = time.Since(s.Begun)
	slices.SortFunc(s.Services, func(a, b ServiceFault) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), strings.Compare(a.What, b.What))
	})
	slices.SortFunc(s.Results, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(len(b.Problems), len(a.Problems)), strings.Compare(a.Domain, b.Domain))
	})
	return s
}

// check checks one domain. An interrupted check has no result.
func check(ctx context.Context, cfg Config, d provider.Domain) (r Result, services serviceReport, ok bool) {
	found, err := cfg.Check(ctx, d)
	if ctx.Err() != nil {
		return Result{}, services, false
	}
	r = Result{Domain: d.String(), Severity: judge.Pass}
	if err != nil {
		r.Severity, r.What = judge.Unknown, terminal.Line(err.Error())
		return r, services, true
	}
	services = newServiceReport(found)
	for _, f := range found.Findings { // the most serious first
		if isServiceFault(f) {
			continue
		}
		switch f.Severity {
		case judge.Problem:
			r.Problems = append(r.Problems, f.ID)
		case judge.Unknown:
			r.Unknown = append(r.Unknown, f.ID)
		case judge.Warning:
			r.Warnings = append(r.Warnings, f.ID)
		case judge.Optional, judge.Pass:
			continue
		}
		if r.What == "" {
			// A copy, so that the report can be freed.
			r.Severity, r.What = f.Severity, strings.Clone(f.What)
		}
	}
	return r, services, true
}

// Count returns how many domains have this severity as their most serious.
func (s Survey) Count(severity judge.Severity) int {
	n := 0
	for _, r := range s.Results {
		if r.Severity == severity {
			n++
		}
	}
	return n
}

// Exit returns the exit status of the survey: problems outrank what could not be
// checked.
func (s Survey) Exit() int {
	of := func(severity judge.Severity) bool {
		return s.Count(severity) > 0 || slices.ContainsFunc(s.Services, func(f ServiceFault) bool { return f.Severity == severity })
	}
	switch {
	case of(judge.Problem):
		return 1
	case of(judge.Unknown) || !s.Complete:
		return 3
	}
	return 0
}
