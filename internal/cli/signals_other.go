//go:build !unix

package cli

import "os"

// notifySIGHUP never delivers: there is no SIGHUP here. The files are still polled, and
// the admin listener reloads when asked.
func notifySIGHUP() (c <-chan os.Signal, stop func()) {
	return nil, func() {}
}

// ignoreSIGPIPE has nothing to do: there is no SIGPIPE here.
func ignoreSIGPIPE() (restore func()) { return func() {} }
