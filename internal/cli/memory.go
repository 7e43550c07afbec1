package cli

import (
	"math"
	"os"
	"runtime/debug"
	"sync"

	"mailsetup/internal/provider"
)

const (
	// loadGCPercent is GOGC while a table is loaded. Lists have no pointers, so a
	// collection costs little.
	loadGCPercent = 20
	// serveGCPercent is GOGC while a small table is served. Such a table and the program
	// take some 3 MB; with Go's default, garbage would be collected every 4 MB, with this
	// setting every 16 MB. That costs some 12 MB at the peak (docs/performance.md).
	serveGCPercent = 400
	// smallTable is the highest number of the operator's domains in a small table. The
	// memory for a large one must not grow fivefold, and its garbage is collected
	// rarely anyway.
	smallTable = 10_000
)

const (
	// leastServeMemory is the minimum of serveMemory, well below the 256 MB that the unit
	// in deploy/systemd allows.
	leastServeMemory = 160 << 20
	// programMemory is the share of a small table and the program. The program's code,
	// some 12 MB, does not count.
	programMemory = 4 << 20
)

// serveMemory returns the memory limit for a small table, in bytes: above it, garbage is
// collected as often as needed. So it must be enough for all connections, and less than
// the available memory.
func serveMemory(connections int, cost, memory int64) int64 {
	return max(leastServeMemory, min(programMemory+int64(connections)*cost, memory/4*3))
}

// serveGC sets how often garbage is collected while t is served, unless the operator
// has set GOGC or GOMEMLIMIT. With a small table, memory is the limit.
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

// collectOften sets loadGCPercent until done is called, unless the setting is already
// lower, or off, which somebody must have chosen on purpose. Loads may overlap.
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

// setGC sets the percentage; during a load, it takes effect after the load.
func setGC(percent int) {
	gc.Lock()
	defer gc.Unlock()
	if gc.loads > 0 {
		gc.before = percent
		return
	}
	debug.SetGCPercent(percent)
}
