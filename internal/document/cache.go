package document

// A CacheClass is what caches may do with an answer. The zero class keeps it from
// all of them.
type CacheClass uint8

const (
	// CacheNever is for whatever depends on the person who asks.
	CacheNever CacheClass = iota
	// CacheNoStore is for what holds for now only and concerns nobody's privacy.
	CacheNoStore
	// CacheShared keeps an answer for an hour: long enough for a CDN to be of use,
	// short enough that a mistake in a table expires within the hour. Thunderbird
	// ignores it, Delta Chat keeps an answer an hour anyway.
	CacheShared
	// CacheStale is for what a domain was found to be a while ago, while it cannot be
	// looked up again.
	CacheStale
	// CacheMiss is for a refusal: a domain that is unknown now may be in the table a
	// minute later.
	CacheMiss
	// CacheRevalidate keeps what is the same for everybody, if the server confirms it
	// each time.
	CacheRevalidate
	// CacheForever is for what has a hash of its content in its name.
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
		return "public, no-cache"
	case CacheForever:
		return "public, max-age=31536000, immutable"
	}
	return "no-store"
}

// Public reports whether caches may keep the answer for everybody who asks.
func (c CacheClass) Public() bool { return c != CacheNever && c != CacheNoStore }

// A Decision says what settled which domain a request is about. Caches in front of
// us may drop the query (CDNs are set up so), and then hand the answer to whoever
// asks for the same host and path. So what they may keep must follow from these two
// alone. Such a cache can still give the Host's own settings to an address elsewhere;
// it can give nobody those of a third domain, or somebody's login.
type Decision uint8

const (
	// ByPerson: something that the person sent, or nothing yet.
	ByPerson Decision = iota
	// ByHost: the Host header, or an address in the domain that it names.
	ByHost
	// ByPath: the domain or the service in the path.
	ByPath
)

// A Basis is what an answer rests on.
type Basis struct {
	Decision Decision
	// StatedLogins: somebody's login in the domain is stated. No answer of such a
	// domain may be kept, also not the one for nobody in particular: a cache that
	// ignores the query would hand one person's answer to another.
	StatedLogins bool
	// Stale: a mail exchanger that was looked up long ago decided.
	Stale bool
	// Undecided: a look-up failed, so the answer holds for now only.
	Undecided bool
}

// Found returns the class of a document with settings.
func (b Basis) Found(f Format) CacheClass {
	switch {
	case kinds[f].unkept, b.StatedLogins, b.Decision == ByPerson:
		return CacheNever
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
