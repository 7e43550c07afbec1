//go:build !unix

package cli

import "os"

// hangups never delivers: there is no SIGHUP here. The file is still polled, and
// the admin listener reloads when asked.
func hangups() (c <-chan os.Signal, stop func()) {
	return nil, func() {}
}
