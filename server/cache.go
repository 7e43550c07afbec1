package server

import (
	"mailsetup/internal/document"
	"mailsetup/internal/provider"
)

// decideByAddress notes that the domain of an address settled which domain the
// request is about. That is as good as the Host where the Host names the same domain.
func (x *exchange) decideByAddress(d provider.Domain) {
	x.basis.Decision = document.ByPerson
	// Nothing is looked up for this: where it is in doubt which header names the host,
	// the answer stays private.
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
