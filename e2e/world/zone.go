package world

import (
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// A zone holds the records that were published in a running world.
type zone struct {
	mu      sync.RWMutex
	records map[string][]dns.RR // by name
}

// Publish adds the records of a zone file to the DNS of an isolated world. Names in it
// count before those of the world's sites.
func (w *World) Publish(zoneFile string) error {
	w.zone.mu.Lock()
	defer w.zone.mu.Unlock()
	parser := dns.NewZoneParser(strings.NewReader(zoneFile), ".", "")
	for record, ok := parser.Next(); ok; record, ok = parser.Next() {
		name := canonical(record.Header().Name)
		w.zone.records[name] = append(w.zone.records[name], record)
	}
	return parser.Err()
}

// answer returns what was published for a query, following aliases, as resolvers
// do. Known says that there is something at the name or below it.
func (z *zone) answer(q dns.Question) (answer []dns.RR, known bool) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	const maxAliases = 8
	name := canonical(q.Name)
	for range maxAliases {
		alias := ""
		for _, record := range z.records[name] {
			cname, isAlias := record.(*dns.CNAME)
			if isAlias {
				alias = canonical(cname.Target)
			}
			if isAlias || record.Header().Rrtype == q.Qtype {
				answer = append(answer, record)
			}
		}
		if alias == "" || q.Qtype == dns.TypeCNAME {
			break
		}
		name = alias
	}
	return answer, len(answer) > 0 || z.holds(canonical(q.Name))
}

func (z *zone) holds(name string) bool {
	for have := range z.records {
		if have == name || strings.HasSuffix(have, "."+name) {
			return true
		}
	}
	return false
}
