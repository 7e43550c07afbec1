package metrics

import (
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the counters of one server. They are safe for concurrent use.
type Metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	reloads   *prometheus.CounterVec
	routes    sync.Map // of *Route by its pattern
}

// buckets cover the duration of answers, in seconds: microseconds for a document, tenths
// of a second for one that waits for a look-up.
var buckets = []float64{0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10}

// New makes the counters of a server of the given version.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailsetup_requests_total",
			Help: "Requests by route, family of clients and outcome.",
		}, []string{"route", "client", "outcome"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "mailsetup_request_duration_seconds",
			Help:    "How long answers took.",
			Buckets: buckets,
		}, []string{"route"}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mailsetup_reloads_total",
			Help: "Loads of the table and of the files that belong to it, by result.",
		}, []string{"result"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "mailsetup_build_info", Help: "Always 1; the label is the version.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.durations, m.reloads, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, result := range []string{reloadGood, reloadBad} {
		m.reloads.WithLabelValues(result) // exists from the start, so that rate() sees the first one
	}
	return m
}

const (
	reloadGood = "good"
	reloadBad  = "bad"
)

// Route returns the counters of a route, which is named by its pattern, never by a path.
// It returns the same ones each time.
func (m *Metrics) Route(pattern string) *Route {
	if r, ok := m.routes.Load(pattern); ok {
		return r.(*Route)
	}
	r, _ := m.routes.LoadOrStore(pattern, &Route{pattern: pattern, requests: m.requests, duration: m.durations.WithLabelValues(pattern)})
	return r.(*Route)
}

// Reload counts a load of the table.
func (m *Metrics) Reload(good bool) {
	result := reloadBad
	if good {
		result = reloadGood
	}
	m.reloads.WithLabelValues(result).Inc()
}

// Gauge adds a value that is computed when somebody reads the metrics. Labels are pairs
// of a name and a value; gauges with the same name must have different labels.
func (m *Metrics) Gauge(name, help string, value func() float64, labels ...string) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: pairs(labels)}, value))
}

// Counter is like Gauge for a value that only grows.
func (m *Metrics) Counter(name, help string, value func() float64, labels ...string) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: pairs(labels)}, value))
}

func pairs(labels []string) prometheus.Labels {
	all := make(prometheus.Labels, len(labels)/2)
	for i := 0; i+1 < len(labels); i += 2 {
		all[labels[i]] = labels[i+1]
	}
	return all
}

// Handler writes the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
