package cli

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// A serviceManager is told how the server is (sd_notify(3)). Where none listens, as
// outside systemd, nothing is said.
type serviceManager struct{ log *slog.Logger }

func (m serviceManager) ready()    { m.say(daemon.SdNotifyReady) }
func (m serviceManager) stopping() { m.say(daemon.SdNotifyStopping) }

// reload says that files are being loaded, and afterwards that the server is ready
// again. It is ready whatever came of it: a table with mistakes is not taken.
func (m serviceManager) reload(load func() error) error {
	// Type=notify-reload tells this message by its time from one of a reload before.
	m.say(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", daemon.SdNotifyReloading, monotonic().Microseconds()))
	defer m.ready()
	return load()
}

// keepAlive tells the watchdog that the server responds, as long as it does, until ctx
// ends. A server that does not is ended and started again.
func (m serviceManager) keepAlive(ctx context.Context, responds func() bool) {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		m.log.Warn("the watchdog is not served: set WATCHDOG_USEC only as systemd does", "error", err)
		return
	}
	if limit == 0 {
		return
	}
	tick := time.NewTicker(max(limit/3, time.Microsecond)) // one that is late does not matter
	defer tick.Stop()
	for {
		if responds() {
			m.say(daemon.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (m serviceManager) say(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		m.log.Warn("the service manager could not be told", "state", state, "error", err)
	}
}
