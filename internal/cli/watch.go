package cli

import (
	"context"
	"os"
	"time"
)

// pollInterval is how often the table's file is read to see whether it changed.
// Notifications of the operating system would be quicker and miss changes on
// network file systems and in ConfigMaps.
const pollInterval = 10 * time.Second

// watch reloads at each SIGHUP, and when the file has changed, until ctx ends.
// A file that is broken is tried once, not at every look, so that the log holds
// its mistakes once.
func watch(ctx context.Context, source *tableSource, sighup <-chan os.Signal, reload func() error) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-sighup:
		case <-tick.C:
			if !source.Changed() {
				continue
			}
		}
		_ = reload() // the server has logged why it failed
	}
}
