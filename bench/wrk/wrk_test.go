package wrk

import (
	"strings"
	"testing"
	"time"
)

const output = `Running 2s test @ http://127.0.0.1:8080/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.21ms    1.50ms  25.11ms   91.02%
    Req/Sec    36.12k     2.11k   40.01k    70.00%
  Latency Distribution
     50%  812.00us
     75%    1.30ms
     90%    2.60ms
     99%    7.25ms
  72240 requests in 2.01s, 91.20MB read
Requests/sec:  35940.29
Transfer/sec:     45.37MB
`

func TestParse(t *testing.T) {
	got, err := parse(output)
	want := Result{Requests: 72240, PerSecond: 35940.29, P50: 812 * time.Microsecond, P99: 7250 * time.Microsecond}
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// TestFailuresAreErrors: refused requests would give impressive figures.
func TestFailuresAreErrors(t *testing.T) {
	for _, line := range []string{
		"  Non-2xx or 3xx responses: 72240\n",
		"  Socket errors: connect 0, read 3, write 0, timeout 0\n",
	} {
		if _, err := parse(strings.Replace(output, "Requests/sec", line+"Requests/sec", 1)); err == nil {
			t.Errorf("no error with %q", line)
		}
	}
	if _, err := parse("no output"); err == nil {
		t.Error("no error without figures")
	}
}
