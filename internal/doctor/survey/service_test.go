package survey

import (
	"context"
	"testing"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/provider"
)

// A mail server that was down for a while and works at the end is not a problem; one
// that could not be asked again is.
func TestServiceFaultPasses(t *testing.T) {
	down := report.Finding{ID: "imap-unreachable", Severity: judge.Problem, Place: judge.MailService, Topic: report.MailServers, What: "The IMAP server cannot be reached."}
	well := report.Finding{ID: report.Good, Severity: judge.Pass, Topic: report.MailServers}
	unknown := report.Finding{ID: judge.OutOfTime, Severity: judge.Unknown, Place: judge.OurNames, Topic: report.Answers}
	for name, c := range map[string]struct {
		last []report.Finding
		exit int
	}{
		"well":      {[]report.Finding{well}, 0},
		"down":      {[]report.Finding{down}, 1},
		"not asked": {nil, 1},
		"unknown":   {[]report.Finding{unknown, well}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := Run(t.Context(), Config{Domains: domains(t, "a.test", "b.test"), Parallel: 1,
				Check: func(_ context.Context, d provider.Domain) (report.Report, error) {
					if d.String() == "a.test" {
						return report.Report{Findings: []report.Finding{down}}, nil
					}
					return report.Report{Findings: c.last}, nil
				}})
			if s.Exit() != c.exit {
				t.Errorf("exit status %d, want %d: %+v", s.Exit(), c.exit, s.Services)
			}
		})
	}
}
