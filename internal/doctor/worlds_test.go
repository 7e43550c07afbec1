package doctor

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/provider/providertest"
)

// A placed world has one fault, in one place. Its finding must be the only one of its
// severity.
type placed struct {
	name     string
	fault    func(*world)
	id       judge.ID
	severity judge.Severity
	place    judge.Place
	what     string // part of the finding
	cure     string // part of the steps or records
	not      string // what no part of the report may say
}

// site changes the domain's own web site.
func site(h http.Handler) func(*world) {
	return func(w *world) { w.web(siteIP, h, w.ca.issue("example.com")) }
}

// answering gives every request one answer.
func answering(status int, contentType, body string) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", contentType)
		rw.WriteHeader(status)
		io.WriteString(rw, body)
	})
}

func redirecting(to string) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Location", to)
		rw.WriteHeader(http.StatusFound)
	})
}

func always(h http.Handler) func(*world) {
	return front(func(*world, http.Handler) http.Handler { return h })
}

var placedWorlds = []placed{
	{name: "the web site shows its hoster's certificate", fault: func(w *world) {
		w.web(siteIP, http.NotFoundHandler(), w.ca.issue("*.hoster.test"))
	}, id: judge.CertificateName, severity: judge.Warning, place: judge.WebSite, cure: "Give the web site a valid certificate for example.com", not: "ACME"},
	{name: "the web site's certificate has ended", fault: func(w *world) {
		w.web(siteIP, http.NotFoundHandler(), w.ca.issueUntil(w.now.AddDate(0, 0, -1), "example.com"))
	}, id: judge.CertificateExpired, severity: judge.Warning, place: judge.WebSite, cure: "Give the web site a valid certificate", not: "ACME"},
	{name: "the web site signs its own certificate", fault: func(w *world) {
		w.web(siteIP, http.NotFoundHandler(), w.ca.selfSigned("example.com"))
	}, id: judge.CertificateUntrusted, severity: judge.Warning, place: judge.WebSite, cure: "Give the web site a valid certificate", not: "--ca"},
	{name: "the web site leads all to a log-in page", fault: func(w *world) {
		site(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/login" {
				page(rw, r)
				return
			}
			redirecting("/login").ServeHTTP(rw, r)
		}))(w)
	}, id: judge.CatchAllPage, severity: judge.Problem, place: judge.WebSite, cure: "Make the web site of example.com answer 404", not: "full URL"},
	{name: "the web site asks for a password", fault: site(answering(401, "text/html", "log in")),
		id: judge.AsksForPassword, severity: judge.Problem, place: judge.WebSite, cure: "Make the web site of example.com answer 404", not: "Remove the password"},
	{name: "the web site redirects in a circle", fault: site(redirecting("/")),
		id: report.Good, severity: judge.Pass, not: "loop"},
	{name: "the web site sends half an XML", fault: site(answering(200, "text/xml", "<clientConfig>")),
		id: judge.UnusableDocument, severity: judge.Problem, place: judge.WebSite, cure: "Make the web site of example.com answer 404", not: "SIGHUP"},
	{name: "the web site has an empty success", fault: site(answering(200, "text/plain", "")),
		id: judge.UnusableDocument, severity: judge.Problem, place: judge.WebSite, cure: "Make the web site of example.com answer 404", not: "EOF"},

	{name: "our names redirect in a circle", fault: always(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "https://"+r.Host+r.URL.RequestURI(), http.StatusMovedPermanently)
	})), id: judge.RedirectCircle, severity: judge.Problem, place: judge.OurNames, cure: "two proxies", not: "stopped after"},
	{name: "our names redirect to a page", fault: front(func(_ *world, h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/login" {
				page(rw, r)
				return
			}
			redirecting("/login").ServeHTTP(rw, r)
		})
	}), id: judge.CatchAllPage, severity: judge.Problem, place: judge.OurNames, cure: "Answer unknown paths with 404", not: "full URL"},
	{name: "empty answers", fault: always(answering(200, "text/xml", "")),
		id: judge.UnusableDocument, severity: judge.Problem, place: judge.OurNames, cure: "mailsetup itself answers", not: "EOF"},
	{name: "broken XML", fault: always(answering(200, "text/xml", "<clientConfig version=\"1.1\"><emailProvider id=")),
		id: judge.UnusableDocument, severity: judge.Problem, place: judge.OurNames, cure: "mailsetup itself answers", not: "syntax error"},
	{name: "XML in a charset that some do not know", fault: always(answering(200, "text/xml", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><clientConfig/>")),
		id: judge.UnusableDocument, severity: judge.Problem, place: judge.OurNames, cure: "mailsetup itself answers", not: "CharsetReader"},
	{name: "settings without servers", fault: always(answering(200, "text/xml", `<clientConfig version="1.1"><emailProvider id="example.com"><domain>example.com</domain></emailProvider></clientConfig>`)),
		id: judge.UnusableDocument, severity: judge.Problem, place: judge.OurNames, cure: "mailsetup itself answers"},
	{name: "an Autodiscover error at status 200", fault: always(answering(200, "text/xml", `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response><Error><ErrorCode>500</ErrorCode></Error></Response></Autodiscover>`)),
		id: judge.UnusableDocument, severity: judge.Problem, place: judge.OurNames, cure: "mailsetup itself answers"},
	{name: "status 403", fault: always(answering(403, "text/plain", "no")),
		id: judge.Blocked, severity: judge.Problem, place: judge.OurNames, cure: "CDN", not: "table lacks"},
	{name: "status 429", fault: always(answering(429, "text/plain", "slow down")),
		id: judge.Blocked, severity: judge.Problem, place: judge.OurNames, cure: "without a limit"},
	{name: "status 500", fault: always(answering(500, "text/plain", "oops")),
		id: judge.ServerError, severity: judge.Problem, place: judge.OurNames, cure: "logs of mailsetup"},
	{name: "status 407", fault: always(answering(407, "text/plain", "proxy")),
		id: judge.AsksForPassword, severity: judge.Problem, place: judge.OurNames, cure: "Remove the password protection"},
	{name: "JSON for everything", fault: always(answering(200, "application/json", `{"status":"ok"}`)),
		id: judge.UnusableDocument, severity: judge.Problem, place: judge.OurNames, cure: "mailsetup itself answers", not: "that there is ActiveSync"},
	{name: "settings for anybody", fault: func(w *world) {
		h := w.mailsetup(w.table)
		w.setup(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(body), "nobody.invalid", "example.com")))
			r.ContentLength = -1
			h.ServeHTTP(rw, r)
		}), w.ca.issue(bothNames...))
	}, id: judge.AnswersEverybody, severity: judge.Warning, place: judge.OurNames, cure: "Answer 404 for domains that are not yours"},

	{name: "Outlook's request is led to another port", fault: front(func(_ *world, h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				http.Redirect(rw, r, "https://"+r.Host+":8443"+r.URL.Path, http.StatusTemporaryRedirect)
				return
			}
			h.ServeHTTP(rw, r)
		})
	}), id: judge.RedirectPost, severity: judge.Problem, place: judge.OurNames, cure: "redirect to such a URL"},
	{name: "SRV leads to an alias", fault: func(w *world) {
		w.set("_autodiscover._tcp.example.com SRV", "0 0 443 setup2.example.com.")
		w.set("setup2.example.com CNAME", "setup.example.net.")
	}, id: judge.SRVAlias, severity: judge.Warning, place: judge.ZoneFile, cure: "Delete the SRV record"},
	{name: "SRV leads to Microsoft", fault: func(w *world) {
		w.set("_autodiscover._tcp.example.com SRV", "0 0 443 autodiscover.outlook.com.")
	}, id: judge.Microsoft365, severity: judge.Problem, place: judge.ZoneFile, cure: "leave the record as it is"},
	{name: "SRV says that there is no IMAP", fault: func(w *world) {
		w.set("_imaps._tcp.example.com SRV", "0 0 0 .")
	}, id: judge.SRVDiffers, severity: judge.Problem, place: judge.ZoneFile, cure: "_imaps._tcp.example.com. 3600 IN SRV 0 1 993 imap.mail.me.com."},
	{name: "SRV of a service that is not documented", fault: func(w *world) {
		w.set("_submissions._tcp.example.com SRV", "0 0 465 mail.example.org.")
	}, id: judge.SRVDiffers, severity: judge.Problem, place: judge.ZoneFile, cure: "Delete _submissions._tcp.example.com"},
	{name: "CAA for a wildcard certificate forbids", fault: func(w *world) {
		w.setup(w.mailsetup(w.table), w.ca.issue("*.example.com"))
		w.set("example.com CAA", `0 issue "letsencrypt.org"`, `0 issuewild ";"`)
	}, id: judge.CAAForbids, severity: judge.Problem, place: judge.ZoneFile, cure: `0 issuewild "letsencrypt.org"`},
	{name: "CAA for wildcards does not concern a plain certificate", fault: func(w *world) {
		w.set("example.com CAA", `0 issue "letsencrypt.org"`, `0 issuewild ";"`)
	}, id: report.Good, severity: judge.Pass, not: "CAA record of"},
	{name: "CAA at the target of the alias", fault: func(w *world) {
		w.set("setup.example.net CAA", `0 issue ";"`)
	}, id: judge.CAAForbids, severity: judge.Problem, place: judge.ZoneFile, cure: "Add this record at setup.example.net", not: "autoconfig.example.com. 3600 IN CAA"},
	{name: "an alias of itself", fault: func(w *world) {
		w.set("autoconfig.example.com CNAME", "autoconfig.example.com.")
	}, id: judge.DanglingAlias, severity: judge.Problem, place: judge.ZoneFile, cure: "autoconfig.example.com. 3600 IN CNAME setup.example.net.", not: "an address, or"},
	{name: "no mail exchanger", fault: func(w *world) { w.set("example.com MX") },
		id: judge.MXMissing, severity: judge.Warning, place: judge.ZoneFile, cure: "10 mx01.mail.icloud.com."},
	{name: "the null MX", fault: func(w *world) { w.set("example.com MX", "0 .") },
		id: judge.MXMissing, severity: judge.Warning, place: judge.ZoneFile, cure: "10 mx01.mail.icloud.com."},
	{name: "the domain is an alias", fault: func(w *world) {
		w.set("example.com A")
		w.set("example.com MX")
		w.set("example.com NS")
		w.set("example.com CNAME", "pages.example.org.")
		w.set("pages.example.org A", siteIP)
	}, id: judge.ApexAlias, severity: judge.Warning, place: judge.ZoneFile, cure: "Replace the CNAME record", not: "IN MX"},
	{name: "the domain is an alias of a name with its own mail", fault: func(w *world) {
		w.set("example.com A")
		w.set("example.com MX")
		w.set("example.com NS")
		w.set("example.com CNAME", "pages.example.org.")
		w.set("pages.example.org A", siteIP)
		w.set("pages.example.org MX", "10 mx.example.org.")
	}, id: judge.MXElsewhere, severity: judge.Warning, place: judge.ZoneFile, cure: "is an alias", not: "example.com. 3600 IN MX"},
	{name: "a private address in public DNS", fault: func(w *world) {
		w.set("autoconfig.example.com CNAME")
		w.set("autoconfig.example.com A", "192.168.1.4")
	}, id: judge.PrivateAddress, severity: judge.Problem, place: judge.ZoneFile, cure: "public address"},
	{name: "a private address of the web site", fault: func(w *world) { w.set("example.com A", "10.0.0.3") },
		id: judge.PrivateAddress, severity: judge.Warning, place: judge.ZoneFile, cure: "public address"},
	{name: "the web site leads to a private place", fault: site(redirecting("http://192.168.1.1/")),
		id: judge.RedirectPrivate, severity: judge.Warning, place: judge.WebSite, cure: "Make the web site of example.com answer 404"},

	{name: "the resolver denies everything", fault: func(w *world) {
		w.answers = func(_ dns.Question, m *dns.Msg) bool { m.Rcode = dns.RcodeNameError; return true }
	}, id: judge.CutOff, severity: judge.Unknown, place: judge.ZoneFile, cure: "Sign in to the network", not: "imap.mail.me.com"},
	{name: "IMAP says that it is full", fault: func(w *world) {
		w.serve[imapIP+":993"] = overTLS(w.ca.issue("imap.mail.me.com"), w.imapServer("NOTHING"))
	}, id: "imap-no-capability", severity: judge.Problem, place: judge.MailService, cure: "Compare the server in your table"},
	{name: "IMAP certificate has ended", fault: func(w *world) {
		w.serve[imapIP+":993"] = overTLS(w.ca.issueUntil(w.now.AddDate(0, 0, -1), "imap.mail.me.com"), w.imapServer(imapCaps))
	}, id: "imap-certificate", severity: judge.Problem, place: judge.MailService, cure: "Compare the server in your table", not: "ACME"},
	{name: "IMAP certificate ends soon", fault: func(w *world) {
		w.serve[imapIP+":993"] = overTLS(w.ca.issueUntil(w.now.AddDate(0, 0, 5), "imap.mail.me.com"), w.imapServer(imapCaps))
	}, id: "imap-certificate-expiring", severity: judge.Warning, place: judge.MailService, cure: "the mail service renews it", not: "ACME"},
	{name: "IMAP is at a private address", fault: func(w *world) { w.set("imap.mail.me.com A", "10.2.3.4") },
		id: "imap-private-address", severity: judge.Problem, place: judge.MailService, cure: "Compare the server in your table"},
	{name: "SMTP is down", fault: func(w *world) { delete(w.serve, smtpIP+":587") },
		id: "smtp-unreachable", severity: judge.Problem, place: judge.MailService, cure: "another network"},
	{name: "SMTP refuses at once", fault: func(w *world) {
		w.serve[smtpIP+":587"] = greeting("554 go away\r\n")
	}, id: "smtp-bad-greeting", severity: judge.Problem, place: judge.MailService, cure: "Compare the server in your table", not: "go away"},
	{name: "IMAP speaks only TLS 1.1", fault: func(w *world) {
		w.serve[imapIP+":993"] = oldTLS(w.ca.issue("imap.mail.me.com"), w.imapServer(imapCaps))
	}, id: "imap-tls-failed", severity: judge.Problem, place: judge.MailService, cure: "Compare the server in your table", not: "protocol version not supported"},
	{name: "the web site is slow", fault: func(w *world) {
		w.limit.Answer = 1500 * time.Millisecond
		site(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // an empty answer could still arrive
		}))(w)
	}, id: report.Good, severity: judge.Pass, not: "what delays the answer"},
	{name: "a hoster's settings at the web site, by http too", fault: func(w *world) {
		old := w.mailsetup(providertest.Table(w.t, "\nproviders:\n  icloud: {imap: [{host: imap.old.test, port: 993, security: tls, username: localpart}]}\n"+strings.TrimLeft(familyTable, "\n")))
		site(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/.well-known/autoconfig/") {
				http.NotFound(rw, r)
				return
			}
			old.ServeHTTP(rw, r)
		}))(w)
	}, id: judge.SettingsElsewhere, severity: judge.Warning, place: judge.WebSite, cure: "Make the web site answer 404 there", not: "SIGHUP"},
	{name: "no POST gets through", fault: front(func(_ *world, h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				rw.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			h.ServeHTTP(rw, r)
		})
	}), id: judge.NotServed, severity: judge.Problem, place: judge.OurNames, cure: "methods unchanged", not: "has the domain"},
	{name: "a redirect to a domain whose name servers fail", fault: func(w *world) {
		w.answers = func(q dns.Question, m *dns.Msg) bool {
			if q.Name != "gone.example.org." {
				return false
			}
			m.Rcode = dns.RcodeServerFailure
			return true
		}
		front(func(*world, http.Handler) http.Handler { return redirecting("https://gone.example.org/") })(w)
	}, id: judge.RedirectElsewhere, severity: judge.Problem, place: judge.OurNames, cure: "under the name that was asked"},
	{name: "a redirect to a domain that is not there", fault: func(w *world) {
		front(func(*world, http.Handler) http.Handler { return redirecting("https://gone.example.org/") })(w)
	}, id: judge.RedirectElsewhere, severity: judge.Problem, place: judge.OurNames, cure: "under the name that was asked", not: "unknown"},
	{name: "the name servers have lost the records", fault: func(w *world) {
		w.set("ns1.example.net A", "192.0.2.54")
		w.stale = map[string]bool{"192.0.2.54:53": true}
	}, id: judge.OnlyRemembered, severity: judge.Problem, place: judge.ZoneFile, cure: "autoconfig.example.com. 3600 IN CNAME setup.example.net.", not: "disagree"},
	{name: "certificate ends soon", fault: func(w *world) {
		w.setup(w.mailsetup(w.table), w.ca.issueUntil(w.now.AddDate(0, 0, 10), bothNames...))
	}, id: judge.CertificateExpiring, severity: judge.Warning, place: judge.OurNames, cure: "2026-06-11"},
	{name: "one certificate for many domains", fault: func(w *world) {
		w.set("_autodiscover._tcp.example.com SRV", "0 0 443 setup.example.net.")
	}, id: judge.SRVElsewhere, severity: judge.Warning, place: judge.ZoneFile, cure: "--srv-only"},
	{name: "no null SRV", fault: func(w *world) { w.set("_pop3._tcp.example.com SRV") },
		id: judge.NullSRV, severity: judge.Optional, place: judge.ZoneFile, cure: "_pop3._tcp.example.com. 3600 IN SRV 0 0 0 ."},
	{name: "no SRV", fault: func(w *world) { w.set("_imaps._tcp.example.com SRV") },
		id: judge.SRVMissing, severity: judge.Optional, place: judge.ZoneFile, cure: "_imaps._tcp.example.com. 3600 IN SRV 0 1 993 imap.mail.me.com."},
	{name: "mail goes elsewhere", fault: func(w *world) { w.set("example.com MX", "10 mx.filter.test.") },
		id: judge.MXElsewhere, severity: judge.Warning, place: judge.ZoneFile, cure: "10 mx01.mail.icloud.com."},
	{name: "mail goes to two hosts elsewhere", fault: func(w *world) { w.set("example.com MX", "10 mx1.filter.test.", "20 mx2.filter.test.") },
		id: judge.MXElsewhere, severity: judge.Warning, place: judge.ZoneFile, what: "mx1.filter.test and mx2.filter.test", cure: "10 mx01.mail.icloud.com."},
	{name: "no login known", fault: func(w *world) {
		w.table = providertest.Table(w.t, "\ndomains: {example.com: icloud}\n")
		w.setup(w.mailsetup(w.table), w.ca.issue(bothNames...))
	}, id: judge.LoginUnknown, severity: judge.Warning, place: judge.OurNames, cure: "State the logins"},
	{name: "no IPv6 here", fault: func(w *world) {
		w.refuse = map[string]error{"[" + setupIPv6 + "]:443": syscall.ENETUNREACH}
	}, id: judge.NoIPv6Here, severity: judge.Optional, place: judge.OurNames},
	{name: "a page for unknown paths", fault: func(w *world) {
		w.setup(pageInstead(w.mailsetup(w.table)), w.ca.issue(bothNames...))
	}, id: judge.CatchAllPage, severity: judge.Warning, place: judge.OurNames, cure: "404"},
	{name: "a wildcard that leads to the server", fault: func(w *world) {
		w.set("autoconfig.example.com CNAME")
		w.set("autodiscover.example.com CNAME")
		w.set("*.example.com CNAME", "setup.example.net.")
	}, id: report.Good, severity: judge.Pass},
}

