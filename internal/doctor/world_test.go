package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
	"mailsetup/server"
)

// A world is a small internet inside the test: DNS, web servers and mail servers
// on loopback ports, and a dialer that maps made-up addresses to them. Change it
// before it is started; each broken world differs from a healthy one in one thing.
type world struct {
	t     *testing.T
	now   time.Time
	roots *x509.CertPool
	ca    *authority
	table *provider.Table

	zone    map[string][]string // records by "name type", without name and type
	answers func(q dns.Question, m *dns.Msg) bool

	// By "address:port": the server there. Missing: connection refused.
	serve map[string]func(net.Conn)
	limit probe.Limits
	cfg   func(*Config)
	// refuse lists addresses that refuse connections, stale the DNS servers that
	// lack mailsetup's names.
	refuse map[string]error
	stale  map[string]bool

	mu      sync.Mutex
	asked   []string // names in DNS questions
	said    []string // what the mail servers received
	dialled []string // addresses
	most    int
	open    int
}

// The addresses of the world.
const (
	nameServer = "192.0.2.53"
	setupIP    = "192.0.2.10"
	setupIPv6  = "2001:db8::10"
	siteIP     = "192.0.2.80"
	imapIP     = "192.0.2.20"
	smtpIP     = "192.0.2.21"
	foreignIP  = "192.0.2.99"
)

// familyTable has one login for the whole domain, so that every client can set
// itself up.
const familyTable = `
domains:
  example.com: {provider: icloud, login: family@icloud.com}
`

// newWorld returns a healthy world: example.com hosted at iCloud, with all records
// of mailsetup dns, its own web site, and mailsetup behind autoconfig and
// autodiscover.
func newWorld(t *testing.T) *world {
	w := &world{
		t: t, now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), table: providertest.Table(t, familyTable),
		zone: map[string][]string{}, serve: map[string]func(net.Conn){},
		// Longer than in real use, so that a busy machine does not look like a
		// fault.
		limit: probe.Limits{Overall: time.Minute, Query: 10 * time.Second, Connect: 20 * time.Second, Answer: 20 * time.Second},
	}
	w.ca = newAuthority(t, w.now)
	w.roots = x509.NewCertPool()
	w.roots.AddCert(w.ca.cert)
	w.set("example.com A", siteIP)
	w.set("example.com MX", "10 mx01.mail.icloud.com.", "10 mx02.mail.icloud.com.")
	w.set("example.com NS", "ns1.example.net.")
	w.set("ns1.example.net A", nameServer)
	w.set("autoconfig.example.com CNAME", "setup.example.net.")
	w.set("autodiscover.example.com CNAME", "setup.example.net.")
	w.set("setup.example.net A", setupIP)
	w.set("setup.example.net AAAA", setupIPv6)
	w.set("_imaps._tcp.example.com SRV", "0 1 993 imap.mail.me.com.")
	w.set("_submission._tcp.example.com SRV", "0 1 587 smtp.mail.me.com.")
	for _, s := range []string{"_imap", "_pop3", "_pop3s"} {
		w.set(s+"._tcp.example.com SRV", "0 0 0 .")
	}
	w.set("imap.mail.me.com A", imapIP)
	w.set("smtp.mail.me.com A", smtpIP)
	w.setup(w.mailsetup(w.table), w.ca.issue("autoconfig.example.com", "autodiscover.example.com"))
	w.web(siteIP, http.NotFoundHandler(), w.ca.issue("example.com"))
	w.serve[imapIP+":993"] = overTLS(w.ca.issue("imap.mail.me.com"), w.imapServer(imapCaps))
	w.serve[smtpIP+":587"] = w.smtpServer(w.ca.issue("smtp.mail.me.com"), "STARTTLS", "AUTH PLAIN LOGIN")
	return w
}

// set gives a name records of one type; without records it removes them.
func (w *world) set(nameAndType string, data ...string) { w.zone[nameAndType] = data }

// mailsetup is the real server.
func (w *world) mailsetup(table *provider.Table) http.Handler {
	return w.mailsetupAt(table, document.PublicURL{})
}

func (w *world) mailsetupAt(table *provider.Table, public document.PublicURL) http.Handler {
	s, err := server.New(server.Config{
		PublicURL: public,
		Load:      func() (*provider.Table, error) { return table, nil },
		Log:       slog.New(slog.DiscardHandler),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return s.Public()
}

// setup puts a handler behind both addresses of the server, by http and https.
func (w *world) setup(h http.Handler, cert tls.Certificate) {
	w.web(setupIP, h, cert)
	w.web("["+setupIPv6+"]", h, cert)
}

func (w *world) web(host string, h http.Handler, cert tls.Certificate) {
	w.serve[host+":80"] = serveHTTP(h)
	w.serve[host+":443"] = overTLS(cert, serveHTTP(h))
}

// config starts nothing: connections are made in memory when they are dialled.
func (w *world) config() Config {
	cfg := Config{
		Config: probe.Config{
			Domain:    providertest.Domain(w.t, "example.com"),
			Resolvers: []string{nameServer + ":53"},
			Roots:     w.roots,
			Dial:      w.dial,
			Now:       func() time.Time { return w.now },
			Limits:    w.limit,
		},
		Table:  w.table,
		Server: dnsrecords.Target{Name: providertest.Domain(w.t, "setup.example.net")},
	}
	if w.cfg != nil {
		w.cfg(&cfg)
	}
	return cfg
}

func (w *world) check() report.Report {
	w.t.Helper()
	r, err := Check(w.t.Context(), w.config())
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// dial connects over real loopback sockets, because TLS and the mail libraries
// want deadlines and half-closed connections to behave.
func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if err := w.refuse[address]; err != nil {
		return nil, &net.OpError{Op: "dial", Err: err}
	}
	if strings.HasSuffix(address, ":53") {
		return w.dialDNS(network, w.stale[address])
	}
	if _, err := netip.ParseAddrPort(address); err != nil {
		return nil, fmt.Errorf("%q is not an address", address)
	}
	w.mu.Lock()
	w.dialled = append(w.dialled, address)
	h := w.serve[address]
	w.mu.Unlock()
	if h == nil {
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	client, err := new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		return nil, err
	}
	peer, err := l.Accept()
	if err != nil {
		return nil, err
	}
	go h(peer)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open++
	w.most = max(w.most, w.open)
	return &counted{Conn: client, w: w}, nil
}

// counted counts open connections.
type counted struct {
	net.Conn
	w    *world
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { c.w.mu.Lock(); c.w.open--; c.w.mu.Unlock() })
	return c.Conn.Close()
}
