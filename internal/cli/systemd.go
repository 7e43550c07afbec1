package cli

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// A serviceManager is notified of the server's state (sd_notify(3)). Outside systemd
// nothing is sent.
type serviceManager struct{ log *slog.Logger }

func (m serviceManager) ready()    { m.say(daemon.SdNotifyReady) }
func (m serviceManager) stopping() { m.say(daemon.SdNotifyStopping) }

// reload says that files are being loaded, and afterwards that the server is ready
// again. It is ready even if the reload failed, because the previous table stays in use.
func (m serviceManager) reload(load func() error) error {
	// Type=notify-reload uses the time to tell this message from that of an earlier reload.
	m.say(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", daemon.SdNotifyReloading, monotonic().Microseconds()))
	defer m.ready()
	return load()
}

// keepAlive tells the watchdog that the server responds, as long as it does, until ctx
// ends. systemd restarts a server that does not.
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
		m.log.Warn("the service manager could not be notified", "state", state, "error", err)
	}
}