// check checks one world.
func (p placed) check(t *testing.T) report.Report {
	w := newWorld(t)
	p.fault(w)
	r := w.check()
	all := text(t, r, report.TextOptions{})
	var ids []judge.ID
	for _, f := range r.Findings {
		if f.Severity <= p.severity && f.Severity != judge.Pass {
			ids = append(ids, f.ID)
		}
	}
	if p.severity == judge.Pass {
		if len(ids) > 0 {
			t.Errorf("%v where nothing is wrong\n%s", ids, all)
		}
	} else if f := finding(r, p.id); !slices.Equal(ids, []judge.ID{p.id}) || f.Severity != p.severity || f.Place != p.place || !strings.Contains(f.What, p.what) || !strings.Contains(words(f), p.cure) {
		t.Errorf("%v, %+v; want %s (%s, %s) with %q and %q\n%s", ids, f, p.id, p.severity, p.place, p.what, p.cure, all)
	}
	if p.not != "" && strings.Contains(all, p.not) {
		t.Errorf("the report says %q\n%s", p.not, all)
	}
	return r
}

// TestWorlds checks every world, and that every fault that has words has a world.
func TestWorlds(t *testing.T) {
	worlds := map[string]func(*testing.T) report.Report{}
	for _, b := range brokenWorlds {
		worlds[b.name] = b.check
	}
	for _, p := range placedWorlds {
		worlds[p.name] = p.check
	}
	if n := len(brokenWorlds) + len(placedWorlds); n != len(worlds) {
		t.Fatalf("%d worlds have %d names", n, len(worlds))
	}
	var mu sync.Mutex
	emitted := map[judge.ID]bool{}
	t.Run("all", func(t *testing.T) {
		for name, check := range worlds {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := check(t)
				checkWords(t, r)
				mu.Lock()
				defer mu.Unlock()
				for _, f := range r.Findings {
					emitted[f.ID] = true
				}
			})
		}
	})
	for _, id := range report.IDs() {
		short := judge.ID(strings.TrimPrefix(string(id), "mail-"))
		if !emitted[id] && !emitted["imap-"+short] && !emitted["smtp-"+short] {
			t.Errorf("no world has the fault %s", id)
		}
	}
}

