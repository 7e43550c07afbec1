package doctor

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/document"
	"mailsetup/internal/provider/providertest"
)

var update = flag.Bool("update", false, "write the reports into testdata")

// A domain that is set up as documented must get a clean bill of health, or
// nobody will believe the doctor when it finds something.
func TestHealthy(t *testing.T) {
	w := newWorld(t)
	r := w.check()
	if r.Exit() != 0 || r.Count(judge.Warning) != 0 || r.Count(judge.Optional) != 0 {
		t.Errorf("exit status %d:\n%s", r.Exit(), text(t, r, report.TextOptions{}))
	}
	for _, v := range r.Verdicts {
		if v.Result == judge.Nothing || v.Result == judge.Wrong || v.Result == judge.Undecided {
			t.Errorf("%s %s", v.Client, v.Text)
		}
	}
	for _, v := range r.Verdicts[:4] {
		if v.Result != judge.Configured {
			t.Errorf("%s %s", v.Client, v.Text)
		}
	}
}

// A check must be cheap for the servers that it asks, and must not do what
// nobody asked for: log in, or tell third parties whose domain it checks.
func TestDoctorStaysCheap(t *testing.T) {
	w := newWorld(t)
	w.limit.Connections = 5
	w.check()
	if len(w.asked) > 64 {
		t.Errorf("%d DNS questions", len(w.asked))
	}
	if w.most > 5 {
		t.Errorf("%d connections at a time, want 5 at most", w.most)
	}
	for _, name := range w.asked {
		if strings.Contains(name, "thunderbird") || strings.Contains(name, "ispdb") {
			t.Errorf("%s was looked up", name)
		}
	}
	if len(w.said) < 5 {
		t.Errorf("the mail servers heard only %q", w.said)
	}
	for _, line := range w.said {
		for _, word := range []string{"AUTH", "LOGIN ", "MAIL FROM", "USER"} {
			if strings.Contains(strings.ToUpper(line), word) {
				t.Errorf("a mail server received %q", line)
			}
		}
	}
}

// A resolver that fails at everything would cause questions without end.
func TestQuestionsAreCounted(t *testing.T) {
	w := newWorld(t)
	w.limit.Queries = 10
	r := w.check()
	if len(w.asked) > 10 {
		t.Errorf("%d DNS questions, want 10 at most", len(w.asked))
	}
	if r.Exit() != 3 {
		t.Errorf("exit status %d where questions were left out", r.Exit())
	}
}

// Microsoft must not learn which domain somebody is checking.
func TestMicrosoftIsNotAsked(t *testing.T) {
	w := newWorld(t)
	w.set("autodiscover.example.com CNAME", "autodiscover.outlook.com.")
	w.set("autodiscover.outlook.com A", foreignIP)
	w.check()
	for _, address := range w.dialled {
		if strings.HasPrefix(address, foreignIP) {
			t.Errorf("%s was connected to", address)
		}
	}
}

// With one of two resolvers down, everything can still be checked.
func TestSecondResolver(t *testing.T) {
	w := newWorld(t)
	w.refuse = map[string]error{"192.0.2.1:53": syscall.ECONNREFUSED}
	w.cfg = func(c *Config) { c.Resolvers = []string{"192.0.2.1:53", nameServer + ":53"} }
	if r := w.check(); r.Exit() != 0 {
		t.Error(text(t, r, report.TextOptions{}))
	}
}

// An owner who has set up one of the two names must get the complete record for
// the other, without having to say where the server is.
func TestServerIsTakenFromTheOtherName(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world)
		want   string
	}{
		"alias": {func(*world) {}, "autodiscover.example.com. 3600 IN CNAME setup.example.net."},
		"addresses": {func(w *world) {
			w.set("autoconfig.example.com CNAME")
			w.set("autoconfig.example.com A", setupIP)
		}, "autodiscover.example.com. 3600 IN A " + setupIP},
		"nothing known": {func(w *world) { w.set("autoconfig.example.com CNAME") },
			"autodiscover.example.com. 3600 IN CNAME NAME-OF-YOUR-SERVER"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.set("autodiscover.example.com CNAME")
			c.change(w)
			w.cfg = func(cfg *Config) { cfg.Server = dnsrecords.Target{} }
			var have []string
			for _, f := range w.check().Findings {
				have = append(have, f.Records...)
			}
			if !slices.Contains(have, c.want) {
				t.Errorf("records %q lack %q", have, c.want)
			}
		})
	}
}

// With a public URL, Outlook is led to a name outside the domain: that name
// needs its certificate just as well.
func TestPublicURL(t *testing.T) {
	public, err := document.ParsePublicURL("https://setup.example.net")
	if err != nil {
		t.Fatal(err)
	}
	for names, want := range map[string][]judge.ID{
		"autoconfig.example.com autodiscover.example.com setup.example.net": nil,
		"autoconfig.example.com autodiscover.example.com":                   {judge.NoAnswer},
	} {
		w := newWorld(t)
		w.setup(w.mailsetupAt(w.table, public), w.ca.issue(strings.Fields(names)...))
		var have []judge.ID
		r := w.check()
		for _, f := range r.Findings {
			if f.Severity == judge.Problem {
				have = append(have, f.ID)
			}
		}
		if !slices.Equal(have, want) {
			t.Errorf("certificate for %s: %v\n%s", names, have, text(t, r, report.TextOptions{}))
		}
	}
}

