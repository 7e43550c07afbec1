package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
)

// A peer is what connecting to a name and port came to.
type peer struct {
	attempts []attempt // at most one IPv4 and one IPv6 address, in this order
	err      error     // set if no connection was tried at all
}

// An attempt is a connection to one address.
type attempt struct {
	address netip.AddrPort
	err     error // connecting failed
	// On ports with TLS: what was agreed and shown, or why not.
	state  tls.ConnectionState
	tlsErr error
	flaw   flaw
}

func (a attempt) good() bool { return a.err == nil && a.tlsErr == nil && a.flaw.id == "" }

// best returns the attempt that came furthest.
func (p *peer) best() attempt {
	rank := func(a attempt) int {
		switch {
		case a.err != nil:
			return 0
		case a.tlsErr != nil:
			return 1
		case a.flaw.id != "":
			return 2
		}
		return 3
	}
	best := attempt{err: cmp.Or(p.err, errNoAddress)}
	for i, a := range p.attempts {
		if i == 0 || rank(a) > rank(best) {
			best = a
		}
	}
	return best
}

// errDeadline: the whole check ran out of time, which says nothing about the other side.
var errDeadline = errors.New("the time was up")

var errNoAddress = errors.New("it has no address")

// errNoIPv6 stands for the refusal of this machine's own network.
var errNoIPv6 = errors.New("this machine has no IPv6")

// dead returns the attempts that failed although another one was good.
func (p *peer) dead() (dead []attempt, unchecked bool) {
	if !p.best().good() {
		return nil, false
	}
	for _, a := range p.attempts {
		switch {
		case errors.Is(a.err, errNoIPv6):
			unchecked = true
		case !a.good():
			dead = append(dead, a)
		}
	}
	return dead, unchecked
}

// connect opens a connection to one address of each family, and closes it again.
// With a server name it shakes hands and judges the certificate.
func (c *check) connect(ctx context.Context, n name, port uint16, serverName string) *peer {
	p := &peer{}
	for _, family := range [][]netip.Addr{n.v4, n.v6} {
		if len(family) == 0 {
			continue
		}
		first := family[0]
		if i := slices.IndexFunc(family, func(ip netip.Addr) bool { return specialKind(ip) == "" }); i >= 0 {
			first = family[i]
		}
		p.attempts = append(p.attempts, attempt{address: netip.AddrPortFrom(first, port)})
	}
	var wg sync.WaitGroup
	for i := range p.attempts {
		wg.Go(func() { c.try(ctx, &p.attempts[i], serverName) })
	}
	wg.Wait()
	return p
}

func (c *check) try(ctx context.Context, a *attempt, serverName string) {
	release, err := c.slot(ctx)
	if err != nil {
		a.err = errDeadline
		return
	}
	defer release()
	whole := ctx
	defer func() {
		if (a.err != nil || a.tlsErr != nil) && whole.Err() != nil {
			a.err, a.tlsErr = errDeadline, nil
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, c.Limits.Connect)
	defer cancel()
	conn, err := c.dial(ctx, "tcp", a.address, maxConnection)
	if err != nil {
		a.err = unwrapNet(err)
		if a.address.Addr().Is6() && (errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)) {
			a.err = errNoIPv6
		}
		return
	}
	defer conn.Close()
	if serverName == "" {
		return
	}
	tlsConn := tls.Client(conn, c.bareTLS(serverName))
	if err := tlsConn.HandshakeContext(ctx); err != nil {
		a.tlsErr = unwrapNet(err)
		return
	}
	a.state = tlsConn.ConnectionState()
	a.flaw = judgeCertificate(a.state.PeerCertificates, serverName, c.Roots, c.Now())
}

// bareTLS asks for TLS 1.2 at least and takes any certificate, so that it can be
// judged afterwards.
func (c *check) bareTLS(serverName string) *tls.Config {
	return &tls.Config{ServerName: serverName, MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}
}

// unwrapNet takes the outer layers off an error of package net: they repeat addresses,
// and a URL may hold the mailbox.
func unwrapNet(err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	if unanswered, ok := errors.AsType[dnsError](err); ok {
		return unanswered
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return errTimeout
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return errTimeout
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return err
}

// errTimeout is what every kind of running out of time is called.
var errTimeout = errors.New("no answer in time")

// dialName connects to a name for an HTTP client: to the address that proved good,
// or for a name that a redirect led to, to any.
func (c *check) dialName(ctx context.Context, network, hostPort string) (net.Conn, error) {
	c.mu.Lock()
	p, known := c.peers[hostPort]
	c.mu.Unlock()
	if !known {
		host, port, err := net.SplitHostPort(hostPort)
		if err != nil {
			return nil, err
		}
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil, err
		}
		failed := fmt.Errorf("%s cannot be reached", host)
		n := name{name: host}
		if ip, err := netip.ParseAddr(host); err == nil {
			n.v4 = []netip.Addr{ip}
		} else if n = c.dns.look(ctx, host); n.err != nil {
			return nil, n.err
		}
		for _, ip := range append(n.v4, n.v6...) {
			conn, err := c.dial(ctx, network, netip.AddrPortFrom(ip, uint16(number)), maxConnection)
			if err == nil || ctx.Err() != nil {
				return conn, err
			}
			if refused, ok := errors.AsType[notPublic](err); ok {
				failed = refused
			}
		}
		return nil, failed
	}
	best := p.best()
	if best.err != nil {
		return nil, best.err
	}
	return c.dial(ctx, network, best.address, maxConnection)
}

// A host is one of the names that clients ask, and how to reach it.
type host struct {
	name        name
	http, https *peer
}

// errMicrosoft365 keeps the doctor from asking Microsoft about a mailbox.
var errMicrosoft365 = errors.New("it belongs to Microsoft 365, which is not asked")

// connectAll connects to every name on the ports of http and https.
func (c *check) connectAll(ctx context.Context, z zone) map[string]*host {
	hosts := map[string]*host{}
	var wg sync.WaitGroup
	for _, n := range z.names {
		h := &host{name: n}
		hosts[n.name] = h
		if n.leadsTo(isMicrosoft365) {
			h.http, h.https = &peer{err: errMicrosoft365}, &peer{err: errMicrosoft365}
			continue
		}
		if n.err != nil {
			h.http, h.https = &peer{err: n.err}, &peer{err: n.err}
			continue
		}
		wg.Go(func() { h.https = c.connect(ctx, n, 443, n.name) })
		wg.Go(func() { h.http = c.connect(ctx, n, 80, "") })
	}
	wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range hosts {
		c.peers[h.name.name+":443"], c.peers[h.name.name+":80"] = h.https, h.http
	}
	return hosts
}

// leaf is the certificate that the host showed; nil if none.
func (a attempt) leaf() *x509.Certificate {
	if len(a.state.PeerCertificates) == 0 {
		return nil
	}
	return a.state.PeerCertificates[0]
}
