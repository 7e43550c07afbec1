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
	plainHTTP bool // the proxy's client came by http
}

// readForwarded returns the Host to go by. X-Forwarded-Host and
// X-Forwarded-Proto count only when the peer is a trusted proxy; of a list, the
// last entry is the one that this proxy wrote.
func readForwarded(r *http.Request, trusted []netip.Prefix) forwarded {
	f := forwarded{host: r.Host}
	if len(trusted) == 0 || !fromTrusted(r.RemoteAddr, trusted) {
		return f
	}
	if h := lastOf(r.Header.Values("X-Forwarded-Host")); h != "" {
		f.host = h
	}
	f.plainHTTP = strings.EqualFold(lastOf(r.Header.Values("X-Forwarded-Proto")), "http")
	return f
}

func fromTrusted(remote string, trusted []netip.Prefix) bool {
	peer, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	for _, p := range trusted {
		if p.Contains(peer.Addr().Unmap()) {
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
