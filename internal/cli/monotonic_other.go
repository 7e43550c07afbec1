//go:build !linux

package cli

import "time"

// monotonic is not needed: systemd runs only on Linux.
func monotonic() time.Duration { return 0 }
