package doctor

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/provider/providertest"
)

// A broken world is a healthy one with one fault. The doctor must name that fault
// and nothing else, and say how to fix it.
type broken struct {
	name  string
	fault func(*world)
	// ids are the problems, exit the status; without problems, ids are what could
	// not be checked.
	ids  []judge.ID
	exit int
	// cure is part of the steps or records.
	cure string
	// verdict is part of the verdict on Thunderbird, or on the client named before
	// a colon.
	verdict string
}

// front changes what both addresses of the server answer.
func front(h func(w *world, mailsetup http.Handler) http.Handler) func(*world) {
	return func(w *world) {
		w.setup(h(w, w.mailsetup(w.table)), w.ca.issue("autoconfig.example.com", "autodiscover.example.com"))
	}
}

func page(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(rw, "<!doctype html><title>Welcome</title>")
}

func certificate(cert func(*authority) tls.Certificate) func(*world) {
	return func(w *world) { w.setup(w.mailsetup(w.table), cert(w.ca)) }
}

func table(overlay string) func(*world) {
	return func(w *world) {
		w.setup(w.mailsetup(providertest.Table(w.t, overlay)), w.ca.issue("autoconfig.example.com", "autodiscover.example.com"))
	}
}

var bothNames = []string{"autoconfig.example.com", "autodiscover.example.com"}

