package probe

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Others control the input here: whoever controls a domain's DNS chooses the
// addresses, and a web server chooses the targets of its redirects. This file
// keeps them from turning the program against its own network or its own
// memory.

// How much of a connection is read, in bytes. An endless greeting once used up
// all memory.
const (
	// maxMail is for a mail server.
	maxMail = 1 << 20
	// maxConnection is for one HTTP exchange, with its TLS handshake and headers.
	maxConnection = 1 << 20
	// maxDocument is for the body of an HTTP answer. Documents have some 1500.
	maxDocument = 256 << 10
	// maxHeader is for the header of an HTTP answer.
	maxHeader = 64 << 10
)

// A Network is the kind of network that an address belongs to.
type Network uint8

// The networks.
const (
	// Public: the internet.
	Public Network = iota
	// Metadata: the metadata service of a cloud.
	Metadata
	// Loopback: the machine itself.
	Loopback
	// LinkLocal: one network segment.
	LinkLocal
	// Private: a private network.
	Private
	// NoHost: not the address of a host.
	NoHost
)

// networks are those of the IANA special-purpose registries
// (https://www.iana.org/assignments/iana-ipv4-special-registry and
// iana-ipv6-special-registry) that reach this machine, its network or its cloud.
// The first match counts.
var networks = []struct {
	network  Network
	prefixes []netip.Prefix
}{
	// Amazon, Google, Microsoft and others; Alibaba; Oracle; Azure's own host;
	// Amazon by IPv6.
	{Metadata, prefixes("169.254.169.254/32", "169.254.170.2/32", "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32", "fd00:ec2::254/128")},
	{Loopback, prefixes("127.0.0.0/8", "::1/128")},
	{LinkLocal, prefixes("169.254.0.0/16", "fe80::/10")},
	{Private, prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "fc00::/7", "fec0::/10")},
	{NoHost, prefixes("0.0.0.0/8", "192.0.0.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8")},
}

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// embedding are the IPv6 networks that contain an IPv4 address, and at which
// byte: NAT64 (RFC 6052), 6to4 (RFC 3056) and the old IPv4-compatible form.
var embedding = []struct {
	network netip.Prefix
	at      int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12},
	{netip.MustParsePrefix("2002::/16"), 2},
	{netip.MustParsePrefix("::/96"), 12},
}

// networkOf says to which kind of network an address belongs.
func networkOf(ip netip.Addr) Network {
	ip = ip.Unmap().WithZone("")
	for _, n := range networks {
		if slices.ContainsFunc(n.prefixes, func(p netip.Prefix) bool { return p.Contains(ip) }) {
			return n.network
		}
	}
	for _, e := range embedding {
		if e.network.Contains(ip) {
			inner := ip.As16()
			return networkOf(netip.AddrFrom4([4]byte(inner[e.at : e.at+4])))
		}
	}
	return Public
}

// NotPublicOf returns the failure for an address that is not public; none for a
// public one.
func NotPublicOf(ip netip.Addr) Failure {
	if n := networkOf(ip); n != Public {
		return Failure{Kind: NotPublic, Address: ip, Network: n}
	}
	return Failure{}
}

// dial opens every connection to an address that DNS or a server named. Resolvers
// are chosen by the caller and do not use it.
func (p *Prober) dial(ctx context.Context, network string, address netip.AddrPort, limit int64) (net.Conn, error) {
	if f := NotPublicOf(address.Addr()); f.Failed() && !p.AllowPrivate {
		return nil, f
	}
	conn, err := p.Dial(ctx, network, address.String())
	if err != nil {
		return nil, err
	}
	return &boundedConn{Conn: conn, left: limit}, nil
}

// A boundedConn returns a limited number of bytes.
type boundedConn struct {
	net.Conn
	left int64
}

func (b *boundedConn) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, Failure{Kind: TooMuch}
	}
	n, err := b.Conn.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// mayPost reports whether a server may redirect a POST to a URL. Any other URL
// could be a service that acts on it, on this machine or elsewhere.
func mayPost(u *url.URL) bool {
	return u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") &&
		strings.HasSuffix(strings.ToLower(u.Path), "/autodiscover/autodiscover.xml")
}

// isHarmless reports whether a request changes nothing (RFC 9110, section 9.2.1).
func isHarmless(method string) bool { return method == http.MethodGet || method == http.MethodHead }
