package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Thunderbird must do what the doctor says about it. Otherwise owners would fix
// what works, or be told that all is well while people are left without mail.
func TestDoctorKnowsWhatThunderbirdDoes(t *testing.T) {
	if !internet.Isolated() {
		need(t, "the doctor would ask the real internet", errNoNamespaces)
	}
	mail := startMailServer(t)
	tests := []struct {
		domain   string
		result   string   // the doctor's verdict on Thunderbird
		problems []string // ids
	}{
		// The logins of these domains are unknown, so "partly" is the best
		// verdict.
		{"checked.test", "partly", nil},
		{"checked-http.test", "partly", []string{"http-only"}},
		{"checked-type.test", "nothing", []string{"content-type"}},
		{"checked-page.test", "nothing", []string{"catch-all-page"}},
		{"checked-ssl-off.test", "wrong", []string{"no-record", "settings-differ"}},
		{"checked-circle.test", "nothing", []string{"redirect-circle"}},
		{"checked-password.test", "nothing", []string{"asks-for-password", "no-record"}},
		{"checked-xml.test", "nothing", []string{"unusable-document"}},
		{"checked-site.test", "partly", nil}, // a warning: no client uses them
		{"checked-site-only.test", "wrong", []string{"no-record", "settings-at-web-site"}},
		{"checked-relative.test", "partly", []string{"no-record", "redirect-relative"}},
	}
	for _, tt := range tests {
		t.Run(tt.domain, func(t *testing.T) {
			got := diagnose(t, tt.domain)
			if result := got.verdict("Thunderbird"); result != tt.result {
				t.Errorf("the doctor's verdict is %s, want %s", result, tt.result)
			}
			if diff := cmp.Diff(tt.problems, got.problems()); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			f := lookUp(t, "jane@"+tt.domain)
			does := "nothing"
			if f.Found {
				does = "wrong"
				if unlikeICloud(f, f.Source, f.Incoming.Username, f.Outgoing.Username) == "" {
					does = "partly"
				}
			}
			if does != tt.result {
				t.Errorf("Thunderbird's result is %s, want %s: %+v", does, tt.result, f)
			}
		})
	}
	if logins := mail.Logins(); len(logins) > 0 {
		t.Errorf("somebody has tried to log in: %+v", logins)
	}
}

// A diagnosis is the part of mailsetup doctor --json that matters here.
type diagnosis struct {
	Exit     int
	Verdicts []struct{ Client, Result string }
	Findings []struct{ ID, Severity string }
}

// diagnose runs the program's command for a domain of the tests' table.
func diagnose(t *testing.T, domain string) diagnosis {
	t.Helper()
	return diagnoseWith(t, domain, "--providers", "testdata/providers.yaml")
}

func diagnoseWith(t *testing.T, domain string, flags ...string) (d diagnosis) {
	t.Helper()
	args := append([]string{"doctor", "--json", "--allow-private", domain}, flags...)
	out, err := exec.CommandContext(patience(t), os.Getenv(binaryVariable), args...).Output()
	status := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &d); err != nil {
		t.Fatalf("exit status %d: %v\n%s", status, err, out)
	}
	if want := min(len(d.problems()), 1); status != want || d.Exit != want {
		t.Errorf("exit status %d, in the report %d, want %d:\n%s", status, d.Exit, want, out)
	}
	return d
}

func (d diagnosis) verdict(client string) string {
	for _, v := range d.Verdicts {
		if v.Client == client {
			return v.Result
		}
	}
	return ""
}

func (d diagnosis) problems() []string {
	var ids []string
	for _, f := range d.Findings {
		if f.Severity == "problem" {
			ids = append(ids, f.ID)
		}
	}
	slices.Sort(ids)
	return ids
}