// Libraries phrase their errors in terms of calls and addresses, which do not help
// the reader of a report.
var libraryWords = []string{
	"dial ", "lookup ", "x509", "tls:", "EOF", "context", "deadline", "Decoder", "unexpected", "syscall", "read tcp", "i/o", "net/http",
	"strconv", "invalid", "malformed", "%!", "<nil>", "reset by peer", "syntax error", "goroutine",
}

// checkWords: no finding quotes a library or lacks its place, no problem lacks a fix,
// and no URL is reported as both good and bad.
func checkWords(t *testing.T, r report.Report) {
	all := text(t, r, report.TextOptions{Verbose: true})
	for _, word := range libraryWords {
		if strings.Contains(strings.ReplaceAll(all, "context=", ""), word) {
			t.Errorf("the report says %q:\n%s", word, all)
		}
	}
	for _, v := range r.Verdicts {
		if (v.Result == judge.Nothing || v.Text == "unknown.") && !strings.Contains(v.Text, ", because ") {
			t.Errorf("%s %s Why?\n%s", v.Client, v.Text, all)
		}
	}
	for _, f := range r.Findings {
		if f.Severity == judge.Problem && len(f.Cure)+len(f.Records) == 0 {
			t.Errorf("%s has no fix: %s", f.ID, f.What)
		}
		if (f.Place == 0) != (f.Severity == judge.Pass) {
			t.Errorf("%s has place %q", f.ID, f.Place)
		}
		if f.Severity == judge.Pass && strings.Contains(f.What, "https://") {
			url := strings.Fields(f.What)[1]
			for _, other := range r.Findings {
				if other.Severity == judge.Problem && slices.Contains(strings.Fields(strings.NewReplacer(",", " ", "(", " ").Replace(other.What)), url) {
					t.Errorf("%s is reported as good and bad:\n%s", url, all)
				}
			}
		}
	}
}
