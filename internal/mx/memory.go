package mx

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"mailsetup/internal/provider"
)

// memory caches definite answers of the resolver. The least recently used domain is
// dropped for a new one. Domains without an exchanger are cached separately, so that
// made-up names do not displace real domains.
type memory struct {
	keep, keepNone time.Duration

	mu      sync.Mutex
	answers *lru.LRU[provider.Domain, answer]
	lacks   *lru.LRU[provider.Domain, time.Time] // until when
}

type answer struct {
	host    provider.Domain
	learned time.Time
	until   time.Time // when to look it up again
}

// A remembered answer about a domain.
type remembered struct {
	host  provider.Domain // zero: there is none
	fresh bool            // still valid; otherwise it must be looked up again
	stale bool            // older than a valid answer
}

func newMemory(entries int, keep, keepNone time.Duration) *memory {
	answers, err := lru.NewLRU[provider.Domain, answer](entries, nil)
	if err != nil {
		panic(err) // only for a size below 1
	}
	lacks, err := lru.NewLRU[provider.Domain, time.Time](entries, nil)
	if err != nil {
		panic(err)
	}
	return &memory{keep: keep, keepNone: keepNone, answers: answers, lacks: lacks}
}

// get returns what is cached about a domain, if anything. An expired exchanger
// is kept up to MaxStale; the fact that there is none is not.
func (m *memory) get(d provider.Domain) (remembered, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if until, ok := m.lacks.Get(d); ok && !now.After(until) {
		return remembered{fresh: true}, true
	}
	a, ok := m.answers.Get(d)
	if !ok {
		return remembered{}, false
	}
	r := remembered{host: a.host, fresh: !now.After(a.until), stale: now.Sub(a.learned) > m.keep}
	return r, r.fresh || now.Sub(a.learned) < MaxStale
}

// size returns the number of domains with an exchanger.
func (m *memory) size() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answers.Len()
}

func (m *memory) put(d, host provider.Domain) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if host.IsZero() {
		m.answers.Remove(d)
		m.lacks.Add(d, now.Add(m.keepNone))
		return
	}
	m.lacks.Remove(d)
	m.answers.Add(d, answer{host: host, learned: now, until: now.Add(m.keep)})
}

// postpone extends an exchanger that could not be looked up again, so that not
// every request waits for a resolver that is down.
func (m *memory) postpone(d provider.Domain) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a, ok := m.answers.Peek(d); ok {
		a.until = time.Now().Add(retryAfter)
		if end := a.learned.Add(MaxStale); a.until.After(end) {
			a.until = end
		}
		m.answers.Add(d, a)
	}
}
