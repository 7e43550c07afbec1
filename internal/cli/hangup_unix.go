//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// hangups delivers each SIGHUP until stop is called. Without it, SIGHUP would
// end the program.
func hangups() (c <-chan os.Signal, stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	return signals, func() { signal.Stop(signals) }
}
