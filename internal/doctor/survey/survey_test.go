package survey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

func domains(t testing.TB, names ...string) iter.Seq[provider.Domain] {
	return func(yield func(provider.Domain) bool) {
		for _, name := range names {
			if !yield(providertest.Domain(t, name)) {
				return
			}
		}
	}
}

func finding(id judge.ID, s judge.Severity, what string) report.Finding {
	return report.Finding{ID: id, Severity: s, Place: judge.ZoneFile, What: what}
}

// reports are the findings for each domain.
var reports = map[string][]report.Finding{
	"good.test":    {finding(report.Good, judge.Pass, "All is well."), finding("null-srv", judge.Optional, "Nothing says so.")},
	"warned.test":  {finding("mx-elsewhere", judge.Warning, "Mail goes elsewhere.")},
	"unknown.test": {finding("dns-unknown", judge.Unknown, "DNS did not answer."), finding("mx-elsewhere", judge.Warning, "Mail goes elsewhere.")},
	"one.test":     {finding("no-record", judge.Problem, "autoconfig.one.test has no address."), finding("dns-unknown", judge.Unknown, "DNS did not answer.")},
	"two.test": {finding("no-record", judge.Problem, "autoconfig.two.test has no address."), finding("tls-failed", judge.Problem, "No handshake."),
		{ID: "imap-unreachable", Severity: judge.Problem, Place: judge.MailService, What: "The IMAP server cannot be reached."}},
	"other.test": {{ID: "imap-unreachable", Severity: judge.Problem, Place: judge.MailService, What: "The IMAP server cannot be reached."}},
}

func checkReports(_ context.Context, d provider.Domain) (report.Report, error) {
	found, ok := reports[d.String()]
	if !ok {
		return report.Report{}, errors.New("no mail service\x1b[2J is known")
	}
	return report.Report{Domain: d.String(), Findings: found}, nil
}

func sample(t *testing.T) Survey {
	s := Run(t.Context(), Config{Check: checkReports, Parallel: 3,
		Domains: domains(t, "good.test", "warned.test", "two.test", "nowhere.test", "unknown.test", "one.test", "other.test")})
	s.Begun, s.Took = time.Unix(1_800_000_000, 0), 90*time.Second
	return s
}