var brokenWorlds = []broken{
	{name: "no records", fault: func(w *world) {
		w.set("autoconfig.example.com CNAME")
		w.set("autodiscover.example.com CNAME")
	}, ids: []judge.ID{judge.NoRecord}, exit: 1,
		cure:    "autodiscover.example.com. 3600 IN CNAME setup.example.net.",
		verdict: "finds nothing, because autoconfig.example.com and autodiscover.example.com have no address in DNS."},
	{name: "autodiscover is missing", fault: func(w *world) { w.set("autodiscover.example.com CNAME") },
		ids: []judge.ID{judge.NoRecord}, exit: 1, cure: "autodiscover.example.com. 3600 IN CNAME setup.example.net.",
		verdict: "Outlook (classic): by its published rules, finds nothing, because autodiscover.example.com has no address in DNS."},
	{name: "autoconfig is missing", fault: func(w *world) { w.set("autoconfig.example.com CNAME") },
		ids: []judge.ID{judge.NoRecord}, exit: 1, cure: "autoconfig.example.com. 3600 IN CNAME setup.example.net.",
		verdict: "sets itself up"}, // by Autodiscover
	{name: "alias of nothing", fault: func(w *world) { w.set("autoconfig.example.com CNAME", "gone.example.net.") },
		ids: []judge.ID{judge.DanglingAlias}, exit: 1, cure: "autoconfig.example.com. 3600 IN CNAME setup.example.net."},
	{name: "wildcard to somebody else", fault: func(w *world) {
		w.set("autoconfig.example.com CNAME")
		w.set("autodiscover.example.com CNAME")
		w.set("*.example.com A", foreignIP)
		w.web(foreignIP, http.HandlerFunc(page), w.ca.issue("*.parking.test"))
	}, ids: []judge.ID{judge.Wildcard}, exit: 1, cure: "autoconfig.example.com. 3600 IN CNAME setup.example.net."},
	{name: "wildcard whose pages look like answers", fault: func(w *world) {
		w.set("autoconfig.example.com CNAME")
		w.set("autodiscover.example.com CNAME")
		w.set("*.example.com A", foreignIP)
		w.web(foreignIP, http.HandlerFunc(page), w.ca.issue("*.example.com"))
	}, ids: []judge.ID{judge.Wildcard}, exit: 1, cure: "autoconfig.example.com. 3600 IN CNAME setup.example.net."},
	{name: "autodiscover is Microsoft's", fault: func(w *world) {
		w.set("autodiscover.example.com CNAME", "autodiscover.outlook.com.")
		w.set("autodiscover.outlook.com A", foreignIP)
	}, ids: []judge.ID{judge.Microsoft365}, exit: 1, cure: "leave the record as it is",
		verdict: "Outlook (classic): by its published rules, finds nothing, because autodiscover.example.com points to Microsoft 365."},
	{name: "signatures of DNSSEC are wrong", fault: func(w *world) {
		w.answers = func(q dns.Question, m *dns.Msg) bool {
			if !strings.HasSuffix(q.Name, ".example.com.") || m.CheckingDisabled {
				return false
			}
			m.Rcode = dns.RcodeServerFailure
			return true
		}
	}, ids: []judge.ID{judge.DNSSEC}, exit: 1, cure: "sign the zone again"},
	{name: "one name server lacks the record", fault: func(w *world) {
		w.set("example.com NS", "ns1.example.net.", "ns2.example.net.")
		w.set("ns2.example.net A", "192.0.2.54")
		w.stale = map[string]bool{"192.0.2.54:53": true}
	}, ids: []judge.ID{judge.NameServersDiffer}, exit: 1, cure: "every DNS provider"},
	{name: "the resolver does not know yet", fault: func(w *world) {
		w.stale = map[string]bool{nameServer + ":53": true}
		w.set("ns1.example.net A", "192.0.2.54")
	}, ids: []judge.ID{judge.NotPropagated}, exit: 1, cure: "Wait"},
	{name: "SRV leads to another domain", fault: func(w *world) {
		w.set("_autodiscover._tcp.example.com SRV", "0 0 443 settings.example.org.")
	}, ids: []judge.ID{judge.SRVElsewhere}, exit: 1, cure: "Delete the SRV record", verdict: "sets itself up"},
	{name: "SRV announces POP", fault: func(w *world) {
		w.set("_pop3s._tcp.example.com SRV", "0 1 995 pop.example.net.")
	}, ids: []judge.ID{judge.POPSRV}, exit: 1, cure: "_pop3s._tcp.example.com. 3600 IN SRV 0 0 0 ."},
	{name: "SRV names another IMAP server", fault: func(w *world) {
		w.set("_imaps._tcp.example.com SRV", "0 1 993 mail.example.com.")
	}, ids: []judge.ID{judge.SRVDiffers}, exit: 1, cure: "_imaps._tcp.example.com. 3600 IN SRV 0 1 993 imap.mail.me.com."},
	{name: "CAA forbids", fault: func(w *world) { w.set("example.com CAA", `0 issue ";"`) },
		ids: []judge.ID{judge.CAAForbids}, exit: 1, cure: `example.com. 3600 IN CAA 0 issue "letsencrypt.org"`, verdict: "sets itself up"},

	{name: "server is down", fault: func(w *world) {
		maps.DeleteFunc(w.serve, func(at string, _ func(net.Conn)) bool {
			return strings.HasPrefix(at, setupIP+":") || strings.HasPrefix(at, "[")
		})
	}, ids: []judge.ID{judge.Unreachable}, exit: 1, cure: "firewall"},
	{name: "http only", fault: func(w *world) {
		delete(w.serve, setupIP+":443")
		delete(w.serve, "["+setupIPv6+"]:443")
	}, ids: []judge.ID{judge.HTTPOnly}, exit: 1, cure: "mailsetup itself with --acme-email", verdict: "over plain http"},
	{name: "plain text on port 443", fault: func(w *world) {
		w.serve[setupIP+":443"], w.serve["["+setupIPv6+"]:443"] = w.serve[setupIP+":80"], w.serve[setupIP+":80"]
	}, ids: []judge.ID{judge.TLSFailed}, exit: 1, cure: "Or start mailsetup without a proxy, with --acme-email."},
	{name: "TLS 1.1", fault: func(w *world) {
		old := oldTLS(w.ca.issue(bothNames...), serveHTTP(w.mailsetup(w.table)))
		w.serve[setupIP+":443"], w.serve["["+setupIPv6+"]:443"] = old, old
	}, ids: []judge.ID{judge.TLSFailed}, exit: 1, cure: "TLS 1.2"},
	{name: "no certificate yet, without a proxy", fault: func(w *world) {
		none := overTLSConfig(&tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }}, serveHTTP(w.mailsetup(w.table)))
		w.serve[setupIP+":443"], w.serve["["+setupIPv6+"]:443"] = none, none
	}, ids: []judge.ID{judge.TLSFailed}, exit: 1, cure: "Without one, start mailsetup with --acme-email, or check its log for what the names are waiting for."},
	{name: "IPv6 is dead", fault: func(w *world) { delete(w.serve, "["+setupIPv6+"]:443") },
		ids: []judge.ID{judge.AddressDead}, exit: 1, cure: "delete its record", verdict: "sets itself up"},

	{name: "certificate for another name", fault: certificate(func(a *authority) tls.Certificate { return a.issue("setup.example.net") }),
		ids: []judge.ID{judge.CertificateName}, exit: 1, cure: "Get a certificate for autoconfig.example.com and autodiscover.example.com", verdict: "over plain http"},
	{name: "certificate has ended", fault: certificate(func(a *authority) tls.Certificate {
		return a.issueUntil(a.now.AddDate(0, 0, -3), bothNames...)
	}), ids: []judge.ID{judge.CertificateExpired}, exit: 1, cure: "(that of mailsetup, if it runs with --acme-email)"},
	{name: "certificate signed by itself", fault: certificate(func(a *authority) tls.Certificate { return a.selfSigned(bothNames...) }),
		ids: []judge.ID{judge.CertificateUntrusted}, exit: 1, cure: "Get a certificate for autoconfig.example.com and autodiscover.example.com"},
	{name: "certificate of a strange authority", fault: func(w *world) {
		w.setup(w.mailsetup(w.table), newAuthority(w.t, w.now).issue(bothNames...))
	}, ids: []judge.ID{judge.CertificateUntrusted}, exit: 1, cure: "--ca"},

	{name: "a page for everything", fault: front(func(*world, http.Handler) http.Handler { return http.HandlerFunc(page) }),
		ids: []judge.ID{judge.CatchAllPage}, exit: 1, cure: "404",
		verdict: "finds nothing, because autoconfig.example.com and autodiscover.example.com answer with a web page instead of settings"},
	{name: "the web site has a page for everything", fault: func(w *world) {
		w.web(siteIP, http.HandlerFunc(page), w.ca.issue("example.com"))
	}, ids: []judge.ID{judge.CatchAllPage}, exit: 1, cure: "404",
		verdict: "Outlook (classic): by its published rules, sets itself up."},
	{name: "wrong content type", fault: front(func(_ *world, h http.Handler) http.Handler {
		return changed(h, func(rec *httptest.ResponseRecorder) { rec.Header().Set("Content-Type", "application/octet-stream") })
	}), ids: []judge.ID{judge.ContentType}, exit: 1, cure: "text/xml", verdict: "finds nothing, because"},
	{name: "password", fault: front(func(*world, http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("WWW-Authenticate", "Basic")
			rw.WriteHeader(http.StatusUnauthorized)
		})
	}), ids: []judge.ID{judge.AsksForPassword}, exit: 1, cure: "Remove the password protection"},
	{name: "redirect to another domain", fault: front(func(w *world, h http.Handler) http.Handler {
		w.set("settings.example.org A", foreignIP)
		w.web(foreignIP, h, w.ca.issue("settings.example.org"))
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "https://settings.example.org"+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		})
	}), ids: []judge.ID{judge.RedirectElsewhere}, exit: 1, cure: "under the name that was asked"},
	{name: "redirect without a host", fault: front(func(_ *world, h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if rest, ok := strings.CutPrefix(r.URL.Path, "/there"); ok {
				r.URL.Path = rest
				h.ServeHTTP(rw, r)
				return
			}
			rw.Header().Set("Location", "/there"+r.URL.RequestURI())
			rw.WriteHeader(http.StatusPermanentRedirect)
		})
	}), ids: []judge.ID{judge.RedirectRelative}, exit: 1, cure: "full URL", verdict: "Delta Chat: finds nothing"},
	{name: "the server lacks the domain", fault: table(""),
		ids: []judge.ID{judge.NotServed}, exit: 1, cure: "--domain example.com=icloud"},
	{name: "error 502", fault: front(func(*world, http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) })
	}), ids: []judge.ID{judge.ServerError}, exit: 1, cure: "the proxy does not reach mailsetup"},
	{name: "too slow", fault: func(w *world) {
		w.limit.Answer = 1500 * time.Millisecond
		front(func(*world, http.Handler) http.Handler {
			return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
				panic(http.ErrAbortHandler) // an empty answer could still arrive
			})
		})(w)
	}, ids: []judge.ID{judge.Slow}, exit: 1, cure: "what delays the answer"},
	{name: "hangs up", fault: front(func(*world, http.Handler) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	}), ids: []judge.ID{judge.NoAnswer}, exit: 1, cure: "log"},
	{name: "an old table: another host", fault: table(strings.Replace(familyTable, "domains:", `
providers:
  icloud: {imap: [{host: imap.old.test, port: 993, security: tls, username: localpart}]}
domains:`, 1)), ids: []judge.ID{judge.SettingsDiffer}, exit: 1, cure: "reload",
		verdict: `uses wrong settings: incoming host is "imap.old.test" instead of "imap.mail.me.com".`},
	{name: "an old table: another login", fault: table("\ndomains:\n  example.com: {provider: icloud, login: other@icloud.com}\n"),
		ids: []judge.ID{judge.SettingsDiffer}, exit: 1, cure: "reload", verdict: "login differs"},
	{name: "XML that is none of ours", fault: front(func(*world, http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/xml")
			io.WriteString(rw, "<error><code>7</code></error>")
		})
	}), ids: []judge.ID{judge.UnusableDocument}, exit: 1, cure: "mailsetup itself answers"},
	{name: "ActiveSync is announced", fault: front(func(_ *world, h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			if bytes.Contains(body, []byte("mobilesync")) {
				rw.Header().Set("Content-Type", "text/xml")
				io.WriteString(rw, `<Autodiscover><Response><Action><Settings><Server><Type>MobileSync</Type><Url>https://eas.example.org/</Url></Server></Settings></Action></Response></Autodiscover>`)
				return
			}
			h.ServeHTTP(rw, r)
		})
	}), ids: []judge.ID{judge.AnnouncesActiveSync}, exit: 1, cure: "point autodiscover to mailsetup"},

	{name: "IMAP without TLS", fault: func(w *world) { w.serve[imapIP+":993"] = w.imapServer(imapCaps) },
		ids: []judge.ID{"imap-no-tls"}, exit: 1, cure: "Compare the server in your table", verdict: "sets itself up; but a mail server has a fault"},
	{name: "IMAP certificate for another name", fault: func(w *world) {
		w.serve[imapIP+":993"] = overTLS(w.ca.issue("mail.example.net"), w.imapServer(imapCaps))
	}, ids: []judge.ID{"imap-certificate"}, exit: 1, cure: "Compare the server in your table"},
	{name: "IMAP accepts no password", fault: func(w *world) {
		w.serve[imapIP+":993"] = overTLS(w.ca.issue("imap.mail.me.com"), w.imapServer("IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2"))
	}, ids: []judge.ID{"imap-no-auth"}, exit: 1, cure: "Compare the server in your table"},
	{name: "IMAP is something else", fault: func(w *world) {
		w.serve[imapIP+":993"] = overTLS(w.ca.issue("imap.mail.me.com"), func(conn net.Conn) {
			io.WriteString(conn, "220 files ready\r\n")
			conn.Close()
		})
	}, ids: []judge.ID{"imap-bad-greeting"}, exit: 1, cure: "Compare the server in your table"},
	{name: "IMAP is down", fault: func(w *world) { delete(w.serve, imapIP+":993") },
		ids: []judge.ID{"imap-unreachable"}, exit: 1, cure: "another network"},
	{name: "SMTP without STARTTLS", fault: func(w *world) {
		w.serve[smtpIP+":587"] = w.smtpServer(w.ca.issue("smtp.mail.me.com"), "AUTH PLAIN", "")
	}, ids: []judge.ID{"smtp-no-starttls"}, exit: 1, cure: "Compare the server in your table"},
	{name: "SMTP certificate for another name", fault: func(w *world) {
		w.serve[smtpIP+":587"] = w.smtpServer(w.ca.issue("mx.example.net"), "STARTTLS", "AUTH PLAIN")
	}, ids: []judge.ID{"smtp-certificate"}, exit: 1, cure: "Compare the server in your table"},
	{name: "SMTP accepts no login", fault: func(w *world) {
		w.serve[smtpIP+":587"] = w.smtpServer(w.ca.issue("smtp.mail.me.com"), "STARTTLS", "")
	}, ids: []judge.ID{"smtp-no-auth"}, exit: 1, cure: "Compare the server in your table"},
	{name: "SMTP host has no address", fault: func(w *world) { w.set("smtp.mail.me.com A") },
		ids: []judge.ID{"smtp-no-name"}, exit: 1, cure: "Compare the server in your table"},

	{name: "resolver is down", fault: func(w *world) {
		w.cfg = func(c *Config) { c.Resolvers = []string{"192.0.2.1:53"} }
		w.refuse = map[string]error{"192.0.2.1:53": syscall.ECONNREFUSED}
	}, ids: []judge.ID{judge.DNSUnknown}, exit: 3, cure: "Check the network of this machine", verdict: "unknown, because"},
	{name: "SERVFAIL", fault: func(w *world) {
		w.answers = func(q dns.Question, m *dns.Msg) bool {
			if strings.HasSuffix(q.Name, ".example.com.") {
				m.Rcode = dns.RcodeServerFailure
				return true
			}
			return false
		}
	}, ids: []judge.ID{judge.DNSUnknown}, exit: 3, cure: "--resolver", verdict: "unknown, because"},
	{name: "SERVFAIL for one name", fault: func(w *world) {
		w.answers = func(q dns.Question, m *dns.Msg) bool {
			if q.Name == "autodiscover.example.com." {
				m.Rcode = dns.RcodeServerFailure
				return true
			}
			return false
		}
	}, ids: []judge.ID{judge.DNSUnknown}, exit: 3, verdict: "sets itself up"},
	{name: "IPv6 only, seen from a network without IPv6", fault: func(w *world) {
		w.set("setup.example.net A")
		w.refuse = map[string]error{"[" + setupIPv6 + "]:443": syscall.ENETUNREACH, "[" + setupIPv6 + "]:80": syscall.ENETUNREACH}
	}, ids: []judge.ID{judge.Unreachable}, exit: 3, cure: "machine with IPv6", verdict: "unknown, because"},
	{name: "time is up", fault: func(w *world) {
		w.limit.Overall = 2 * time.Second
		front(func(*world, http.Handler) http.Handler {
			return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
				panic(http.ErrAbortHandler) // an empty answer could still arrive
			})
		})(w)
	}, ids: []judge.ID{judge.OutOfTime}, exit: 3, cure: "Try again", verdict: "unknown, because"},
	{name: "resolver never answers", fault: func(w *world) {
		w.limit.Query = 200 * time.Millisecond
		w.answers = func(q dns.Question, m *dns.Msg) bool { m.Rcode = -1; return q.Name != "example.com." }
	}, ids: []judge.ID{judge.DNSUnknown}, exit: 3, verdict: "unknown, because"},
}

