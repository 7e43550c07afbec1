package cli

import (
	"sync"
	"time"

	"mailsetup/internal/certs"
	"mailsetup/internal/metrics"
)

// onceAWhile caches a status that is costly because it visits every name, so that it is
// computed once for all the metrics that are read together.
func onceAWhile(status func() certs.Status) func() certs.Status {
	const fresh = time.Second
	var mu sync.Mutex
	var last certs.Status
	var at time.Time
	return func() certs.Status {
		mu.Lock()
		defer mu.Unlock()
		if at.IsZero() || time.Since(at) > fresh {
			last, at = status(), time.Now()
		}
		return last
	}
}

// describe registers the metrics of certificates.
func (s *secured) describe(m *metrics.Metrics) {
	status := onceAWhile(s.source.Status)
	for _, state := range certs.States {
		m.Gauge("mailsetup_certificates", "Host names by the state of their certificate.",
			func() float64 { return float64(status().Counts[state]) }, "state", state.String())
	}
	m.Gauge("mailsetup_certificate_earliest_expiry_timestamp_seconds", "When the first certificate in use expires; 0 if there is none.",
		func() float64 {
			if at := status().Earliest; !at.IsZero() {
				return float64(at.Unix())
			}
			return 0
		})
	const handshakes = "Handshakes refused for lack of a certificate: the name is not served here, or has none yet."
	m.Counter("mailsetup_tls_refused_total", handshakes, func() float64 { return float64(status().Refused) }, "reason", "unknown_name")
	m.Counter("mailsetup_tls_refused_total", handshakes, func() float64 { return float64(status().Unready) }, "reason", "not_ready")
	if s.acme == nil {
		return
	}
	const orders = "Orders at the certification authority by result."
	m.Counter("mailsetup_acme_orders_total", orders, func() float64 { return float64(status().Orders.Succeeded) }, "result", "succeeded")
	m.Counter("mailsetup_acme_orders_total", orders, func() float64 { return float64(status().Orders.Failed) }, "result", "failed")
}
