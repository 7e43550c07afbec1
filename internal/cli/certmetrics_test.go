package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mailsetup/internal/certs"
	"mailsetup/internal/metrics"
)

// A fixedSource has nothing but a status.
type fixedSource certs.Status

func (fixedSource) TLSConfig() *tls.Config { return nil }
func (fixedSource) Certificate(string) (*tls.Certificate, error) {
	return nil, errors.New("no certificate")
}
func (s fixedSource) Status() certs.Status { return certs.Status(s) }
func (fixedSource) Run(context.Context)    {}

// Alerts are made from these numbers: when the disk is full, names are failed and visitors
// not_ready.
func TestCertificateMetrics(t *testing.T) {
	m := metrics.New("1.2.3")
	s := &secured{acme: new(certs.ACME), source: fixedSource{
		Counts:   map[certs.State]int{certs.Ready: 7, certs.Failed: 2},
		Earliest: time.Unix(1_800_000_000, 0),
		Orders:   certs.OrderCounts{Started: 9, Succeeded: 5, Failed: 3},
		Refused:  11, Unready: 4,
	}}
	s.describe(m)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`mailsetup_certificates{state="ready"} 7`,
		`mailsetup_certificates{state="failed"} 2`,
		`mailsetup_certificates{state="waiting"} 0`,
		`mailsetup_certificate_earliest_expiry_timestamp_seconds 1.8e+09`,
		`mailsetup_tls_refused_total{reason="unknown_name"} 11`,
		`mailsetup_tls_refused_total{reason="not_ready"} 4`,
		`mailsetup_acme_orders_total{result="succeeded"} 5`,
		`mailsetup_acme_orders_total{result="failed"} 3`,
	} {
		if !strings.Contains(w.Body.String(), want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
}
