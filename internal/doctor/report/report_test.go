package report

import (
	"crypto/x509"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mailsetup/internal/clients"
	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

func config(t *testing.T) Config {
	domain := providertest.Domain(t, "example.com")
	match, ok := providertest.Table(t, "\ndomains: {example.com: icloud}\n").ByDomain(domain)
	if !ok {
		t.Fatal("the table lacks example.com")
	}
	return Config{Domain: domain, Match: match, AnswerLimit: 5 * time.Second}
}

func TestFailureWords(t *testing.T) {
	if words := failure(probe.Failure{}); words != "" {
		t.Errorf("no failure: %q", words)
	}
	seen := map[string]probe.FailureKind{}
	for kind := probe.NoFailure + 1; kind <= probe.Other; kind++ {
		words := failure(probe.Failure{Kind: kind, Server: "192.0.2.1:53", Code: "SERVFAIL", Status: 554,
			Address: netip.MustParseAddr("10.0.0.1"), Network: probe.Private})
		if other, told := seen[words]; told || words == "" {
			t.Errorf("failure %d: %q, as failure %d", kind, words, other)
		}
		seen[words] = kind
		if strings.Contains(words, ":53") {
			t.Errorf("failure %d: %q names the usual port", kind, words)
		}
	}
	if words := failure(probe.Failure{Kind: probe.DNSSilent, Server: "[2001:db8::1]:5353"}); !strings.Contains(words, "[2001:db8::1]:5353") {
		t.Errorf("%q lacks the port", words)
	}
}

func TestFlawWords(t *testing.T) {
	seen := map[string]bool{}
	for kind := probe.NoFlaw + 1; kind <= probe.UnknownAuthority; kind++ {
		words := flaw(probe.Flaw{Kind: kind, Leaf: &x509.Certificate{DNSNames: []string{"other.test"}, NotAfter: time.Unix(1_700_000_000, 0)}})
		if words == "" || seen[words] {
			t.Errorf("flaw %d: %q", kind, words)
		}
		seen[words] = true
	}
}

func TestPassedWords(t *testing.T) {
	for id := judge.HasAddresses; id <= judge.MailServerGood; id++ {
		topic, words := passed(judge.Passed{ID: id, Host: "a.example.com", Port: 993, Protocol: provider.IMAP, Method: "GET", URL: "https://a.example.com/", Target: "b.example.com"}, config(t))
		if !strings.HasSuffix(words, ".") || topic.order() < 0 {
			t.Errorf("passed %d: %q, %q", id, topic, words)
		}
	}
}

// faultOf returns a fault with every detail that its words may mention.
func faultOf(kind judge.Kind, host string) judge.Fault {
	return judge.Fault{
		Kind: kind, Host: host, Target: "target.test", URL: "https://" + host + "/path", Status: 404, ContentType: "text/plain",
		Unusable: judge.EmptyDocument, Differences: []string{"incoming port is 1 instead of 993"}, Date: time.Unix(1_800_000_000, 0),
		Failure: probe.Failure{Kind: probe.Refused}, Flaw: probe.Flaw{Kind: probe.SelfSigned, Leaf: &x509.Certificate{}},
		Clients: []string{"One", "Two"},
	}
}

// Every text is a sentence, for one name and for two, at every place and severity.
func TestEveryEntryMakesSentences(t *testing.T) {
	for _, id := range IDs() {
		for _, severity := range []judge.Severity{judge.Problem, judge.Unknown, judge.Warning, judge.Optional} {
			for _, place := range []judge.Place{judge.OurNames, judge.WebSite, judge.ZoneFile, judge.MailService} {
				for _, hosts := range [][]string{{"a.example.com"}, {"a.example.com", "b.example.com"}} {
					kind := judge.Kind{ID: id, Severity: severity, Place: place}
					if place == judge.MailService {
						kind.Protocol = provider.IMAP
					}
					g := &group{kind: kind, Config: config(t)}
					for _, h := range hosts {
						g.add(faultOf(kind, h))
					}
					f, because := g.finding()
					for _, text := range append([]string{f.What, because + "."}, f.Cure...) {
						first := text[:1]
						isHost := strings.ContainsRune(strings.Fields(text)[0], '.')
						if text != because+"." && first != strings.ToUpper(first) && !isHost {
							t.Errorf("%s begins in lower case: %q", id, text)
						}
						if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, ":") || strings.Contains(text, "..") || strings.Contains(text, "  ") ||
							strings.Contains(text, "()") || strings.Contains(text, " ,") || strings.Contains(text, " .") {
							t.Errorf("%s: %q", id, text)
						}
					}
					if strings.Contains(because, ". ") {
						t.Errorf("%s: the reason is not a clause: %q", id, because)
					}
				}
			}
		}
	}
}

