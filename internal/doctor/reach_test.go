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
)

func TestSpecialKind(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1": "loopback", "127.8.9.10": "loopback", "::1": "loopback", "::ffff:127.0.0.1": "loopback",
		"169.254.169.254": "metadata", "fd00:ec2::254": "metadata", "168.63.129.16": "metadata", "100.100.100.200": "metadata",
		"169.254.1.1": "link-local", "fe80::1": "link-local", "fe80::1%eth0": "link-local",
		"10.0.0.1": "private", "172.31.255.255": "private", "192.168.1.1": "private", "100.64.0.1": "private", "fd12::1": "private",
		"0.0.0.0": "not an address of a host", "224.0.0.1": "not an address of a host", "255.255.255.255": "not an address of a host", "::": "not an address of a host",
		"64:ff9b::7f00:1": "loopback", "64:ff9b::a9fe:a9fe": "metadata", "2002:a00:1::": "private", "::10.0.0.1": "private",
		"17.42.251.62": "", "172.32.0.1": "", "2620:149::1": "", "64:ff9b::112a:fb3e": "",
	} {
		got := specialKind(netip.MustParseAddr(address))
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q", address, got, want)
		}
	}
}

// dialledSpecial returns the addresses outside the public internet that were dialled.
func (w *world) dialledSpecial() (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.dialled {
		if specialKind(netip.MustParseAddrPort(a).Addr()) != "" {
			all = append(all, a)
		}
	}
	return all
}

func (r Report) finding(id ID) Finding {
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.ID == id && f.Severity != Pass })
	if i < 0 {
		return Finding{}
	}
	return r.Findings[i]
}

// Whoever controls a domain's DNS must not choose what the doctor connects to in
// its own network.
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
			f := r.finding(PrivateAddress)
			if want := (name != "example.com"); (f.Severity == Problem) != want || !strings.Contains(f.What, address) {
				t.Errorf("%s at %s: %+v", name, address, f)
			}
		}
	}
}

// Whoever checks a network of their own may say so.
func TestAllowPrivate(t *testing.T) {
	w := newWorld(t)
	w.set("setup.example.net A", "10.1.2.3")
	w.set("setup.example.net AAAA")
	w.web("10.1.2.3", w.mailsetup(w.table), w.ca.issue(bothNames...))
	w.cfg = func(c *Config) { c.AllowPrivate = true }
	r := w.check()
	if r.Exit() != 0 || r.finding(PrivateAddress).Severity != Warning {
		t.Error(text(t, r, TextOptions{}))
	}
}

// Where an address of each kind stands, clients that take the private one fail.
func TestPrivateBesidePublic(t *testing.T) {
	w := newWorld(t)
	w.set("setup.example.net A", "10.1.2.3", setupIP)
	r := w.check()
	if f := r.finding(PrivateAddress); f.Severity != Problem || len(w.dialledSpecial()) > 0 || r.Count(Problem) != 1 {
		t.Error(w.dialledSpecial(), text(t, r, TextOptions{}))
	}
}

func TestPrivateMailServer(t *testing.T) {
	w := newWorld(t)
	w.set("imap.mail.me.com A", "127.0.0.1")
	r := w.check()
	if f := r.finding("imap-private-address"); f.Severity != Problem || len(w.dialledSpecial()) > 0 {
		t.Error(text(t, r, TextOptions{}))
	}
}

// Nor may a name server of the domain be the doctor's own network.
func TestPrivateNameServer(t *testing.T) {
	w := newWorld(t)
	w.set("ns1.example.net A", "127.0.0.1")
	w.stale = map[string]bool{"127.0.0.1:53": true}
	if r := w.check(); r.finding(NotPropagated).ID != "" || r.finding(NameServersDiffer).ID != "" {
		t.Error("a name server on loopback was asked")
	}
}

// A web server must not aim the doctor at a service that trusts its neighbours.
func TestRedirectsAreNoWeapon(t *testing.T) {
	for _, c := range []struct {
		to   string
		want ID
	}{
		{"http://169.254.169.254/latest/meta-data/", RedirectPost},
		{"https://127.0.0.1/autodiscover/autodiscover.xml", RedirectPrivate},
		{"https://inside.example.com/autodiscover/autodiscover.xml", RedirectPrivate},
		{"http://127.0.0.1:8081/-/reload", RedirectPost},
		{"https://setup.example.net/-/reload", RedirectPost},
		{"https://setup.example.net:8443/autodiscover/autodiscover.xml", RedirectPost},
		{"http://setup.example.net/autodiscover/autodiscover.xml", RedirectPost},
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
		if r.finding(c.want).Severity != Problem {
			t.Errorf("%s: no %s\n%s", c.to, c.want, text(t, r, TextOptions{}))
		}
		if bad := w.dialledSpecial(); len(bad) > 0 || posts.Load() > 0 {
			t.Errorf("%s: dialled %q, %d POSTs arrived", c.to, bad, posts.Load())
		}
	}
}

// A document, too, can name the URL of the next POST.
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

// endless sends one long line until the other side hangs up, and counts.
func endless(sent *atomic.Int64, first string) func(net.Conn) {
	return func(conn net.Conn) {
		defer conn.Close()
		n, err := io.WriteString(conn, first)
		block := bytes.Repeat([]byte("x"), 64<<10)
		for ; err == nil && sent.Add(int64(n)) < 64<<20; n, err = conn.Write(block) {
		}
	}
}

// An endless answer costs a bounded part of the memory and ends as a finding.
func TestEndlessAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		start func(w *world, sent *atomic.Int64)
		want  ID
	}{
		"IMAP greeting": {func(w *world, sent *atomic.Int64) {
			w.serve[imapIP+":993"] = overTLS(w.ca.issue("imap.mail.me.com"), endless(sent, "* OK "))
		}, "imap-bad-greeting"},
		"SMTP greeting": {func(w *world, sent *atomic.Int64) { w.serve[smtpIP+":587"] = endless(sent, "220-") }, "smtp-bad-greeting"},
		"header": {func(w *world, sent *atomic.Int64) {
			w.serve[setupIP+":443"] = overTLS(w.ca.issue(bothNames...), endless(sent, "HTTP/1.1 200 OK\r\nX: "))
		}, NoAnswer},
		"document": {func(w *world, sent *atomic.Int64) {
			w.serve[setupIP+":443"] = overTLS(w.ca.issue(bothNames...), endless(sent, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<"))
		}, UnusableDocument},
	} {
		t.Run(name, func(t *testing.T) {
			var sent atomic.Int64
			w := newWorld(t)
			w.set("setup.example.net AAAA")
			c.start(w, &sent)
			r := w.check()
			if r.finding(c.want).Severity != Problem {
				t.Errorf("no %s:\n%s", c.want, text(t, r, TextOptions{}))
			}
		})
	}
}

// The limit holds, however much is offered.
func TestBoundedConn(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	go func() {
		var sent atomic.Int64
		endless(&sent, "")(theirs)
	}()
	n, err := io.Copy(io.Discard, &boundedConn{Conn: ours, left: maxMail})
	if n != maxMail || err != errTooMuch {
		t.Errorf("read %d bytes, then %v", n, err)
	}
}

// A name that somebody else chose is printed without what changes its reading.
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
	if got := text(t, r, TextOptions{Verbose: true}); strings.ContainsAny(got, "\u202e\u009b\x1b") {
		t.Errorf("%q", got)
	}
}
