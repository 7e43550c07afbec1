package mx

import (
	"net/netip"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

// A Budget limits look-ups. Cached answers cost nothing.
type Budget struct {
	// PerNetwork is how many look-ups per second a network (IPv4 /24, IPv6 /48)
	// may cause in the long run, and PerNetworkBurst at once. 0: 2 and 60,
	// enough for a helpdesk that sets up a whole class.
	PerNetwork      float64
	PerNetworkBurst int
	// Overall and OverallBurst are the same for everybody together. 0: 100 and
	// 500.
	Overall      float64
	OverallBurst int
}

// maxNetworks is how many networks' limits are kept. A network that is
// dropped starts again with a full one, and the overall budget still applies.
const maxNetworks = 4096

type budgets struct {
	limits   Budget
	overall  *rate.Limiter
	known    *rate.Limiter // for recognised domains
	least    *rate.Limiter // for new ones when the others are used up
	mu       sync.Mutex
	networks *lru.LRU[netip.Prefix, *rate.Limiter]
}

func newBudgets(b Budget) *budgets {
	if b.PerNetwork == 0 {
		b.PerNetwork, b.PerNetworkBurst = 2, 60
	}
	if b.Overall == 0 {
		b.Overall, b.OverallBurst = 100, 500
	}
	networks, err := lru.NewLRU[netip.Prefix, *rate.Limiter](maxNetworks, nil)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &budgets{limits: b, networks: networks,
		overall: rate.NewLimiter(rate.Limit(b.Overall), b.OverallBurst),
		known:   rate.NewLimiter(rate.Limit(b.Overall), b.OverallBurst),
		least:   rate.NewLimiter(1, 1),
	}
}

// allow reserves one look-up. Known domains have a limit of their own. A new one uses
// its network's limit first, so that one network cannot use up the overall one. Even
// when everything is used up, one new domain a second is looked up.
func (b *budgets) allow(client netip.Addr, known bool) bool {
	if known {
		return b.known.Allow()
	}
	network := networkOf(client)
	b.mu.Lock()
	limiter, ok := b.networks.Get(network)
	if !ok {
		limiter = rate.NewLimiter(rate.Limit(b.limits.PerNetwork), b.limits.PerNetworkBurst)
		b.networks.Add(network, limiter)
	}
	b.mu.Unlock()
	return limiter.Allow() && b.overall.Allow() || b.least.Allow()
}

// networkOf returns the network that one subscriber usually has.
func networkOf(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // the zero Addr
	}
	return p
}
