package cli

import (
	"math"
	"os"
	"runtime/debug"
	"sync"

	"mailsetup/internal/provider"
)

const (
	// loadGCPercent is by how much the memory may grow between two collections of
	// garbage while a table is loaded. Lists have no pointers, so that one costs little.
	loadGCPercent = 20
	// serveGCPercent is by how much the heap may grow between two collections of
	// garbage while a small table is served. Such a table and the program take some 3
	// MB, and with Go's own setting garbage would be collected every 4 MB; with this
	// one it is every 16 MB. That costs some 12 MB at the peak (docs/performance.md).
	serveGCPercent = 400
	// smallTable is how many domains of the operator's a small table has at most. The
	// memory for a large one must not grow fivefold, and its garbage is collected
	// rarely anyhow.
	smallTable = 10_000
)

const (
	// leastServeMemory is what serveMemory is at least: what the unit in deploy/systemd
	// allows, 256 MB, is far from reached.
	leastServeMemory = 160 << 20
	// programMemory is what a small table and the program take of it. The program's code,
	// some 12 MB, does not count.
	programMemory = 4 << 20
)

// serveMemory is what the program aims to stay below with a small table, in bytes: beyond
// it garbage is collected as often as it takes. So it must hold all connections, and stay
// below the memory that there is.
func serveMemory(connections int, cost, memory int64) int64 {
	return max(leastServeMemory, min(programMemory+int64(connections)*cost, memory/4*3))
}

// serveGC sets how often garbage is collected while t is served, unless the operator
// has set GOGC or GOMEMLIMIT. With a small table, memory is the limit that it aims at.
func serveGC(t *provider.Table, memory int64) {
	small := t.HostedCount() <= smallTable
	if os.Getenv("GOMEMLIMIT") == "" {
		limit := int64(math.MaxInt64)
		if small {
			limit = memory
		}
		debug.SetMemoryLimit(limit)
	}
	switch {
	case os.Getenv("GOGC") != "":
	case small:
		setGC(serveGCPercent)
	default:
		setGC(100)
	}
}

// gc remembers Go's setting while tables are loaded. There is one setting in a
// process, so this is the one variable that belongs to the process.
var gc struct {
	sync.Mutex
	loads  int // in progress
	before int // the setting to return to after the last of them
}

// collectOften sets loadGCPercent until done is called, unless the setting is tighter
// already, or off: whoever turns the collector off has a reason. Loads may overlap.
func collectOften() (done func()) {
	gc.Lock()
	defer gc.Unlock()
	if gc.loads == 0 {
		gc.before = debug.SetGCPercent(loadGCPercent)
		if gc.before < loadGCPercent {
			debug.SetGCPercent(gc.before)
		}
	}
	gc.loads++
	return func() {
		gc.Lock()
		defer gc.Unlock()
		if gc.loads--; gc.loads == 0 {
			debug.SetGCPercent(gc.before)
		}
	}
}

// setGC sets the percentage, during a load for the time after it.
func setGC(percent int) {
	gc.Lock()
	defer gc.Unlock()
	if gc.loads > 0 {
		gc.before = percent
		return
	}
	debug.SetGCPercent(percent)
}
