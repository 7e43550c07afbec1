package server

import (
	"mailsetup/internal/document"
	"mailsetup/internal/provider"
)

// decideByAddress records that the domain of an address decided which domain the
// request is about. That counts like the Host if the Host names the same domain.
func (x *exchange) decideByAddress(d provider.Domain) {
	x.basis.Decision = document.ByPerson
	// Nothing is looked up for this: if it is unclear which header names the host, the
	// answer stays private.
	host := hostDomain(x.r.Host)
	if x.from.host != "" {
		forwarded := hostDomain(x.from.host)
		_, listed := x.state.table.ByDomain(document.MailDomain(host))
		switch {
		case listed || host == forwarded:
		case host.IsZero():
			host = forwarded
		default:
			return
		}
	}
	if d == document.MailDomain(host) {
		x.basis.Decision = document.ByHost
	}
}

// varyByHost names the headers that decided. The Host is part of every cache's key by
// RFC 9111, but not of nginx's default one, which would give the settings of one
// domain to the next.
func (x *exchange) varyByHost() {
	x.w.Header()["Vary"] = varyHost
	if x.from.client.IsValid() { // a trusted proxy's
		x.w.Header()["Vary"] = varyForwardedHost
	}
}
