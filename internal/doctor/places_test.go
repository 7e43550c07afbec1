package doctor

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"math/big"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mailsetup/internal/clients"
	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/provider/providertest"
)

// issueSpan is a certificate with a lifetime of its own.
func (a *authority) issueSpan(from, to time.Time, names ...string) tls.Certificate {
	key := newKey(a.t)
	cert := a.sign(&x509.Certificate{SerialNumber: big.NewInt(22), DNSNames: names, NotBefore: from, NotAfter: to,
		Subject: pkix.Name{CommonName: names[0]}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}},
		a.cert, &key.PublicKey, a.key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

func words(f report.Finding) string {
	return f.What + " " + strings.Join(f.Cure, " ") + " " + strings.Join(f.Records, " ")
}

// A certificate ends soon if less than a third of its lifetime is left.
func TestEndsSoon(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		age, left time.Duration
		want      bool
	}{{day, 5*day + 15*time.Hour, false}, {5 * day, day, true}, {55 * day, 35 * day, false}, {65 * day, 25 * day, true}} {
		w := newWorld(t)
		w.setup(w.mailsetup(w.table), w.ca.issueSpan(w.now.Add(-c.age), w.now.Add(c.left), bothNames...))
		if got := finding(w.check(), judge.CertificateExpiring).ID != ""; got != c.want {
			t.Errorf("%v old, %v left: %v", c.age, c.left, got)
		}
	}
}

// No record can exist next to a CNAME: records found through an alias belong to its
// target.
func TestCAABehindAlias(t *testing.T) {
	w := newWorld(t)
	w.set("setup.example.net CAA", `0 issue ";"`)
	f := finding(w.check(), judge.CAAForbids)
	if len(f.Records) != 1 || f.Records[0] != `setup.example.net. 3600 IN CAA 0 issue "letsencrypt.org"` {
		t.Errorf("%+v", f)
	}
}

func TestApexAlias(t *testing.T) {
	w := newWorld(t)
	w.set("example.com A")
	w.set("example.com MX")
	w.set("example.com NS")
	w.set("example.com CNAME", "pages.example.org.")
	w.set("pages.example.org A", siteIP)
	r := w.check()
	if f := finding(r, judge.ApexAlias); finding(r, judge.MXMissing).ID != "" || len(f.Records) > 0 || !strings.Contains(words(f), "Replace the CNAME record") {
		t.Errorf("%+v", f)
	}
}

// The report names the proxy that blocks the request, not the table.
func TestBlocked(t *testing.T) {
	for _, status := range []int{403, 429, 503} {
		w := newWorld(t)
		front(func(*world, http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Server", "cloudflare")
				rw.Header().Set("Cf-Mitigated", "challenge")
				rw.Header().Set("Content-Type", "text/html")
				rw.WriteHeader(status)
				io.WriteString(rw, "<!doctype html><title>Just a moment</title>")
			})
		})(w)
		r := w.check()
		if f := finding(r, judge.Blocked); r.Count(judge.Problem) != 1 || !strings.Contains(words(f), "cloudflare") || strings.Contains(words(f), "table") {
			t.Error(text(t, r, report.TextOptions{}))
		}
	}
}

// A page does not announce ActiveSync.
func TestPageIsNotActiveSync(t *testing.T) {
	for _, both := range []bool{false, true} {
		w := newWorld(t)
		w.web(siteIP, http.HandlerFunc(page), w.ca.issue("example.com"))
		if both {
			w.setup(http.HandlerFunc(page), w.ca.issue(bothNames...))
		}
		if got := text(t, w.check(), report.TextOptions{}); strings.Contains(got, "that there is ActiveSync") {
			t.Error(got)
		}
	}
}

// The web site is somebody else's machine: no fix for it mentions mailsetup.
func TestHosterSettings(t *testing.T) {
	w := newWorld(t)
	old := w.mailsetup(providertest.Table(t, "\nproviders:\n  icloud: {imap: [{host: imap.old.test, port: 993, security: tls, username: localpart}]}\n"+strings.TrimLeft(familyTable, "\n")))
	w.web(siteIP, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/.well-known/autoconfig/") {
			http.NotFound(rw, r)
			return
		}
		old.ServeHTTP(rw, r)
	}), w.ca.issue("example.com"))
	r := w.check()
	f := finding(r, judge.SettingsElsewhere)
	if r.Count(judge.Problem) != 0 || f.Severity != judge.Warning || len(f.Clients) > 0 || strings.Contains(words(f), "SIGHUP") || !strings.Contains(words(f), "https://example.com/.well-known/autoconfig/mail/config-v1.1.xml") {
		t.Error(text(t, r, report.TextOptions{}))
	}
}

// The report names the clients that use the web site's settings; these do not reach
// ours.
func TestHosterSettingsTaken(t *testing.T) {
	w := newWorld(t)
	w.set("autoconfig.example.com CNAME")
	w.web(siteIP, w.mailsetup(providertest.Table(t, "\nproviders:\n  icloud: {imap: [{host: imap.old.test, port: 993, security: tls, username: localpart}]}\n"+strings.TrimLeft(familyTable, "\n"))), w.ca.issue("example.com"))
	r := w.check()
	f := finding(r, judge.SettingsElsewhere)
	if f.Severity != judge.Problem || !slices.Contains(f.Clients, "aerc") {
		t.Errorf("%+v", f)
	}
	for _, v := range r.Verdicts {
		if took := v.Result == judge.Wrong; took != slices.Contains(f.Clients, v.Client) {
			t.Errorf("%s %s The finding names %q.", v.Client, v.Text, f.Clients)
		}
	}
}

// No client's name is a literal in the doctor: what clients do differently belongs
// with their rules.
func TestNoClientNames(t *testing.T) {
	for _, pattern := range []string{"*.go", "*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				literal, ok := n.(*ast.BasicLit)
				for _, c := range clients.All {
					if ok && literal.Kind == token.STRING && strings.Contains(literal.Value, c.Name) {
						t.Errorf("%s: %s", name, literal.Value)
					}
				}
				return true
			})
		}
	}
}
