package mx

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"mailsetup/internal/provider"
)

// memory holds what the resolver said for certain. The least recently asked
// domain makes room for a new one.
type memory struct {
	keep, keepNone time.Duration

	mu      sync.Mutex
	answers *lru.LRU[provider.Domain, answer]
}

type answer struct {
	host  provider.Domain // zero: there is none
	until time.Time
}

func newMemory(entries int, keep, keepNone time.Duration) *memory {
	answers, err := lru.NewLRU[provider.Domain, answer](entries, nil)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &memory{keep: keep, keepNone: keepNone, answers: answers}
}

// get returns the exchanger, or the zero Domain for a domain known to have
// none. It reports whether anything is known.
func (m *memory) get(d provider.Domain) (provider.Domain, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.answers.Get(d)
	if !ok || time.Now().After(a.until) {
		return provider.Domain{}, false
	}
	return a.host, true
}

func (m *memory) put(d, host provider.Domain) {
	life := m.keep
	if host.IsZero() {
		life = m.keepNone
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers.Add(d, answer{host: host, until: time.Now().Add(life)})
}
