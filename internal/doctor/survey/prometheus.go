package survey

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"mailsetup/internal/doctor/judge"
)

// maxNamed is how many broken domains the metrics name. Each name is a separate
// time series.
const maxNamed = 100

// Prometheus writes the survey in Prometheus' text format
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Names and ids hold
// no characters that the format would have to escape.
func (s Survey) Prometheus(w io.Writer) error {
	out := bufio.NewWriter(w)
	head := func(name, help string) {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %[1]s gauge\n", name, help)
	}
	head("mailsetup_doctor_domains", "Domains by the most serious finding of the last check.")
	for _, severity := range []judge.Severity{judge.Problem, judge.Unknown, judge.Warning, judge.Pass} {
		fmt.Fprintf(out, "mailsetup_doctor_domains{severity=%q} %d\n", word(severity), s.Count(severity))
	}
	head("mailsetup_doctor_findings", "Domains that have a finding, by its id.")
	for _, severity := range []judge.Severity{judge.Problem, judge.Unknown, judge.Warning} {
		counts := map[judge.ID]int{}
		for _, r := range s.Results {
			for _, id := range r.of(severity) {
				counts[id]++
			}
		}
		for _, id := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(out, "mailsetup_doctor_findings{severity=%q,id=%q} %d\n", word(severity), id, counts[id])
		}
	}
	head("mailsetup_doctor_service_findings", "What is wrong with mail services, by id. It concerns all domains there.")
	var kinds []ServiceFault // two servers of one service may have the same fault
	for _, f := range s.Services {
		if kind := (ServiceFault{ID: f.ID, Severity: f.Severity}); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
			fmt.Fprintf(out, "mailsetup_doctor_service_findings{severity=%q,id=%q} 1\n", word(f.Severity), f.ID)
		}
	}
	head("mailsetup_doctor_broken_domain", fmt.Sprintf("The first %d domains with problems, and how many each has.", maxNamed))
	for i, r := range s.Results {
		if i == maxNamed || r.Severity != judge.Problem {
			break
		}
		fmt.Fprintf(out, "mailsetup_doctor_broken_domain{domain=%q} %d\n", r.Domain, len(r.Problems))
	}
	head("mailsetup_doctor_complete", "1 if all domains were checked, 0 if the check was interrupted.")
	complete := 0
	if s.Complete {
		complete = 1
	}
	fmt.Fprintf(out, "mailsetup_doctor_complete %d\n", complete)
	head("mailsetup_doctor_begun_timestamp_seconds", "When the last check began.")
	fmt.Fprintf(out, "mailsetup_doctor_begun_timestamp_seconds %d\n", s.Begun.Unix())
	head("mailsetup_doctor_duration_seconds", "How long the last check took.")
	fmt.Fprintf(out, "mailsetup_doctor_duration_seconds %.3f\n", s.Took.Seconds())
	return out.Flush()
}

func (r Result) of(severity judge.Severity) []judge.ID {
	switch severity {
	case judge.Problem:
		return r.Problems
	case judge.Unknown:
		return r.Unknown
	case judge.Warning:
		return r.Warnings
	case judge.Optional, judge.Pass:
	}
	return nil
}

// WritePrometheus puts the metrics into a file for node_exporter's textfile collector.
// The file is replaced atomically: the collector may read it at any time
// (https://github.com/prometheus/node_exporter#textfile-collector).
func (s Survey) WritePrometheus(path string) (err error) {
	// The collector reads only *.prom, so it ignores this name.
	f, err := os.CreateTemp(filepath.Dir(path), ".mailsetup-doctor-*")
	if err != nil {
		return fmt.Errorf("the metrics cannot be written: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("the metrics cannot be written: %w", err)
		}
	}()
	if err = s.Prometheus(f); err == nil {
		err = f.Chmod(0o644) // node_exporter is another user
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
