package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"mailsetup/internal/provider"
)

// serviceLabels are the labels that clients put in front of a mail domain:
// config-v1.1 (draft-ietf-mailmaint-autoconfig), Outlook's Autodiscover
// (MS-OXDISCO 3.1.5) and PACC (draft-ietf-mailmaint-pacc).
var serviceLabels = []string{"autoconfig", "autodiscover", "ua-auto-config"}

// hostDomain reads a Host header: letter case, port and trailing dot do not
// matter, U-labels are folded. The zero Domain stands for an IP address, a
// single label or nonsense.
func hostDomain(host string) provider.Domain {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	d, err := provider.ParseDomain(host)
	if err != nil {
		return provider.Domain{}
	}
	return d
}

// mailDomain removes one leading service label.
func mailDomain(host provider.Domain) provider.Domain {
	for _, label := range serviceLabels {
		if d, ok := host.CutLabel(label); ok {
			return d
		}
	}
	return host
}

// forwarded is what the reverse proxy in front says about the request, if there
// is one that the operator trusts.
type forwarded struct {
	host      string
	client    netip.Addr // zero if unknown
	plainHTTP bool       // the proxy's client came by http
}

// readForwarded returns the Host and the client to go by. X-Forwarded-Host,
// X-Forwarded-Proto and X-Forwarded-For count only when the peer is a trusted
// proxy; of a list, the last entry is the one that this proxy wrote.
func readForwarded(r *http.Request, trusted []netip.Prefix) forwarded {
	f := forwarded{host: r.Host}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		f.client = peer.Addr().Unmap()
	}
	if !within(trusted, f.client) {
		return f
	}
	if a, err := netip.ParseAddr(lastOf(r.Header.Values("X-Forwarded-For"))); err == nil {
		f.client = a
	}
	if h := lastOf(r.Header.Values("X-Forwarded-Host")); h != "" {
		f.host = h
	}
	f.plainHTTP = strings.EqualFold(lastOf(r.Header.Values("X-Forwarded-Proto")), "http")
	return f
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
