package cli

import (
	"os"
	"runtime/debug"

	"mailsetup/internal/provider"
)

const (
	// serveGCPercent is by how much the heap may grow between two collections of
	// garbage while a small table is served. Such a table and the program take some 3
	// MB, and with Go's own setting garbage would be collected every 4 MB; with this
	// one it is every 16 MB: 54 µs of CPU for a POST of Autodiscover
	// where it was 64, for 36 MB at the peak where it was 25.
	serveGCPercent = 400
	// smallTable is how many domains of the operator's a small table has at most. The
	// memory for a large one must not grow fivefold, and its garbage is collected
	// rarely anyhow.
	smallTable = 10_000
)

// serveGC sets how often garbage is collected while t is served, unless the operator
// has set GOGC. A GOMEMLIMIT of the operator's still holds: near it Go collects as often
// as it must.
func serveGC(t *provider.Table) {
	if os.Getenv("GOGC") != "" {
		return
	}
	if t.HostedCount() > smallTable {
		debug.SetGCPercent(100)
		return
	}
	debug.SetGCPercent(serveGCPercent)
}
