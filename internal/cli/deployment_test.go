package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mailsetup/internal/certs"
	"mailsetup/internal/metrics"
	"mailsetup/internal/mx"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
	"mailsetup/server"
)

// noCerts gives no certificate.
type noCerts struct{}

func (noCerts) TLSConfig() *tls.Config                       { return nil }
func (noCerts) Certificate(string) (*tls.Certificate, error) { return nil, os.ErrNotExist }
func (noCerts) Status() certs.Status                         { return certs.Status{} }
func (noCerts) Run(context.Context)                          {}

// allMetrics returns what a server with everything switched on shows at /metrics.
func allMetrics(t *testing.T) string {
	t.Helper()
	m := metrics.New("test")
	m.Counter(droppedMetric, droppedHelp, func() float64 { return 0 })
	(&secured{source: noCerts{}, acme: new(certs.ACME)}).describe(m)
	table := providertest.Table(t, "")
	srv, err := server.New(server.Config{
		Load:       func() (*provider.Table, error) { return table, nil },
		Metrics:    m,
		Recogniser: mx.New(mx.Config{}),
		SignWith:   func() (*tls.Certificate, error) { return nil, x509.ErrUnsupportedAlgorithm },
		Log:        slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	public, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- srv.Run(ctx, server.Listeners{Public: public}) }()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if r, err := client.Get("http://" + public.Addr().String() + "/v1.1/icloud.com"); err != nil || r.Body.Close() != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	srv.Admin().ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/metrics", nil))
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

// TestMetricsInDeployment: every metric that the alerts, the dashboard and the
// documentation name exists, and the documentation explains every metric, outcome
// and alert.
func TestMetricsInDeployment(t *testing.T) {
	text := allMetrics(t)
	read := func(name ...string) string {
		data, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, name...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	documented, alerts := read("docs", "metrics.md"), read("deploy", "prometheus", "alerts.yml")
	name := regexp.MustCompile(`mailsetup_[a-z_]+[a-z]`)
	for file, content := range map[string]string{"docs": documented, "alerts": alerts, "dashboard": read("deploy", "grafana", "mailsetup.json")} {
		for _, metric := range name.FindAllString(content, -1) {
			if metric = strings.TrimSuffix(metric, "_bucket"); !strings.Contains(text, "\n# TYPE "+metric+" ") {
				t.Errorf("%s: there is no %s", file, metric)
			}
		}
	}
	types := regexp.MustCompile(`(?m)^# TYPE (mailsetup_\S+)`).FindAllStringSubmatch(text, -1)
	for _, line := range types {
		if !strings.Contains(documented, line[1]) {
			t.Errorf("docs/metrics.md does not explain %s", line[1])
		}
	}
	if len(types) < 15 {
		t.Errorf("only %d metrics", len(types))
	}
	for o := metrics.Served; o <= metrics.Failed; o++ {
		if !strings.Contains(documented, "`"+o.String()+"`") {
			t.Errorf("docs/metrics.md does not explain the outcome %s", o)
		}
	}
	names := regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(alerts, -1)
	for _, alert := range names {
		if !strings.Contains(documented, "| `"+alert[1]+"` |") {
			t.Errorf("docs/metrics.md does not say what to do about %s", alert[1])
		}
	}
	if len(names) < 5 {
		t.Errorf("only %d alerts", len(names))
	}
}