func TestText(t *testing.T) {
	const want = `problem  mail service: imap-unreachable. The IMAP server cannot be reached.
problem  two.test: no-record, tls-failed. autoconfig.two.test has no address.
problem  one.test: no-record, dns-unknown. autoconfig.one.test has no address.
unknown  nowhere.test. no mail service?[2J is known
unknown  unknown.test: dns-unknown, mx-elsewhere. DNS did not answer.
warning  warned.test: mx-elsewhere. Mail goes elsewhere.
good     good.test
good     other.test

7 domains in 1m30s: 2 with problems, 2 unknown, 1 with warnings, 2 good.
`
	s := sample(t)
	var b strings.Builder
	if err := s.Text(&b); err != nil || s.Exit() != 1 || !s.Complete {
		t.Errorf("%v, exit %d, complete %v", err, s.Exit(), s.Complete)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := sample(t).JSON(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 8 {
		t.Fatalf("%d lines:\n%s", len(lines), &b)
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) || strings.Contains(line, "null") {
			t.Errorf("%s", line)
		}
	}
	const first = `{"begun":"2027-01-15T08:00:00Z","seconds":90,"complete":true,"exit":1,"count":{"domains":7,"problem":2,"unknown":2,"warning":1,"good":2},"services":[{"id":"imap-unreachable","severity":"problem","what":"The IMAP server cannot be reached."}]}`
	const second = `{"domain":"two.test","exit":1,"problems":["no-record","tls-failed"],"unknown":[],"warnings":[],"what":"autoconfig.two.test has no address."}`
	if lines[0] != first || lines[1] != second {
		t.Errorf("%s\n%s", lines[0], lines[1])
	}
}

func TestPrometheus(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doctor.prom")
	if err := sample(t).WritePrometheus(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = `# HELP mailsetup_doctor_domains Domains by the most serious finding of the last check.
# TYPE mailsetup_doctor_domains gauge
mailsetup_doctor_domains{severity="problem"} 2
mailsetup_doctor_domains{severity="unknown"} 2
mailsetup_doctor_domains{severity="warning"} 1
mailsetup_doctor_domains{severity="good"} 2
# HELP mailsetup_doctor_findings Domains that have a finding, by its id.
# TYPE mailsetup_doctor_findings gauge
mailsetup_doctor_findings{severity="problem",id="no-record"} 2
mailsetup_doctor_findings{severity="problem",id="tls-failed"} 1
mailsetup_doctor_findings{severity="unknown",id="dns-unknown"} 2
mailsetup_doctor_findings{severity="warning",id="mx-elsewhere"} 2
# HELP mailsetup_doctor_service_findings What is wrong with mail services, by id. It concerns all domains there.
# TYPE mailsetup_doctor_service_findings gauge
mailsetup_doctor_service_findings{severity="problem",id="imap-unreachable"} 1
# HELP mailsetup_doctor_broken_domain The first 100 domains with problems, and how many each has.
# TYPE mailsetup_doctor_broken_domain gauge
mailsetup_doctor_broken_domain{domain="two.test"} 2
mailsetup_doctor_broken_domain{domain="one.test"} 1
# HELP mailsetup_doctor_complete 1 if all domains were checked, 0 if the check was interrupted.
# TYPE mailsetup_doctor_complete gauge
mailsetup_doctor_complete 1
# HELP mailsetup_doctor_begun_timestamp_seconds When the last check began.
# TYPE mailsetup_doctor_begun_timestamp_seconds gauge
mailsetup_doctor_begun_timestamp_seconds 1800000000
# HELP mailsetup_doctor_duration_seconds How long the last check took.
# TYPE mailsetup_doctor_duration_seconds gauge
mailsetup_doctor_duration_seconds 90.000
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v: node_exporter could not read it", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".mailsetup*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if err := sample(t).WritePrometheus(filepath.Join(path, "no-folder")); err == nil {
		t.Error("the metrics were written into a folder that does not exist")
	}
}

// Ten thousand domains take memory for their names and their problems, however long the
// reports are.
func TestMemory(t *testing.T) {
	const n, limit = 10_000, 16 << 20
	all := func(yield func(provider.Domain) bool) {
		for i := range n {
			if !yield(providertest.Domain(t, fmt.Sprintf("d%05d.example.test", i))) {
				return
			}
		}
	}
	var running, most atomic.Int64
	check := func(_ context.Context, d provider.Domain) (report.Report, error) {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		text := strings.Repeat("x", 20_000)
		r := report.Report{Domain: d.String(), Provider: text}
		r.Findings = append(r.Findings, finding("no-record", judge.Problem, ("autoconfig." + d.String() + " has no address in DNS." + text)[:60]))
		return r, nil
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := Run(t.Context(), Config{Domains: all, Check: check, Parallel: 4})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > limit {
		t.Errorf("%d bytes for %d domains, want %d at most", used, n, limit)
	}
	if len(s.Results) != n || !s.Complete || most.Load() > 4 {
		t.Errorf("%d results, complete %v, %d at a time", len(s.Results), s.Complete, most.Load())
	}
}

// After an interruption, the findings so far are reported, and that they are incomplete.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := 0
	s := Run(ctx, Config{Domains: domains(t, "good.test", "one.test", "two.test", "warned.test"), Parallel: 1,
		Check: func(ctx context.Context, d provider.Domain) (report.Report, error) {
			if done++; done == 3 {
				cancel()
			}
			return checkReports(ctx, d)
		}})
	var b strings.Builder
	if err := s.Text(&b); err != nil || s.Complete || len(s.Results) != 2 || !strings.Contains(b.String(), "interrupted") {
		t.Errorf("%v, complete %v\n%s", err, s.Complete, &b)
	}
}

// The rate is kept even if checks are quick. The clock is synctest's.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var begun []time.Duration
		start := time.Now()
		Run(t.Context(), Config{Domains: domains(t, "good.test", "one.test", "two.test"), Parallel: 1, Rate: 2,
			Check: func(ctx context.Context, d provider.Domain) (report.Report, error) {
				begun = append(begun, time.Since(start))
				return checkReports(ctx, d)
			}})
		if want := []time.Duration{0, 500 * time.Millisecond, time.Second}; !slices.Equal(begun, want) {
			t.Errorf("begun after %v, want %v", begun, want)
		}
	})
}
