package survey

import (
	"slices"
	"strings"
	"time"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/report"
)

// A ServiceFault is what is wrong with a mail service. It concerns all domains there and
// is reported once.
type ServiceFault struct {
	ID       judge.ID
	Severity judge.Severity
	What     string
}

// A serviceReport is what the check of one domain says about its mail service.
type serviceReport struct {
	service string
	began   time.Time
	faults  []ServiceFault
	// conclusive: it covers every mail server.
	conclusive bool
}

func isServiceFault(f report.Finding) bool {
	return f.Place == judge.MailService && f.Severity < judge.Optional
}

// newServiceReport copies from a report what is about the mail service, so that the
// report itself can be freed.
func newServiceReport(r report.Report) serviceReport {
	s := serviceReport{service: strings.Clone(r.Provider)}
	for _, f := range r.Findings {
		if isServiceFault(f) {
			s.faults = append(s.faults, ServiceFault{f.ID, f.Severity, strings.Clone(f.What)})
		}
		s.conclusive = s.conclusive || f.Topic == report.MailServers
	}
	s.conclusive = s.conclusive && r.Count(judge.Unknown) == 0
	return s
}

// serviceFaults are the faults of mail services, by service. A fault that a later check
// no longer finds has passed.
type serviceFaults map[string]serviceReport

func (all serviceFaults) add(s serviceReport) {
	known := all[s.service]
	switch {
	case s.conclusive && !s.began.Before(known.began):
		all[s.service] = s
	case s.conclusive && known.conclusive: // a later check has the last word
	default:
		for _, f := range s.faults {
			if !slices.Contains(known.faults, f) {
				known.faults = append(known.faults, f)
			}
		}
		all[s.service] = known
	}
}

// all returns the faults of all services.
func (all serviceFaults) all() []ServiceFault {
	var faults []ServiceFault
	for _, s := range all {
		for _, f := range s.faults {
			if !slices.Contains(faults, f) {
				faults = append(faults, f)
			}
		}
	}
	return faults
}
