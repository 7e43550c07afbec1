package doctor

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/doctor/report"
)

// dialledSpecial returns the addresses outside the public internet that were dialled.
func (w *world) dialledSpecial() (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.dialled {
		if probe.NotPublicOf(netip.MustParseAddrPort(a).Addr()).Failed() {
			all = append(all, a)
		}
	}
	return all
}

func finding(r report.Report, id judge.ID) report.Finding {
	i := slices.IndexFunc(r.Findings, func(f report.Finding) bool { return f.ID == id && f.Severity != judge.Pass })
	if i < 0 {
		return report.Finding{}
	}
	return r.Findings[i]
}

// Whoever controls a domain's DNS must not be able to choose what the doctor connects
// to in its own network.
func TestPrivateAddressesAreNotDialled(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.9"} {
		for _, name := range []string{"autoconfig.example.com", "autodiscover.example.com", "example.com"} {
			w := newWorld(t)
			w.set(name + " CNAME")
			w.set(name+" A", address)
			r := w.check()
			if bad := w.dialledSpecial(); len(bad) > 0 {
				t.Errorf("%s at %s: dialled %q", name, address, bad)
			}
			f := finding(r, judge.PrivateAddress)
			if want := (name != "example.com"); (f.Severity == judge.Problem) != want || !strings.Contains(f.What, address) {
				t.Errorf("%s at %s: %+v", name, address, f)
			}
		}
	}
}

// People who check their own network can say so.
func TestAllowPrivate(t *testing.T) {
	w := newWorld(t)
	w.set("setup.example.net A", "10.1.2.3")
	w.set("setup.example.net AAAA")
	w.web("10.1.2.3", w.mailsetup(w.table), w.ca.issue(bothNames...))
	w.cfg = func(c *Config) { c.AllowPrivate = true }
	r := w.check()
	if r.Exit() != 0 || finding(r, judge.PrivateAddress).Severity != judge.Warning {
		t.Error(text(t, r, report.TextOptions{}))
	}
}

// Where a name has a private and a public address, clients that take the private one
// fail.
func TestPrivateNextToPublic(t *testing.T) {
	w := newWorld(t)
	w.set("setup.example.net A", "10.1.2.3", setupIP)
	r := w.check()
	if f := finding(r, judge.PrivateAddress); f.Severity != judge.Problem || len(w.dialledSpecial()) > 0 || r.Count(judge.Problem) != 1 {
		t.Error(w.dialledSpecial(), text(t, r, report.TextOptions{}))
	}
}

func TestPrivateMailServer(t *testing.T) {
	w := newWorld(t)
	w.set("imap.mail.me.com A", "127.0.0.1")
	r := w.check()
	if f := finding(r, "imap-private-address"); f.Severity != judge.Problem || len(w.dialledSpecial()) > 0 {
		t.Error(text(t, r, report.TextOptions{}))
	}
}

// Nor may one of the domain's name servers be in the doctor's own network.
func TestPrivateNameServer(t *testing.T) {
	w := newWorld(t)
	w.set("ns1.example.net A", "127.0.0.1")
	w.stale = map[string]bool{"127.0.0.1:53": true}
	if r := w.check(); finding(r, judge.NotPropagated).ID != "" || finding(r, judge.NameServersDiffer).ID != "" {
		t.Error("a name server on loopback was asked")
	}
}

