package deploytest

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"mailsetup/e2e/world"
)

// Addresses in the small internet, from the ranges for documentation (RFC 5737).
var (
	machineAddress   = netip.MustParseAddr("203.0.113.10") // where the containers publish their ports
	authorityAddress = netip.MustParseAddr("203.0.113.1")
)

const authorityName = "acme-v02.api.letsencrypt.org"

// exampleNames are the names of the example's domain.
var exampleNames = []string{"autoconfig.example.com", "autodiscover.example.com", "setup.example.com"}

// An internet is all that a test's containers see: names, and Pebble instead of Let's
// Encrypt, so that every file is tested unchanged.
type internet struct {
	roots  *x509.CertPool // of what Pebble issues
	bundle string         // the containers' root certificates, PEM

	mu    sync.RWMutex
	hosts map[string]netip.Addr
}

// startInternet needs the test to be in its own namespaces.
func startInternet(t *testing.T) *internet {
	t.Helper()
	if !world.Isolated() {
		unavailable(t, "containers need Linux, root, and the programs unshare (Debian: util-linux) and ip (iproute2)")
	}
	n := &internet{roots: x509.NewCertPool(), hosts: map[string]netip.Addr{authorityName: authorityAddress}}
	for _, domain := range []string{"example.com", "example.org", "stranger.test"} {
		for _, label := range []string{"autoconfig.", "autodiscover.", "setup."} {
			n.hosts[label+domain] = machineAddress
		}
	}
	for _, address := range []netip.Addr{machineAddress, authorityAddress} {
		run(t, "ip", "address", "replace", address.String()+"/32", "dev", "lo")
	}
	n.serveNames(t)
	n.serveAuthority(t)
	return n
}

// unavailable skips a test, or fails it where everything must be there.
func unavailable(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("MAILSETUP_E2E") == "require" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func run(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
}

func (n *internet) address(host string) (netip.Addr, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	address, known := n.hosts[strings.ToLower(strings.TrimSuffix(host, "."))]
	return address, known
}

// publish gives a name an address. Names of containers are published here, too.
func (n *internet) publish(host string, address netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[host] = address
}

func (n *internet) serveNames(t *testing.T) {
	t.Helper()
	pc, err := net.ListenPacket("udp", ":53")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", ":53")
	if err != nil {
		t.Fatal(err)
	}
	answer := dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
		reply := new(dns.Msg).SetReply(question)
		reply.RecursionAvailable = true
		q := question.Question[0]
		if address, known := n.address(q.Name); !known {
			reply.Rcode = dns.RcodeNameError
		} else if q.Qtype == dns.TypeA {
			header := dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}
			reply.Answer = []dns.RR{&dns.A{Hdr: header, A: address.AsSlice()}}
		}
		_ = w.WriteMsg(reply)
	})
	for _, server := range []*dns.Server{{PacketConn: pc, Handler: answer}, {Listener: l, Handler: answer}} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go func() { _ = server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = server.Shutdown() })
	}
}

// serveAuthority starts Pebble, and in front of it a server with Let's Encrypt's name and
// path.
func (n *internet) serveAuthority(t *testing.T) {
	t.Helper()
	pebbled := os.Getenv(pebbledVariable)
	if pebbled == "" {
		unavailable(t, "Pebble cannot be built: go -C internal/certs/pebbletest mod download")
	}
	cmd := exec.Command(pebbled, "-dns", "127.0.0.1:53")
	input, err := cmd.StdinPipe() // Pebble ends with its input
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = input.Close(); _ = cmd.Wait() })
	var said struct{ Directory, ServerRoot, IssuerRoot string }
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, &said); err != nil {
		t.Fatal(err)
	}
	n.roots.AppendCertsFromPEM([]byte(said.IssuerRoot))
	directory, err := url.Parse(said.Directory)
	if err != nil {
		t.Fatal(err)
	}

	pebble := x509.NewCertPool()
	pebble.AppendCertsFromPEM([]byte(said.ServerRoot))
	front := &http.Server{
		Handler: &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				if r.In.URL.Path == "/directory" {
					r.Out.URL.Path = directory.Path
				}
				r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = directory.Scheme, directory.Host, r.In.Host
				r.SetXForwarded() // Pebble makes its links from it
			},
			// Pebble sends a date, Let's Encrypt a number of seconds. The client in Caddy
			// 2.6 can read only the number.
			ModifyResponse: func(res *http.Response) error {
				if res.Header.Get("Retry-After") != "" {
					res.Header.Set("Retry-After", "1")
				}
				return nil
			},
			Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pebble}},
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	chain, key := certificate(t, authorityName)
	pair, err := tls.X509KeyPair([]byte(chain), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	n.bundle = chain
	l, err := tls.Listen("tcp", netip.AddrPortFrom(authorityAddress, 443).String(), &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = front.Serve(l) }()
	t.Cleanup(func() { _ = front.Close() })
}

// client returns a client outside that does not follow redirects. It connects to at
// instead of the address in DNS, unless at is the zero Addr.
func (n *internet) client(at netip.Addr, ports map[string]string) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true, // so that every request is balanced separately
			TLSClientConfig:   &tls.Config{RootCAs: n.roots},
			DialContext: func(ctx context.Context, network, hostPort string) (net.Conn, error) {
				host, port, err := net.SplitHostPort(hostPort)
				if err != nil {
					return nil, err
				}
				address := at
				if !at.IsValid() {
					address, _ = n.address(host)
				}
				if really, ok := ports[port]; ok {
					port = really
				}
				var d net.Dialer
				return d.DialContext(ctx, network, net.JoinHostPort(address.String(), port))
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
