package metrics

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A Route counts the requests of one route. It keeps the counters that it has used:
// finding one by its labels costs more than counting. It is safe for concurrent use.
type Route struct {
	pattern  string
	requests *prometheus.CounterVec
	duration prometheus.Observer
	used     [Other + 1][Failed + 1]atomic.Pointer[prometheus.Counter]
}

// Request counts a request.
func (r *Route) Request(client Client, outcome Outcome, took time.Duration) {
	used := &r.used[client][outcome]
	counter := used.Load()
	if counter == nil {
		found := r.requests.WithLabelValues(r.pattern, client.String(), outcome.String())
		counter = &found
		used.Store(counter) // another request may have done the same, with the same counter
	}
	(*counter).Inc()
	r.duration.Observe(took.Seconds())
}
