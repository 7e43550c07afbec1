package cli

import (
	"math"
	"testing"
)

// The allowed connections must fit into the memory limits that people set, with room for
// everything else.
func TestDefaultConnections(t *testing.T) {
	for _, test := range []struct {
		name   string
		memory int64
		mode   string
		want   int
	}{
		{"no limit known", math.MaxInt64, tlsACME, 4096},
		{"1 GiB", 1 << 30, tlsFiles, 4096},
		{"256 MiB, plain", 256 << 20, tlsOff, 2730},
		{"256 MiB, TLS", 256 << 20, tlsACME, 2080},
		{"64 MiB, TLS", 64 << 20, tlsFiles, 520},
		{"next to nothing", 1 << 20, tlsOff, 64},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := defaultConnections(test.memory, connectionCost(test.mode)); got != test.want {
				t.Errorf("%d connections, want %d", got, test.want)
			}
		})
	}
}

// Beyond the limit of serveMemory, garbage is collected all the time: the limit must be
// above what the allowed connections take, and within the memory that there is.
func TestServeMemory(t *testing.T) {
	for _, test := range []struct {
		name        string
		connections int
		mode        string
		memory      int64
		want        int64
	}{
		{"a few", 100, tlsOff, math.MaxInt64, leastServeMemory},
		{"the usual, plain", 4096, tlsOff, math.MaxInt64, leastServeMemory},
		{"the usual, TLS", 4096, tlsACME, math.MaxInt64, programMemory + 4096*tlsConnection},
		{"many", 12_000, tlsFiles, math.MaxInt64, programMemory + 12_000*tlsConnection},
		{"more than there is", 12_000, tlsFiles, 400 << 20, 300 << 20},
		{"a small container", 520, tlsFiles, 64 << 20, leastServeMemory},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := serveMemory(test.connections, connectionCost(test.mode), test.memory); got != test.want {
				t.Errorf("%d bytes, want %d", got, test.want)
			}
		})
	}
}
