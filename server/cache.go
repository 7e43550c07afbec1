package server

import (
	"net/http"

	"mailsetup/internal/provider"
)

// The values of Cache-Control.
const (
	// An hour: long enough for a CDN to be of use, short enough that a mistake in a
	// table expires within the hour. Thunderbird ignores it, Delta Chat keeps an
	// answer an hour anyway.
	cacheShared = "public, max-age=3600"
	// What a domain was found to be a while ago, while it cannot be looked up again.
	cacheStale = "public, max-age=300"
	// Whatever depends on the person who asks.
	cacheNever = "private, no-store"
	// A domain that is unknown now may be in the table a minute later.
	cacheMiss = "public, max-age=60"
)

// A decision says what settled which domain a request is about. Caches in front of
// us may drop the query (CDNs are set up so), and then hand the answer to whoever
// asks for the same host and path. So what they may keep must follow from these two
// alone. Such a cache can still give the Host's own settings to an address elsewhere;
// it can give nobody those of a third domain, or somebody's login.
type decision uint8

const (
	// byPerson: something that the person sent, or nothing yet.
	byPerson decision = iota
	// byHost: the Host header, or an address in the domain that it names.
	byHost
	// byPath: the domain or the service in the path.
	byPath
)

// decide notes what settled the domain.
func (x *exchange) decide(by decision) { x.decision = by }

// decideByAddress notes that the domain of an address settled it. That is as good as
// the Host where the Host names the same domain.
func (x *exchange) decideByAddress(d provider.Domain) {
	x.decision = byPerson
	// Nothing is looked up for this: where it is in doubt which header names the host,
	// the answer stays private.
	host, forwarded := hostDomain(x.r.Host), hostDomain(x.from.host)
	_, listed := x.state.table.ByDomain(mailDomain(host))
	switch {
	case x.from.host == "" || listed || host == forwarded:
	case host.IsZero():
		host = forwarded
	default:
		return
	}
	if d == mailDomain(host) {
		x.decision = byHost
	}
}

// cacheClass is the Cache-Control of a document. One without an ETag depends on the
// person.
func (x *exchange) cacheClass(d *document) string {
	switch {
	case d.etag == "" || x.decision == byPerson:
		return cacheNever
	case x.stale:
		return cacheStale
	}
	return cacheShared
}

// missClass is the Cache-Control of a refusal. Only a path names a domain for
// everybody who asks for it: a host whose own domain is not served may be a set-up
// host, which answers by the address.
func (x *exchange) missClass(status int) string {
	if status == http.StatusNotFound && x.decision == byPath && !x.undecided {
		return cacheMiss
	}
	return "no-store"
}

// send sends a document that a mail client reads.
func (x *exchange) send(d *document) { d.send(x.w, x.r, x.cacheClass(d)) }
