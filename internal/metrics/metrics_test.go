package metrics

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestWords: every value has its own word, in the form that Prometheus recommends.
func TestWords(t *testing.T) {
	seen := map[string]bool{}
	check := func(word string) {
		if word == "invalid" || word != strings.ToLower(word) || strings.ContainsAny(word, "- ") || seen[word] {
			t.Errorf("the word %q", word)
		}
		seen[word] = true
	}
	for o := Served; o <= Failed; o++ {
		check(o.String())
	}
	for c := Unnamed; c <= Other; c++ {
		check(c.String())
	}
	if Outcome(0).String() != "invalid" || Client(0).String() != "invalid" {
		t.Error("the zero values have words")
	}
}

func TestClientOf(t *testing.T) {
	for agent, want := range map[string]Client{
		"": Unnamed,
		"Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.7.0":                        Thunderbird,
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605": Browser,
		"Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.10344; Pro)":                          Outlook,
		"OutlookMobileCloudService-Autodetect/1.0.0":                                                          OutlookCloud,
		"curl/8.5.0": Other,
		strings.Repeat("x", 1<<20) + "Thunderbird/1": Other,
	} {
		if got := ClientOf(agent); got != want {
			t.Errorf("%.40q is %s, want %s", agent, got, want)
		}
	}
}

func TestHandler(t *testing.T) {
	m := New("v1.2.3")
	route := m.Route("/mail/config-v1.1.xml")
	for range 2 { // looked up, then cached
		route.Request(Thunderbird, Served, 20*time.Microsecond)
	}
	m.Route("/mail/config-v1.1.xml").Request(Unnamed, Failed, time.Second)
	m.Reload(false)
	value := 1.0
	m.Gauge("mailsetup_domains", "Domains.", func() float64 { return value }, "class", "own")
	m.Counter("mailsetup_dropped_total", "Lines.", func() float64 { return 7 })
	value = 5
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`mailsetup_requests_total{client="thunderbird",outcome="served",route="/mail/config-v1.1.xml"} 2`,
		`mailsetup_requests_total{client="unnamed",outcome="failed",route="/mail/config-v1.1.xml"} 1`,
		`mailsetup_request_duration_seconds_count{route="/mail/config-v1.1.xml"} 3`,
		`mailsetup_reloads_total{result="bad"} 1`,
		`mailsetup_reloads_total{result="good"} 0`,
		`mailsetup_domains{class="own"} 5`,
		`mailsetup_dropped_total 7`,
		`mailsetup_build_info{version="v1.2.3"} 1`,
	} {
		if !strings.Contains(w.Body.String(), want+"\n") {
			t.Errorf("missing %s", want)
		}
	}
}
