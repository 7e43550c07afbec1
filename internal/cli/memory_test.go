package cli

import (
	"fmt"
	"runtime/debug"
	"strings"
	"testing"

	"mailsetup/internal/provider/providertest"
)

// A large table must not let the heap grow fivefold, and an operator's own setting
// counts.
func TestServeGC(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
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
			serveGC(providertest.Table(t, test.overlay))
			if got := debug.SetGCPercent(100); got != test.want {
				t.Errorf("%d %%, want %d", got, test.want)
			}
		})
	}
}
