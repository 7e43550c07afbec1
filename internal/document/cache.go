package document

// A CacheClass is what caches may do with an answer. The zero class forbids all
// caching.
type CacheClass uint8

const (
	// CacheNever is for answers that depend on the person who asks.
	CacheNever CacheClass = iota
	// CacheNoStore is for answers that are valid only now but are not private.
	CacheNoStore
	// CacheShared keeps an answer for an hour: long enough for a CDN to be of use,
	// short enough that a mistake in a table expires within the hour. Thunderbird
	// ignores it, Delta Chat keeps an answer an hour anyway.
	CacheShared
	// CacheStale is for a domain that was recognised a while ago and cannot be looked
	// up again now.
	CacheStale
	// CacheMiss is for a refusal: a domain that is unknown now may be in the table a
	// minute later.
	CacheMiss
	// CacheRevalidate is for pages that are the same for everybody who reads their
	// language. A browser keeps them if the server confirms them each time; a shared
	// cache that ignores Vary would show one person's language to all.
	CacheRevalidate
	// CacheForever is for files with a hash of their content in their name.
	CacheForever
)

// String returns the value of the Cache-Control header.
func (c CacheClass) String() string {
	switch c {
	case CacheNever:
		return "private, no-store"
	case CacheNoStore:
		return "no-store"
	case CacheShared:
		return "public, max-age=3600"
	case CacheStale:
		return "public, max-age=300"
	case CacheMiss:
		return "public, max-age=60"
	case CacheRevalidate:
		return "private, no-cache"
	case CacheForever:
		return "public, max-age=31536000, immutable"
	}
	return "no-store"
}

// Public reports whether caches may keep the answer for everybody who asks.
func (c CacheClass) Public() bool { return c.Kept() && c != CacheRevalidate }

// Kept reports whether any cache may keep the answer, if only that of a browser.
func (c CacheClass) Kept() bool { return c != CacheNever && c != CacheNoStore }

// A Decision says what determined the domain that a request is about. Caches in front
// may ignore the query, as CDNs often do, and then give the answer to everybody who
// asks for the same host and path. So what they may store must depend on these two
// alone. Such a cache can still give the Host's own settings to an address elsewhere,
// but never those of a third domain, or somebody's login.
type Decision uint8

const (
	// ByPerson: something that the person sent, or nothing yet.
	ByPerson Decision = iota
	// ByHost: the Host header, or an address in the domain that it names.
	ByHost
	// ByPath: the domain or the service in the path.
	ByPath
)

// A Basis is what an answer depends on.
type Basis struct {
	Decision Decision
	// StatedLogins: somebody's login in the domain is stated. No answer of such a
	// domain may be cached, not even one without an address: a cache that ignores
	// the query would give one person's answer to another.
	StatedLogins bool
	// Stale: the answer depends on a mail exchanger that was looked up long ago.
	Stale bool
	// Undecided: a look-up failed, so the answer is valid only now.
	Undecided bool
}

// Found returns the class of a document with settings.
func (b Basis) Found(f Format) CacheClass {
	switch {
	case kinds[f].unkept, b.StatedLogins, b.Decision == ByPerson:
		return CacheNever
	case b.Undecided:
		return CacheNoStore
	case b.Stale:
		return CacheStale
	}
	return CacheShared
}

// Missing returns the class of an answer without settings. Only a path names a
// domain for everybody who asks for it: a host whose own domain is not served may be
// a set-up host, which answers by the address.
func (b Basis) Missing() CacheClass {
	if b.Decision == ByPath && !b.Undecided {
		return CacheMiss
	}
	return CacheNoStore
}
