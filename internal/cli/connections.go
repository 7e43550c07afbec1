package cli

import (
	"log/slog"
	"math"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/connlimit"
	"mailsetup/internal/memlimit"
	"mailsetup/server"
)

// What an open connection costs at most, in bytes, as measured by 'make faults'
// (docs/reliability.md).
const (
	plainConnection = 32 << 10
	tlsConnection   = 42 << 10
)

// connectionCost returns the cost of a connection in a TLS mode.
func connectionCost(mode string) int64 {
	if mode == tlsOff {
		return plainConnection
	}
	return tlsConnection
}

// maxConnections reads --max-connections. By default, connections may use a third of the
// available memory. The limit on open files lowers either.
func maxConnections(cmd *cli.Command, mode string, memory int64, log *slog.Logger) (int, error) {
	text := cmd.String("max-connections")
	n := defaultConnections(memory, connectionCost(mode))
	if text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			return 0, usagef("--max-connections: invalid number %q; use 1 or more", text)
		}
	}
	affordable := connlimit.Affordable(n)
	if affordable < n {
		log.Warn("the limit on open files allows fewer connections than --max-connections; raise it (ulimit -n, LimitNOFILE)",
			"max_connections", n, "used", affordable)
	}
	return affordable, nil
}

// defaultConnections returns how many connections of a given cost a third of the memory holds.
func defaultConnections(memory, cost int64) int {
	const fewest = 64 // a browser and some clients, however little memory there is
	return int(max(fewest, min(memory/3/cost, server.DefaultMaxConnections)))
}

// memoryLimit returns how much memory the program may use, in bytes: GOMEMLIMIT, the cgroup's
// limit or the machine's memory, whichever is smallest; MaxInt64 if none is known.
func memoryLimit() int64 {
	limit := int64(math.MaxInt64)
	if os.Getenv("GOMEMLIMIT") != "" {
		limit = debug.SetMemoryLimit(-1) // reads it
	}
	if l, known := memlimit.Read(os.DirFS("/")); known {
		limit = min(limit, l)
	}
	return limit
}
