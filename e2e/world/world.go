package world

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// Config describes a world.
type Config struct {
	// Isolated says that the process has the machine to itself; see [Isolate].
	Isolated bool
	// Sites are the mail domains. Hosts are further names that exist, such as
	// those of mail servers.
	Sites []Site
	Hosts []string
	// Directory is the host name of a private settings database: there,
	// /v1.1/DOMAIN reaches the server under test.
	Directory string
}

// A World is a running internet. Its methods may be called at any time.
type World struct {
	// Authority issues every certificate of this world.
	Authority *Authority
	// Proxy is the address of the SOCKS5 proxy through which clients reach the
	// world; empty in an isolated one, which needs none.
	Proxy string

	isolated  bool
	names     names
	zone      zone
	directory string
	upstream  string
	closers   []func() error

	mu       sync.Mutex
	requests []Request
	ports    map[string]string // the real address for an address of the world
}

// New starts a world. The caller must close it.
func New(cfg Config) (*World, error) {
	w := &World{
		isolated:  cfg.Isolated,
		names:     newNames(cfg.Sites, append(slices.Clone(cfg.Hosts), cfg.Directory)),
		zone:      zone{records: map[string][]dns.RR{}},
		directory: cfg.Directory,
		ports:     map[string]string{},
	}
	var err error
	if w.Authority, err = newAuthority(); err != nil {
		return nil, err
	}
	if w.upstream, err = w.Place("127.0.0.1:8080"); err != nil {
		return nil, err
	}
	services := []func() error{w.serveWeb, w.serveProxy}
	if w.isolated {
		services = []func() error{w.furnish, w.serveWeb, w.serveNames}
	}
	for _, start := range services {
		if err := start(); err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
	return w, nil
}

// Close ends the world. Connections to it break.
func (w *World) Close() error {
	var errs []error
	for _, c := range slices.Backward(w.closers) {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// Isolated reports whether the world has the machine to itself.
func (w *World) Isolated() bool { return w.isolated }

// Upstream returns where the server under test must listen.
func (w *World) Upstream() string { return w.upstream }

// Requests returns what was asked of the web front and answered so far, for
// hosts that are the domain or below it and for its entry in the database.
func (w *World) Requests(domain string) []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []Request
	for _, r := range w.requests {
		if concerns(r.URL, domain) {
			list = append(list, r)
		}
	}
	return list
}

// Listen listens on an address of this world, such as 127.0.0.1:993.
func (w *World) Listen(at string) (net.Listener, error) {
	if w.isolated {
		return net.Listen("tcp", at)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ports[at] = l.Addr().String()
	return l, nil
}

// Place returns where another program must listen to be found at an address of
// this world. In a world that is not isolated, that is a port that was free a
// moment ago.
func (w *World) Place(at string) (string, error) {
	if w.isolated {
		return at, nil
	}
	l, err := w.Listen(at)
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Dial connects to a host of this world, by name or by address.
func (w *World) Dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	at, err := w.locate(hostPort)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	return d.DialContext(ctx, network, at)
}

// locate returns the real address of a host and port of this world.
func (w *World) locate(hostPort string) (string, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return "", err
	}
	if a, ok := w.names.address(host); ok {
		host = a.String()
	} else if net.ParseIP(host) == nil {
		return "", fmt.Errorf("%w: %s", errNoHost, host)
	}
	at := net.JoinHostPort(host, port)
	if w.isolated {
		return at, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if really, ok := w.ports[at]; ok {
		return really, nil
	}
	return "", fmt.Errorf("%w at %s", errNoListener, at)
}

// concerns reports whether a request was part of a look-up for the domain.
func concerns(requested, domain string) bool {
	u, err := url.Parse(requested)
	if err != nil {
		return false
	}
	host := canonical(u.Hostname())
	return host == domain || strings.HasSuffix(host, "."+domain) || u.Path == "/v1.1/"+domain
}

// ErrNotAllowed is what [Isolate] returns if the system does not allow
// namespaces.
var ErrNotAllowed = errors.New("no namespaces are allowed here")

var (
	errNoHost     = errors.New("there is no such host")
	errNoListener = errors.New("nothing listens")
)

// Client returns an HTTP client that lives in this world. It follows no
// redirects.
func (w *World) Client() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:       w.Dial,
			TLSClientConfig:   &tls.Config{RootCAs: w.Authority.Pool()},
			ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
