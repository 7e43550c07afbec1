package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
)

// A Peer is the result of connecting to a name and port.
type Peer struct {
	Attempts []Attempt // at most one IPv4 and one IPv6 address, in this order
	Failure  Failure   // set if no connection was tried at all
}

// An Attempt is a connection to one address.
type Attempt struct {
	Address netip.AddrPort
	Failure Failure // connecting failed
	// On ports with TLS: why the handshake failed, or the certificate.
	TLS          Failure
	Certificates []*x509.Certificate
	Flaw         Flaw
}

// Good reports whether a client could send its request.
func (a Attempt) Good() bool {
	return !a.Failure.Failed() && !a.TLS.Failed() && a.Flaw.Kind == NoFlaw
}

// Leaf returns the certificate that the host sent; nil if none.
func (a Attempt) Leaf() *x509.Certificate {
	if len(a.Certificates) == 0 {
		return nil
	}
	return a.Certificates[0]
}

// Best returns the attempt that got furthest.
func (p *Peer) Best() Attempt {
	rank := func(a Attempt) int {
		switch {
		case a.Failure.Failed():
			return 0
		case a.TLS.Failed():
			return 1
		case a.Flaw.Kind != NoFlaw:
			return 2
		}
		return 3
	}
	best := Attempt{Failure: cmp.Or(p.Failure, Failure{Kind: NoAddress})}
	for i, a := range p.Attempts {
		if i == 0 || rank(a) > rank(best) {
			best = a
		}
	}
	return best
}

// Dead returns the attempts that failed although another one was good. An address
// that only this machine cannot try is not among them.
func (p *Peer) Dead() (dead []Attempt, untried bool) {
	if !p.Best().Good() {
		return nil, false
	}
	for _, a := range p.Attempts {
		switch {
		case a.Failure.Kind == NoIPv6:
			untried = true
		case !a.Good():
			dead = append(dead, a)
		}
	}
	return dead, untried
}

// connect opens a connection to one address of each family, and closes it again.
// With a server name it does a TLS handshake and checks the certificate.
func (p *Prober) connect(ctx context.Context, n Name, port uint16, serverName string) *Peer {
	peer := &Peer{}
	for _, family := range [][]netip.Addr{n.V4, n.V6} {
		if len(family) == 0 {
			continue
		}
		first := family[0]
		if i := slices.IndexFunc(family, func(ip netip.Addr) bool { return networkOf(ip) == Public }); i >= 0 {
			first = family[i]
		}
		peer.Attempts = append(peer.Attempts, Attempt{Address: netip.AddrPortFrom(first, port)})
	}
	var wg sync.WaitGroup
	for i := range peer.Attempts {
		wg.Go(func() { p.try(ctx, &peer.Attempts[i], serverName) })
	}
	wg.Wait()
	return peer
}

func (p *Prober) try(ctx context.Context, a *Attempt, serverName string) {
	release, err := p.slot(ctx)
	if err != nil {
		a.Failure = Failure{Kind: OutOfTime}
		return
	}
	defer release()
	whole := ctx
	defer func() {
		if (a.Failure.Failed() || a.TLS.Failed()) && whole.Err() != nil {
			a.Failure, a.TLS = Failure{Kind: OutOfTime}, Failure{}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, p.Limits.Connect)
	defer cancel()
	conn, err := p.dial(ctx, "tcp", a.Address, maxConnection)
	if err != nil {
		a.Failure = failureOf(err)
		if a.Failure.Kind == NoRoute && a.Address.Addr().Is6() {
			a.Failure.Kind = NoIPv6
		}
		return
	}
	defer conn.Close()
	if serverName == "" {
		return
	}
	tlsConn := tls.Client(conn, p.bareTLS(serverName))
	if err := tlsConn.HandshakeContext(ctx); err != nil {
		a.TLS = failureOf(err)
		return
	}
	a.Certificates = tlsConn.ConnectionState().PeerCertificates
	a.Flaw = flawOf(a.Certificates, serverName, p.Roots, p.Now())
}

// bareTLS requires TLS 1.2 and accepts any certificate, which is checked
// afterwards.
func (p *Prober) bareTLS(serverName string) *tls.Config {
	return &tls.Config{ServerName: serverName, MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}
}

// dialName connects to a name for an HTTP client: to the address that proved good,
// or, for the target of a redirect, to any.
func (p *Prober) dialName(ctx context.Context, network, hostPort string) (net.Conn, error) {
	p.mu.Lock()
	peer, known := p.peers[hostPort]
	p.mu.Unlock()
	if known {
		best := peer.Best()
		if best.Failure.Failed() {
			return nil, best.Failure
		}
		return p.dial(ctx, network, best.Address, maxConnection)
	}
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	n := Name{Name: host}
	if ip, err := netip.ParseAddr(host); err == nil {
		n.V4 = []netip.Addr{ip}
	} else if n = p.lookOnce(ctx, host); n.Failure.Failed() {
		return nil, n.Failure
	}
	failed := Failure{Kind: NoAddress}
	for _, ip := range n.Addresses() {
		conn, err := p.dial(ctx, network, netip.AddrPortFrom(ip, uint16(number)), maxConnection)
		if err == nil || ctx.Err() != nil {
			return conn, err
		}
		if failed.Kind != NotPublic {
			failed = failureOf(err)
		}
	}
	return nil, failed
}

// A ledTo is a name that redirects or documents point to.
type ledTo struct {
	mu    sync.Mutex
	known bool
	name  Name
}

// lookOnce looks up a name the first time that it is called. Dozens of requests may
// be redirected to the same name, and would use up the limit on DNS queries.
func (p *Prober) lookOnce(ctx context.Context, host string) Name {
	p.mu.Lock()
	l := p.ledTo[host]
	if l == nil {
		l = new(ledTo)
		p.ledTo[host] = l
	}
	p.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known {
		return l.name
	}
	l.name = p.dns.look(ctx, host)
	// If this request ran out of time, the next one may look it up.
	l.known = ctx.Err() == nil
	return l.name
}

// A Host is one of the names that clients ask, and how to reach it.
type Host struct {
	Name        Name
	HTTP, HTTPS *Peer
}

// connectAll connects to every name on the ports of http and https.
func (p *Prober) connectAll(ctx context.Context, z Zone) map[string]*Host {
	hosts := map[string]*Host{}
	var wg sync.WaitGroup
	for _, n := range z.Names {
		h := &Host{Name: n}
		hosts[n.Name] = h
		if n.LeadsTo(IsMicrosoft365) {
			theirs := Failure{Kind: Microsoft365}
			h.HTTP, h.HTTPS = &Peer{Failure: theirs}, &Peer{Failure: theirs}
			continue
		}
		if n.Failure.Failed() {
			h.HTTP, h.HTTPS = &Peer{Failure: n.Failure}, &Peer{Failure: n.Failure}
			continue
		}
		wg.Go(func() { h.HTTPS = p.connect(ctx, n, 443, n.Name) })
		wg.Go(func() { h.HTTP = p.connect(ctx, n, 80, "") })
	}
	wg.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range hosts {
		p.peers[h.Name.Name+":443"], p.peers[h.Name.Name+":80"] = h.HTTPS, h.HTTP
	}
	return hosts
}