// Only the mail service can publish records for its own domains; telling anybody
// else to do so would be useless.
func TestOwnDomain(t *testing.T) {
	w := newWorld(t)
	w.cfg = func(c *Config) { c.Domain = providertest.Domain(t, "icloud.com") }
	r := w.check()
	got := text(t, r, report.TextOptions{})
	if r.Exit() != 0 || !strings.Contains(got, "Only iCloud Mail can change that.") || strings.Contains(got, " IN CNAME ") {
		t.Error(got)
	}
}

// A domain that is in no table is recognised by its exchanger; for one that is
// not recognised either, the doctor asks for the service instead of giving a
// report.
func TestWithoutATableLine(t *testing.T) {
	w := newWorld(t)
	w.table = providertest.Table(t, "")
	if r := w.check(); r.Provider != "iCloud Mail" {
		t.Errorf("the mail is said to be at %q", r.Provider)
	}
	for why, change := range map[string]func(*world){
		"belongs to no service of the table": func(w *world) { w.set("example.com MX", "10 mail.example.com.") },
		"has no mail exchanger":              func(w *world) { w.set("example.com MX") },
		"there is no such domain": func(w *world) {
			w.answers = func(_ dns.Question, m *dns.Msg) bool { m.Rcode = dns.RcodeNameError; return true }
		},
	} {
		w := newWorld(t)
		w.table = providertest.Table(t, "")
		change(w)
		if _, err := Check(t.Context(), w.config()); !errors.Is(err, ErrNoService) || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "--domain example.com=icloud") {
			t.Errorf("error %v, want %q", err, why)
		}
	}
	w.cfg = func(c *Config) { c.Resolvers = nil }
	if _, err := Check(t.Context(), w.config()); !errors.Is(err, probe.ErrNoResolver) {
		t.Errorf("error %v", err)
	}
}

// A server must not be able to send control characters to the terminal of
// whoever checks it.
func TestNothingControlsTheTerminal(t *testing.T) {
	w := newWorld(t)
	w.setup(w.mailsetup(w.table), w.ca.issue("name\x1b[2J.test"))
	got := text(t, w.check(), report.TextOptions{})
	if strings.Contains(got, "\x1b") || !strings.Contains(got, "name?[2J.test") {
		t.Error(got)
	}
}

// Nobody should learn of the second fault only after fixing the first.
func TestVerdictNamesAllReasons(t *testing.T) {
	w := newWorld(t)
	w.set("autodiscover.example.com CNAME")
	front(func(_ *world, h http.Handler) http.Handler {
		return changed(h, func(r *httptest.ResponseRecorder) { r.Header().Set("Content-Type", "application/octet-stream") })
	})(w)
	const want = "finds nothing, because autodiscover.example.com has no address in DNS, and because autoconfig.example.com sends the settings as application/octet-stream, not as text/xml."
	if v := w.check().Verdicts[0]; v.Client != "Thunderbird" || v.Text != want {
		t.Errorf("%s %s", v.Client, v.Text)
	}
}

// People read the reports, so changes to them must show in a review.
func TestReports(t *testing.T) {
	for name, c := range map[string]struct {
		world   string
		options report.TextOptions
	}{
		"healthy.txt":      {"", report.TextOptions{Verbose: true}},
		"colour.txt":       {"autodiscover is missing", report.TextOptions{Colour: true}},
		"no-records.txt":   {"no records", report.TextOptions{}},
		"no-records.json":  {"no records", report.TextOptions{}},
		"http-only.txt":    {"http only", report.TextOptions{}},
		"microsoft365.txt": {"autodiscover is Microsoft's", report.TextOptions{}},
		"old-table.txt":    {"an old table: another host", report.TextOptions{}},
		"imap.txt":         {"IMAP certificate for another name", report.TextOptions{}},
		"unknown.txt":      {"SERVFAIL", report.TextOptions{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for _, b := range brokenWorlds {
				if b.name == c.world {
					b.fault(w)
				}
			}
			r := w.check()
			got := text(t, r, c.options)
			if filepath.Ext(name) == ".json" {
				var b bytes.Buffer
				if err := r.JSON(&b); err != nil || !json.Valid(b.Bytes()) {
					t.Fatalf("invalid JSON: %v", err)
				}
				got = b.String()
			}
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the report differs (-want +got):\n%s", diff)
			}
		})
	}
}

func text(t *testing.T, r report.Report, o report.TextOptions) string {
	t.Helper()
	var b strings.Builder
	if err := r.Text(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
