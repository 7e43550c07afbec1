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

// ignoreSIGPIPE keeps the program alive when the reader of its standard output or
// standard error goes away; a write then fails with an error. Without it, Go ends
// the program at such a write, which is right only for a command in a pipeline.
func ignoreSIGPIPE() (restore func()) {
	signal.Ignore(syscall.SIGPIPE)
	return func() { signal.Reset(syscall.SIGPIPE) }
}
