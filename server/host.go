package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
)

// hostDomain reads a Host header: letter case, port and trailing dot do not
// matter, U-labels are folded. It returns the zero Domain for an IP
// address, a single label or nonsense.
func hostDomain(host string) provider.Domain {
	if host == "" {
		return provider.Domain{} // most requests have such a Host, and an error costs as much as a document
	}
	if strings.Contains(host, ":") {
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
	}
	d, err := provider.ParseDomain(host)
	if err != nil {
		return provider.Domain{}
	}
	return d
}

// forwarded is what a reverse proxy that the operator trusts says about the
// request.
type forwarded struct {
	host      string     // X-Forwarded-Host; "" without one
	client    netip.Addr // zero without a trusted proxy, see [exchange.client]
	plainHTTP bool       // the client came by http although https is available
}

// readForwarded returns what a proxy says about the request. X-Forwarded-Host,
// X-Forwarded-Proto and X-Forwarded-For count only when the peer is a trusted
// proxy; of a list, the last entry is the one that this proxy wrote. If this server ends
// TLS itself, it knows whether a request came by TLS.
func readForwarded(r *http.Request, trusted []netip.Prefix, endsTLS bool) forwarded {
	f := forwarded{plainHTTP: endsTLS && r.TLS == nil}
	if len(trusted) == 0 {
		return f
	}
	peer := peerOf(r)
	if !within(trusted, peer) {
		return f
	}
	f.client = peer
	if a, ok := parseForwardedFor(lastOf(r.Header.Values("X-Forwarded-For"))); ok {
		f.client = a
	}
	f.host = lastOf(r.Header.Values("X-Forwarded-Host"))
	if proto := lastOf(r.Header.Values("X-Forwarded-Proto")); proto != "" {
		f.plainHTTP = strings.EqualFold(proto, "http")
	}
	return f
}

// peerOf returns the other end of the connection; zero if unknown.
func peerOf(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr().Unmap()
}

// client returns the address of the client: that of the peer, or the one that a
// trusted proxy reports.
func (x *exchange) client() netip.Addr {
	if x.from.client.IsValid() {
		return x.from.client
	}
	return peerOf(x.r)
}

// parseForwardedFor reads an address as proxies write it: some, such as Azure's, add
// the port and put IPv6 addresses into brackets.
func parseForwardedFor(s string) (netip.Addr, bool) {
	if withPort, err := netip.ParseAddrPort(s); err == nil {
		return withPort.Addr().Unmap(), true
	}
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return a.Unmap(), err == nil
}

// host returns the host name that the client asked, service label included; zero if it
// is not a domain name. X-Forwarded-Host counts only where the Host itself names no
// domain that is served: a proxy that leaves Host as it is may pass a client's own
// X-Forwarded-Host through.
func (x *exchange) host() provider.Domain {
	if x.hostRead {
		return x.hostName
	}
	x.hostRead, x.hostName = true, hostDomain(x.r.Host)
	forwarded := hostDomain(x.from.host)
	if x.from.host == "" || forwarded == x.hostName {
		return x.hostName
	}
	if _, served := x.find(document.MailDomain(x.hostName)); !served {
		x.hostName = forwarded
	}
	return x.hostName
}

func within(networks []netip.Prefix, a netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

func lastOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	v := values[len(values)-1]
	return strings.TrimSpace(v[strings.LastIndexByte(v, ',')+1:])
}
