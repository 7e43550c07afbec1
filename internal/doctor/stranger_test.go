package doctor

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/report"
)

// worldOf returns the world of this name from a table.
func worldOf(t *testing.T, name string) *world {
	w := newWorld(t)
	for _, b := range brokenWorlds {
		if b.name == name {
			b.fault(w)
			return w
		}
	}
	for _, p := range placedWorlds {
		if p.name == name {
			p.fault(w)
			return w
		}
	}
	t.Fatalf("unknown world %q", name)
	return nil
}

// A name that somebody else answers for is one finding: neither that server's pages for
// unknown paths nor its answers for other domains are reported as well.
func TestStrangersAreReportedOnce(t *testing.T) {
	for _, name := range []string{"empty answers", "broken XML", "JSON for everything", "XML that is none of ours",
		"an Autodiscover error at status 200", "wildcard whose pages look like answers"} {
		if r := worldOf(t, name).check(); r.Count(judge.Problem) != 1 || r.Count(judge.Warning) != 0 {
			t.Errorf("%s:\n%s", name, text(t, r, report.TextOptions{}))
		}
	}
}

// A finding about the web site names the clients whose search ends there, and no
// others.
func TestWebSiteNamesWhoStopsThere(t *testing.T) {
	for _, name := range []string{"the web site has a page for everything", "the web site has an empty success", "the web site sends half an XML"} {
		r := worldOf(t, name).check()
		for _, f := range r.Findings {
			if f.Severity != judge.Problem {
				continue
			}
			if len(f.Clients) == 0 {
				t.Errorf("%s: %s names nobody", name, f.ID)
			}
			for _, v := range r.Verdicts {
				if stops := strings.Contains(v.Text, "stops there"); stops != slices.Contains(f.Clients, v.Client) {
					t.Errorf("%s: %s %s The finding names %q.", name, v.Client, v.Text, f.Clients)
				}
			}
		}
	}
}

// A page that ends no client's search is neither a fault nor worth praise.
func TestWebSiteWithPagesForGet(t *testing.T) {
	w := newWorld(t)
	site(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			rw.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		page(rw, r)
	}))(w)
	r := w.check()
	if got := text(t, r, report.TextOptions{Verbose: true}); r.Exit() != 0 || strings.Contains(got, "//example.com/") {
		t.Error(got)
	}
}

// Names in a zone with wrong signatures are not reported as unknown as well.
func TestDNSSECIsReportedOnce(t *testing.T) {
	r := worldOf(t, "signatures of DNSSEC are wrong").check()
	if r.Count(judge.Unknown) != 0 {
		t.Error(text(t, r, report.TextOptions{}))
	}
}

// A server that speaks another protocol is reported as such.
func TestGreetingOfAnotherProtocol(t *testing.T) {
	f := finding(worldOf(t, "IMAP is something else").check(), "imap-bad-greeting")
	if !strings.Contains(f.What, "(an answer in another protocol)") {
		t.Errorf("%+v", f)
	}
}

// What many readers make of one document is one finding, in few words.
func TestUnusableDocumentIsShort(t *testing.T) {
	const most = 400
	for _, name := range []string{"settings without servers", "XML in a charset that some do not know", "an Autodiscover error at status 200"} {
		f := finding(worldOf(t, name).check(), judge.UnusableDocument)
		if len(f.What) > most || strings.Count(f.What, "(") != 1 {
			t.Errorf("%s: %q", name, f.What)
		}
	}
}
