//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// notifySIGHUP delivers each SIGHUP until stop is called. Without it, SIGHUP would
// end the program.
func notifySIGHUP() (c <-chan os.Signal, stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	return signals, func() { signal.Stop(signals) }
}
