//go:build !linux

package cli

import "time"

// monotonic has nobody to read it: systemd runs on Linux alone.
func monotonic() time.Duration { return 0 }
