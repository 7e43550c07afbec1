//go:build linux

package main

import (
	"reflect"
	"testing"
)

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		cpu  []float64 // of the subject; the base takes 10
		goal float64
		want string
	}{
		{[]float64{12, 10, 11}, 1.1, "yes"},
		{[]float64{13, 10.5, 12}, 1.1, "within the spread"},
		{[]float64{13, 11.5, 12}, 1.1, "no"},
		{[]float64{13}, 0, ""},
	} {
		p := pair{goal: c.goal}
		for _, cpu := range c.cpu {
			p.rounds = append(p.rounds, round{subject: figures{cpu: cpu}, base: figures{cpu: 10}})
		}
		if got := p.verdict(); got != c.want {
			t.Errorf("%v with goal %v: %q, want %q", c.cpu, c.goal, got, c.want)
		}
	}
}

func TestParseBenchmarks(t *testing.T) {
	got := parseBenchmarks(`goos: linux
BenchmarkAutoconfig/own/mailsetup-2   	  100000	      2211 ns/op	     640 B/op	      11 allocs/op
BenchmarkByListedDomain/1000000-2     	 1000000	       431.5 ns/op
PASS
`)
	want := map[string]benchmark{
		"Autoconfig/own/mailsetup": {time: 2211, allocations: 11, bytes: 640},
		"ByListedDomain/1000000":   {time: 431.5},
	}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for name, b := range want {
		if got[name] != b {
			t.Errorf("%s: %+v, want %+v", name, got[name], b)
		}
	}
}

func TestParsePaints(t *testing.T) {
	got := parsePaints(`cpu: some
BenchmarkFirstPaint/new/phone-light-2         	      15	       176.0 form-ms	        76.00 line-ms	       136.5 result-ms
BenchmarkFirstPaint/used/desktop-light        	      15	        56.00 form-ms	        48.00 line-ms	        92.00 result-ms
ok  	mailsetup/e2e/page	64.330s
`)
	want := map[string]paint{
		"new/phone-light":    {"line": 76, "form": 176, "result": 136.5},
		"used/desktop-light": {"line": 48, "form": 56, "result": 92},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	skipped := "--- SKIP: BenchmarkFirstPaint\n    main_test.go:60: chromium is missing\nPASS\n"
	if got := parsePaints(skipped); len(got) != 0 {
		t.Errorf("got %v of a run without a browser", got)
	}
}
