package doctor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Others decide what the doctor meets: whoever controls a domain's DNS chooses the
// addresses, and a web server chooses where its redirects lead. This file keeps
// them from turning the doctor against its own network or its own memory.

// How much of a connection is read, in bytes. An endless greeting once took all
// memory.
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

// errTooMuch: the other side sent more than any honest one does.
var errTooMuch = errors.New("it sends more than 1 MiB")

// errPost keeps a redirect from aiming a POST at something that acts on it.
var errPost = errors.New("a redirect leads the POST to a place that is no Autodiscover")

// notPublic is the refusal to connect to an address outside the public internet.
type notPublic struct {
	address netip.Addr
	kind    string // "a private address", for example
}

func (e notPublic) Error() string { return e.address.String() + " is " + e.kind }

func isNotPublic(err error) bool {
	_, ok := errors.AsType[notPublic](err)
	return ok
}

// notPublicKinds are the networks of the IANA special-purpose registries
// (https://www.iana.org/assignments/iana-ipv4-special-registry and
// iana-ipv6-special-registry) that reach the doctor's own machine, its network or
// its cloud. The first match counts.
var notPublicKinds = []struct {
	kind     string
	networks []netip.Prefix
}{
	// Amazon, Google, Microsoft and others; Alibaba; Oracle; Azure's own host;
	// Amazon by IPv6.
	{"an address of a cloud's metadata service", prefixes("169.254.169.254/32", "169.254.170.2/32", "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32", "fd00:ec2::254/128")},
	{"a loopback address", prefixes("127.0.0.0/8", "::1/128")},
	{"a link-local address", prefixes("169.254.0.0/16", "fe80::/10")},
	{"a private address", prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "fc00::/7", "fec0::/10")},
	{"not an address of a host", prefixes("0.0.0.0/8", "192.0.0.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8")},
}

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// embedding are the IPv6 networks that carry an IPv4 address, and at which byte:
// NAT64 (RFC 6052), 6to4 (RFC 3056) and the old IPv4-compatible form.
var embedding = []struct {
	network netip.Prefix
	at      int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12},
	{netip.MustParsePrefix("2002::/16"), 2},
	{netip.MustParsePrefix("::/96"), 12},
}

// specialKind says what kind of address it is that only a network of its own can
// reach; "" for a public one.
func specialKind(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	for _, k := range notPublicKinds {
		if slices.ContainsFunc(k.networks, func(n netip.Prefix) bool { return n.Contains(ip) }) {
			return k.kind
		}
	}
	for _, e := range embedding {
		if e.network.Contains(ip) {
			inner := ip.As16()
			return specialKind(netip.AddrFrom4([4]byte(inner[e.at : e.at+4])))
		}
	}
	return ""
}

// dial opens every connection to an address that DNS or a server named. Resolvers
// are named by whoever runs the command, and don't go through it.
func (c *check) dial(ctx context.Context, network string, address netip.AddrPort, limit int64) (net.Conn, error) {
	if kind := specialKind(address.Addr()); kind != "" && !c.AllowPrivate {
		return nil, notPublic{address.Addr(), kind}
	}
	conn, err := c.Dial(ctx, network, address.String())
	if err != nil {
		return nil, err
	}
	return &boundedConn{Conn: conn, left: limit}, nil
}

// A boundedConn gives a limited number of bytes.
type boundedConn struct {
	net.Conn
	left int64
}

func (b *boundedConn) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooMuch
	}
	n, err := b.Conn.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// mayPost reports whether a server may lead a POST to a URL. Anything else could be
// a service that acts on it, on this machine or elsewhere.
func mayPost(u *url.URL) bool {
	return u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") &&
		strings.HasSuffix(strings.ToLower(u.Path), "/autodiscover/autodiscover.xml")
}

// isHarmless reports whether a request changes nothing (RFC 9110, section 9.2.1).
func isHarmless(method string) bool { return method == http.MethodGet || method == http.MethodHead }
