package server

import (
	"errors"
	"net/http"
	"time"

	"mailsetup/internal/connlimit"
	"mailsetup/internal/metrics"
	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates"
)

// measure counts a request and remembers it for /-/asked. The server's requests to
// itself do not count.
func (s *Server) measure(x *exchange, route *metrics.Route, f family, err error) {
	if isSelfCheck(x.r.Context()) {
		return
	}
	client, outcome := metrics.ClientOf(x.r.UserAgent()), outcomeOf(x, err)
	route.Request(client, outcome, time.Since(x.began))
	s.answers.add(x, client, f, outcome)
}

// outcomeOf returns the outcome of a request, for the operator.
func outcomeOf(x *exchange, err error) metrics.Outcome {
	switch {
	case err == nil && x.w.status >= 300 && x.w.status < 400 && x.w.status != http.StatusNotModified:
		return metrics.Redirected
	case err == nil && x.w.status < 400:
		return metrics.Served
	case errors.Is(err, errUnknownDomain) && x.basis.Undecided:
		return metrics.Undecided
	case errors.Is(err, errUnknownDomain):
		return metrics.UnknownDomain
	case errors.Is(err, provider.ErrOAuth2Only), errors.Is(err, templates.ErrNotImportable):
		return metrics.NoDocument
	case errors.Is(err, errBadAddress), errors.Is(err, errBadName):
		return metrics.BadAddress
	case errors.Is(err, errPassword):
		return metrics.PasswordSent
	case errors.Is(err, errTokenExpired):
		return metrics.Expired
	case errors.Is(err, errSignerBusy), errors.Is(err, profiles.ErrSignerExpired):
		return metrics.Busy
	case x.w.status == http.StatusRequestEntityTooLarge:
		return metrics.TooLarge
	case x.w.status >= 500:
		return metrics.Failed
	case x.w.status == http.StatusNotFound:
		return metrics.NotFound
	}
	return metrics.BadRequest
}

// describe registers the metrics whose values are computed when somebody reads them.
func (s *Server) describe(m *metrics.Metrics) {
	table := func() *provider.Table { return s.state.Load().table }
	const domains = "Domains of the table by class: a mail service's own, or hosted at one."
	m.Gauge("mailsetup_domains", domains, func() float64 { return float64(table().OwnCount()) }, "class", provider.ClassOwn.String())
	m.Gauge("mailsetup_domains", domains, func() float64 { return float64(table().HostedCount()) }, "class", provider.ClassHosted.String())
	m.Gauge("mailsetup_providers", "Mail services of the table.", func() float64 { return float64(len(table().Providers())) })
	m.Gauge("mailsetup_last_reload_success_timestamp_seconds", "When the table was last loaded without a mistake.",
		func() float64 { return seconds(s.cfg.Files.Status().Success) })
	m.Gauge("mailsetup_last_reload_successful", "1 if the last load of the table succeeded, else 0.",
		func() float64 { return oneIf(s.cfg.Files.Status().Err == nil) })
	m.Gauge("mailsetup_stopping", "1 while the server drains its connections before it stops.",
		func() float64 { return oneIf(s.drain.Load()) })
	if s.signer != nil {
		m.Gauge("mailsetup_signing_certificate_expiry_timestamp_seconds", "When the certificate that signs profiles expires.",
			func() float64 { return seconds(s.signer.notAfter()) })
	}
	if s.cfg.Recogniser == nil {
		return
	}
	status := s.cfg.Recogniser.Status
	const lookups = "Look-ups of mail exchangers by result; denied ones were over the limit."
	m.Counter("mailsetup_mx_lookups_total", lookups, func() float64 { return float64(status().Answered) }, "result", "answered")
	m.Counter("mailsetup_mx_lookups_total", lookups, func() float64 { return float64(status().Failed) }, "result", "failed")
	m.Counter("mailsetup_mx_lookups_total", lookups, func() float64 { return float64(status().Denied) }, "result", "denied")
	m.Gauge("mailsetup_mx_cache_entries", "Domains whose mail exchanger is remembered.", func() float64 { return float64(status().Remembered) })
}

// describeConnections does the same for a listener's connections.
func describeConnections(m *metrics.Metrics, l *connlimit.Limiter) {
	m.Gauge("mailsetup_connections", "Open connections of the public listener.", func() float64 { return float64(l.Stats().Open) })
	m.Gauge("mailsetup_connections_limit", "Limit on open connections of the public listener.", func() float64 { return float64(l.Stats().Max) })
	m.Counter("mailsetup_connections_evicted_total", "Connections that were closed to make room for others.",
		func() float64 { return float64(l.Stats().Evicted) })
	m.Counter("mailsetup_streams_refused_total", "HTTP/2 requests that were refused because too many were open at the same time.",
		func() float64 { return float64(l.Stats().Refused) })
}

// seconds returns a time in Prometheus's format; 0 for the zero time.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.Unix())
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
