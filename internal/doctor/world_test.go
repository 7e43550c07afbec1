package doctor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	records "mailsetup/internal/dns"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
	"mailsetup/server"
)

// A world is a small internet inside the test: DNS, web servers and mail servers
// on loopback ports, and a dialer that leads made-up addresses to them. Change it
// before it is started; each broken world differs from a healthy one in one thing.
type world struct {
	t     *testing.T
	now   time.Time
	roots *x509.CertPool
	ca    *authority
	table *provider.Table

	zone    map[string][]string // records by "name type", without name and type
	answers func(q dns.Question, m *dns.Msg) bool

	// By "address:port": who serves there. Absent: connection refused.
	serve map[string]func(net.Conn)
	limit Limits
	cfg   func(*Config)
	// refuse are addresses at which connecting fails, stale those of DNS servers
	// that do not have the names of mailsetup.
	refuse map[string]error
	stale  map[string]bool

	mu      sync.Mutex
	asked   int      // questions
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

// familyTable has the one login of the whole domain, so that every client can set
// itself up.
const familyTable = `
domains:
  example.com: {provider: icloud, login: family@icloud.com}
`

// newWorld is a healthy one: example.com hosted at iCloud, with all records of
// mailsetup dns, a web site of its own, and mailsetup behind autoconfig and
// autodiscover.
func newWorld(t *testing.T) *world {
	w := &world{
		t: t, now: time.Now(), table: providertest.Table(t, familyTable),
		zone: map[string][]string{}, serve: map[string]func(net.Conn){},
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
	w.serve[imapIP+":993"] = overTLS(w.ca.issue("imap.mail.me.com"), imapServer(imapCaps))
	w.serve[smtpIP+":587"] = smtpServer(w.ca.issue("smtp.mail.me.com"), "STARTTLS", "AUTH PLAIN LOGIN")
	return w
}

// set gives a name records of one type, or with none takes them away.
func (w *world) set(nameAndType string, data ...string) { w.zone[nameAndType] = data }

// mailsetup is the real server.
func (w *world) mailsetup(table *provider.Table) http.Handler {
	s, err := server.New(server.Config{
		Load: func() (*provider.Table, error) { return table, nil },
		Log:  slog.New(slog.DiscardHandler),
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

// config starts nothing of its own: connections are made in memory when they are
// dialled.
func (w *world) config() Config {
	cfg := Config{
		Table:     w.table,
		Domain:    providertest.Domain(w.t, "example.com"),
		Server:    records.Server{Name: providertest.Domain(w.t, "setup.example.net")},
		Resolvers: []string{nameServer + ":53"},
		Roots:     w.roots,
		Dial:      w.dial,
		Now:       func() time.Time { return w.now },
		Limits:    w.limit,
	}
	if w.cfg != nil {
		w.cfg(&cfg)
	}
	return cfg
}

func (w *world) check() Report {
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
		return nil, fmt.Errorf("%q is no address", address)
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

// dialDNS gives a connection to a DNS server of the world's zone.
func (w *world) dialDNS(network string, stale bool) (net.Conn, error) {
	started := make(chan struct{})
	s := &dns.Server{Handler: dns.HandlerFunc(func(rw dns.ResponseWriter, q *dns.Msg) {
		w.answerDNS(rw, q, stale)
	}), NotifyStartedFunc: func() { close(started) }}
	address := ""
	if network == "udp" {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		s.PacketConn, address = pc, pc.LocalAddr().String()
	} else {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		s.Listener, address = l, l.Addr().String()
	}
	go s.ActivateAndServe()
	<-started
	conn, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	w.t.Cleanup(func() { s.Shutdown() })
	return conn, nil
}

// answerDNS is a resolver and a name server in one.
func (w *world) answerDNS(rw dns.ResponseWriter, q *dns.Msg, stale bool) {
	w.mu.Lock()
	w.asked++
	w.mu.Unlock()
	m := new(dns.Msg)
	m.SetReply(q)
	m.Authoritative, m.RecursionAvailable = !q.RecursionDesired, true
	m.CheckingDisabled = q.CheckingDisabled
	if w.answers != nil && w.answers(q.Question[0], m) {
		if m.Rcode >= 0 {
			rw.WriteMsg(m)
		}
		return
	}
	if stale && strings.HasPrefix(q.Question[0].Name, "auto") {
		m.Rcode = dns.RcodeNameError
		rw.WriteMsg(m)
		return
	}
	kind := dns.TypeToString[q.Question[0].Qtype]
	at := canonical(q.Question[0].Name)
	exists := false
	for range 5 {
		owner, has := w.owner(at)
		exists = exists || has
		for _, data := range w.zone[owner+" "+kind] {
			m.Answer = append(m.Answer, record(w.t, at, kind, data))
		}
		alias := w.zone[owner+" CNAME"]
		if len(alias) == 0 || kind == "CNAME" {
			break
		}
		m.Answer = append(m.Answer, record(w.t, at, "CNAME", alias[0]))
		at = canonical(alias[0])
		exists = false
	}
	if !exists {
		m.Rcode = dns.RcodeNameError
	}
	rw.WriteMsg(m)
}

// owner finds the name whose records count, which may be a wildcard.
func (w *world) owner(name string) (owner string, exists bool) {
	wild := "*." + strings.SplitN(name+".", ".", 2)[1]
	wild = strings.TrimSuffix(wild, ".")
	for _, candidate := range []string{name, wild} {
		for key, data := range w.zone {
			n, _, _ := strings.Cut(key, " ")
			if n == candidate && len(data) > 0 {
				return n, true
			}
		}
	}
	return name, false
}

func record(t *testing.T, name, kind, data string) dns.RR {
	rr, err := dns.NewRR(dns.Fqdn(name) + " 60 IN " + kind + " " + data)
	if err != nil {
		t.Error(err)
	}
	return rr
}

// An authority issues the world's certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	now  time.Time
}

func newAuthority(t *testing.T, now time.Time) *authority {
	a := &authority{t: t, now: now, key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(5, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert = a.sign(template, template, &a.key.PublicKey, a.key)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(template, parent *x509.Certificate, public any, key *ecdsa.PrivateKey) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert
}

// issue makes a certificate for names, good for two months.
func (a *authority) issue(names ...string) tls.Certificate {
	return a.issueUntil(a.now.AddDate(0, 2, 0), names...)
}

func (a *authority) issueUntil(end time.Time, names ...string) tls.Certificate {
	key := newKey(a.t)
	cert := a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: names, NotBefore: end.AddDate(0, -3, 0), NotAfter: end,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.cert, &key.PublicKey, a.key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

// selfSigned is the stand-in of a web server that was not given a certificate.
func (a *authority) selfSigned(names ...string) tls.Certificate {
	key := newKey(a.t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "snakeoil"}, DNSNames: names,
		NotBefore: a.now.AddDate(0, -1, 0), NotAfter: a.now.AddDate(1, 0, 0),
	}
	cert := a.sign(template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}