func changed(h http.Handler, change func(*httptest.ResponseRecorder)) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		change(rec)
		maps.Copy(rw.Header(), rec.Header())
		rw.WriteHeader(rec.Code)
		rw.Write(rec.Body.Bytes())
	})
}

// pageInstead answers every GET with a page where it would be a 404.
func pageInstead(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code == http.StatusNotFound && r.Method == http.MethodGet && !strings.Contains(r.URL.Path, "auto") {
			page(rw, r)
			return
		}
		maps.Copy(rw.Header(), rec.Header())
		rw.WriteHeader(rec.Code)
		rw.Write(rec.Body.Bytes())
	})
}

// check checks one world.
func (b broken) check(t *testing.T) report.Report {
	w := newWorld(t)
	b.fault(w)
	r := w.check()
	severity := judge.Problem
	if b.exit == 3 {
		severity = judge.Unknown
	}
	var ids []judge.ID
	text := ""
	for _, f := range r.Findings {
		if f.Severity == judge.Problem || f.Severity == severity {
			ids = append(ids, f.ID)
			text += strings.Join(append(f.Cure, f.Records...), "\n")
		}
	}
	slices.Sort(ids)
	want := slices.Sorted(slices.Values(b.ids))
	if !slices.Equal(ids, want) || r.Exit() != b.exit {
		t.Errorf("exit status %d with %v, want %d with %v", r.Exit(), ids, b.exit, want)
	}
	if !strings.Contains(text, b.cure) {
		t.Errorf("the cure does not say %q: %q", b.cure, text)
	}
	client, part := "Thunderbird", b.verdict
	if name, rest, ok := strings.Cut(b.verdict, ": "); ok && !strings.HasPrefix(b.verdict, "takes") {
		client, part = name, rest
	}
	for _, v := range r.Verdicts {
		if v.Client == client && !strings.Contains(v.Text, part) {
			t.Errorf("%s %s: want %q", v.Client, v.Text, part)
		}
	}
	if t.Failed() {
		var s strings.Builder
		r.Text(&s, report.TextOptions{})
		fmt.Fprintln(t.Output(), &s)
	}
	return r
}