func TestGroups(t *testing.T) {
	kind := judge.Kind{ID: judge.NotServed, Severity: judge.Problem, Place: judge.OurNames}
	warning := kind
	warning.Severity = judge.Warning
	other := kind
	other.ID = judge.Slow
	r := New(judge.Diagnosis{Faults: []judge.Fault{
		faultOf(kind, "a.example.com"), faultOf(warning, "c.example.com"), faultOf(kind, "b.example.com"), faultOf(kind, "a.example.com"), faultOf(other, "a.example.com"),
	}}, config(t))
	var have []string
	for _, f := range r.Findings {
		have = append(have, f.What)
	}
	want := []string{
		"a.example.com and b.example.com have no settings: https://a.example.com/path and https://b.example.com/path (status 404).",
		"a.example.com takes longer than 5s to answer.",
	}
	if !slices.Equal(have, want) {
		t.Errorf("%q", have)
	}
}

// What was found at several URLs is reported once for all of them.
func TestURLs(t *testing.T) {
	g := &group{}
	for i, status := range []int{404, 404, 500, 404} {
		g.add(judge.Fault{URL: "https://" + string(rune('a'+i)) + ".test/", Status: status})
	}
	const want = "https://a.test/, https://b.test/ and others (status 404); https://c.test/ (status 500)"
	if got := g.urls(status); got != want {
		t.Errorf("%q", got)
	}
	g.add(judge.Fault{URL: "https://e.test/", Status: 501})
	if got := g.urls(status); got != want+"; and others" {
		t.Errorf("%q", got)
	}
}

func TestNoMediaType(t *testing.T) {
	kind := judge.Kind{ID: judge.ContentType, Severity: judge.Problem, Place: judge.OurNames}
	f := faultOf(kind, "a.example.com")
	f.ContentType = ""
	r := New(judge.Diagnosis{Faults: []judge.Fault{f}}, config(t))
	if got := r.Findings[0].What; got != "a.example.com sends the settings without a media type, not as text/xml." {
		t.Error(got)
	}
}

// Clients with the same fate share one line, in the plural; what was just said is not
// repeated.
func TestVerdictGroups(t *testing.T) {
	kind := judge.Kind{ID: judge.NoRecord, Severity: judge.Problem, Place: judge.ZoneFile}
	verdict := func(name, evidence string, fate judge.Fate) judge.Verdict {
		v := judge.Verdict{Client: clients.Client{Name: name, Evidence: evidence}, Fate: fate}
		switch fate {
		case judge.FindsNothing:
			v.Reasons = []judge.Kind{kind}
		case judge.WrongSettings:
			v.Differences = []string{"incoming port is 1 instead of 993"}
		case judge.LoginNotTaken:
			v.Limit = "ignores user names"
		}
		return v
	}
	r := New(judge.Diagnosis{Faults: []judge.Fault{faultOf(kind, "a.example.com")}, Verdicts: []judge.Verdict{
		verdict("One", "", judge.SetUp), verdict("Two", "", judge.SetUp), verdict("Three", "by its rules, ", judge.SetUp),
		verdict("Four", "", judge.FindsNothing), verdict("Five", "", judge.FindsNothing), verdict("Six", "by its rules, ", judge.FindsNothing),
		verdict("Seven", "", judge.WrongSettings), verdict("Eight", "by its rules, ", judge.WrongSettings),
		verdict("Nine", "by its rules, ", judge.LoginNotTaken), verdict("Ten", "by its rules, ", judge.LoginNotTaken),
		verdict("A", "", judge.AsksNobody), verdict("B", "", judge.AsksNobody), verdict("C", "", judge.AsksNobody), verdict("D", "", judge.AsksNobody),
	}}, config(t))
	var have []string
	for _, f := range r.verdictGroups() {
		have = append(have, fewClients(f.clients)+" "+f.text())
	}
	want := []string{
		"One and Two set themselves up.",
		"Three by its rules, sets itself up.",
		"Four and Five find nothing, because a.example.com has no address in DNS.",
		"Six by its rules, finds nothing, for the same reason.",
		"Seven uses wrong settings: incoming port is 1 instead of 993.",
		"Eight by its rules, uses wrong settings: the same as above.",
		"Nine and Ten by their rules, find the servers; people must enter their login, because each of them ignores user names.",
		"A, B and 2 others ask no server; people fetch a profile from the server's page.",
	}
	if !slices.Equal(have, want) {
		t.Errorf("%s", strings.Join(have, "\n"))
	}
}

// Every fate has words for one client and for several.
func TestFates(t *testing.T) {
	for fate := judge.SetUp; fate <= judge.ActiveSyncRefused; fate++ {
		for _, n := range []int{1, 2} {
			if text := sentence(judge.Verdict{Fate: fate}, n, nil); len(text) < len("unknown.") || fate.Result() == "" {
				t.Errorf("fate %d: %q", fate, text)
			}
		}
	}
}

// Many domains are checked at a time, and some steps are the same for all of them, so
// a report must not change anything that another may be reading. The race detector
// notices.
func TestReportsShareNothing(t *testing.T) {
	cfg := config(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for id := range entries {
				kind := judge.Kind{ID: id, Severity: judge.Problem, Place: judge.MailService}
				New(judge.Diagnosis{Faults: []judge.Fault{faultOf(kind, "a.example.com")}}, cfg)
			}
		})
	}
	wg.Wait()
}