// A web server must not be able to aim the doctor at a service that trusts its own
// network.
func TestRedirectsAreNoWeapon(t *testing.T) {
	for _, c := range []struct {
		to   string
		want judge.ID
	}{
		{"http://169.254.169.254/latest/meta-data/", judge.RedirectPost},
		{"https://127.0.0.1/autodiscover/autodiscover.xml", judge.RedirectPrivate},
		{"https://inside.example.com/autodiscover/autodiscover.xml", judge.RedirectPrivate},
		{"http://127.0.0.1:8081/-/reload", judge.RedirectPost},
		{"https://setup.example.net/-/reload", judge.RedirectPost},
		{"https://setup.example.net:8443/autodiscover/autodiscover.xml", judge.RedirectPost},
		{"http://setup.example.net/autodiscover/autodiscover.xml", judge.RedirectPost},
	} {
		w := newWorld(t)
		w.set("inside.example.com A", "192.168.7.7")
		w.set("setup.example.net A", setupIP)
		var posts atomic.Int32
		target := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				posts.Add(1)
			}
		})
		for _, at := range []string{"127.0.0.1:8081", "127.0.0.1:443", "169.254.169.254:80", "192.168.7.7:443", setupIP + ":8443"} {
			w.serve[at] = serveHTTP(target)
		}
		front(func(_ *world, h http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				switch {
				case r.Host == "setup.example.net":
					target(rw, r)
				case r.Method == http.MethodPost:
					http.Redirect(rw, r, c.to, http.StatusTemporaryRedirect)
				default:
					h.ServeHTTP(rw, r)
				}
			})
		})(w)
		r := w.check()
		if finding(r, c.want).Severity != judge.Problem {
			t.Errorf("%s: no %s\n%s", c.to, c.want, text(t, r, report.TextOptions{}))
		}
		if bad := w.dialledSpecial(); len(bad) > 0 || posts.Load() > 0 {
			t.Errorf("%s: dialled %q, %d POSTs arrived", c.to, bad, posts.Load())
		}
	}
}

// Documents, too, can name the URL of the next POST.
func TestDocumentsAreNoWeapon(t *testing.T) {
	w := newWorld(t)
	w.serve["127.0.0.1:8081"] = serveHTTP(http.HandlerFunc(page))
	front(func(*world, http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/xml")
			io.WriteString(rw, `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"><Account><Action>redirectUrl</Action><RedirectUrl>http://127.0.0.1:8081/-/reload</RedirectUrl></Account></Response></Autodiscover>`)
		})
	})(w)
	w.check()
	if bad := w.dialledSpecial(); len(bad) > 0 {
		t.Errorf("dialled %q", bad)
	}
}

// endless sends one long line until the other side hangs up, and counts the bytes.
func endless(sent *atomic.Int64, first string) func(net.Conn) {
	return func(conn net.Conn) {
		defer conn.Close()
		n, err := io.WriteString(conn, first)
		block := bytes.Repeat([]byte("x"), 64<<10)
		for ; err == nil && sent.Add(int64(n)) < 64<<20; n, err = conn.Write(block) {
		}
	}
}

// An endless answer takes a bounded amount of memory and becomes a finding.
func TestEndlessAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		start func(w *world, sent *atomic.Int64)
		want  judge.ID
	}{
		"IMAP greeting": {func(w *world, sent *atomic.Int64) {
			w.serve[imapIP+":993"] = overTLS(w.ca.issue("imap.mail.me.com"), endless(sent, "* OK "))
		}, "imap-bad-greeting"},
		"SMTP greeting": {func(w *world, sent *atomic.Int64) { w.serve[smtpIP+":587"] = endless(sent, "220-") }, "smtp-bad-greeting"},
		"header": {func(w *world, sent *atomic.Int64) {
			w.serve[setupIP+":443"] = overTLS(w.ca.issue(bothNames...), endless(sent, "HTTP/1.1 200 OK\r\nX: "))
		}, judge.NoAnswer},
		"document": {func(w *world, sent *atomic.Int64) {
			w.serve[setupIP+":443"] = overTLS(w.ca.issue(bothNames...), endless(sent, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<"))
		}, judge.UnusableDocument},
	} {
		t.Run(name, func(t *testing.T) {
			var sent atomic.Int64
			w := newWorld(t)
			w.set("setup.example.net AAAA")
			c.start(w, &sent)
			r := w.check()
			if finding(r, c.want).Severity != judge.Problem {
				t.Errorf("no %s:\n%s", c.want, text(t, r, report.TextOptions{}))
			}
		})
	}
}

// A name that somebody else chose is printed without characters that change how it
// reads.
func TestBidiIsNotPrinted(t *testing.T) {
	w := newWorld(t)
	w.answers = func(q dns.Question, m *dns.Msg) bool {
		if q.Name != "example.com." || q.Qtype != dns.TypeMX {
			return false
		}
		m.Answer = append(m.Answer, &dns.MX{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeMX, Class: dns.ClassINET, Ttl: 60}, Mx: "\u202emx\u009b.example.org."})
		return true
	}
	r := w.check()
	if got := text(t, r, report.TextOptions{Verbose: true}); strings.ContainsAny(got, "\u202e\u009b\x1b") {
		t.Errorf("%q", got)
	}
}
