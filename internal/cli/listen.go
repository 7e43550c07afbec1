package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"syscall"

	"github.com/urfave/cli/v3"

	"mailsetup/server"
)

// adminOff reports whether the admin listener is switched off.
func adminOff(address string) bool { return address == "off" }

// checkListenFlags refuses invalid addresses before anything is opened.
func checkListenFlags(cmd *cli.Command, mode string) error {
	if err := checkListenAddress("listen", listenAddress(cmd, mode)); err != nil {
		return err
	}
	if address := plainAddress(cmd, mode); address != "" {
		if err := checkListenAddress("http-listen", address); err != nil {
			return err
		}
	}
	if address := cmd.String("admin-listen"); !adminOff(address) {
		return checkListenAddress("admin-listen", address)
	}
	return nil
}

// openListeners opens all listeners, or none. Sockets from systemd replace --listen and
// --http-listen.
func openListeners(cmd *cli.Command, mode string) (on server.Listeners, err error) {
	defer func() {
		if err != nil {
			on.Close()
			on = server.Listeners{}
		}
	}()
	if on, err = systemdListeners(); err != nil {
		return on, err
	}
	if on.Public == nil {
		if on.Public, err = listen("listen", listenAddress(cmd, mode)); err != nil {
			return on, err
		}
	}
	if address := plainAddress(cmd, mode); on.Plain == nil && address != "" {
		if on.Plain, err = listen("http-listen", address); err != nil {
			return on, err
		}
	}
	if address := cmd.String("admin-listen"); !adminOff(address) {
		on.Admin, err = listen("admin-listen", address)
	}
	return on, err
}

// addressOf returns a listener's address for the log.
func addressOf(l net.Listener) string {
	if l == nil {
		return "off"
	}
	return l.Addr().String()
}

func checkListenAddress(flag, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		if _, err := strconv.ParseUint(address, 10, 16); err == nil {
			return usagef("--%s: %q is only a port; use :%s for all addresses, or 127.0.0.1:%s for this machine only", flag, address, address, address)
		}
		return usagef("--%s: invalid address %q; use HOST:PORT or :PORT", flag, address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return usagef("--%s: invalid port %q; use 0 to 65535", flag, port)
	}
	return nil
}

// listen opens a listener. Its errors say what to do.
func listen(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%w: another program uses this port; stop it, or choose another port with --%s", err, flag)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w: ports below 1024 need a privilege; let systemd start the program (see deploy/systemd), run setcap cap_net_bind_service=+ep on the file, or choose a port from 1024 up with --%s", err, flag)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%w: this machine does not have this address; choose another with --%s", err, flag)
	default:
		return nil, fmt.Errorf("%w: give another address with --%s", err, flag)
	}
}
