package cli

import (
	"fmt"
	"math"
	"runtime/debug"
	"strings"
	"testing"

	"mailsetup/internal/provider/providertest"
)

// With a large table the heap must not grow fivefold, and an operator's own setting
// wins.
func TestServeGC(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	var large strings.Builder
	large.WriteString("domains:\n")
	for i := range smallTable + 1 {
		fmt.Fprintf(&large, "  d%d.example.com: icloud\n", i)
	}
	for _, test := range []struct {
		name, overlay, gogc string
		want                int
	}{
		{"small", "domains: {example.com: icloud}", "", serveGCPercent},
		{"large", large.String(), "", 100},
		{"the operator's own", "domains: {example.com: icloud}", "70", 70},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("GOGC", test.gogc)
			debug.SetGCPercent(70)
			serveGC(providertest.Table(t, test.overlay), leastServeMemory)
			if got := debug.SetGCPercent(100); got != test.want {
				t.Errorf("%d %%, want %d", got, test.want)
			}
			if got, want := debug.SetMemoryLimit(-1), int64(leastServeMemory); test.name != "large" && got != want || test.name == "large" && got != math.MaxInt64 {
				t.Errorf("a limit of %d bytes", got)
			}
		})
	}
}

// In whatever order loads begin and end, the earlier setting comes back. A setting
// that is tighter than that of a load, or off, is left alone.
func TestCollectOften(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for _, test := range []struct{ before, during int }{{100, loadGCPercent}, {400, loadGCPercent}, {10, 10}, {-1, -1}} {
		t.Run(fmt.Sprint(test.before), func(t *testing.T) {
			debug.SetGCPercent(test.before)
			first := collectOften()
			second := collectOften()
			if got := currentGC(); got != test.during {
				t.Errorf("%d %% while two load, want %d", got, test.during)
			}
			first()
			if got := currentGC(); got != test.during {
				t.Errorf("%d %% while one still loads, want %d", got, test.during)
			}
			second()
			if got := currentGC(); got != test.before {
				t.Errorf("%d %% after both, want %d", got, test.before)
			}
		})
	}
}

// A table that goes live while another is loading decides the setting after that
// load.
func TestServeGCDuringALoad(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	t.Setenv("GOGC", "")
	done := collectOften()
	serveGC(providertest.Table(t, "domains: {example.com: icloud}"), leastServeMemory)
	if got := currentGC(); got != loadGCPercent {
		t.Errorf("%d %% during the load, want %d", got, loadGCPercent)
	}
	done()
	if got := currentGC(); got != serveGCPercent {
		t.Errorf("%d %% after it, want %d", got, serveGCPercent)
	}
}

// currentGC reads the setting.
func currentGC() int {
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	return percent
}
