package cli

import (
	"fmt"
	"net"
	"os"
	"strconv"
)

// systemdListener returns the listening socket that systemd hands over (sd_listen_fds(3)),
// or nil if there is none. The socket outlives the program, so connections made
// during a restart wait in its queue and none is refused.
func systemdListener() (net.Listener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	if n := os.Getenv("LISTEN_FDS"); n != "1" {
		return nil, fmt.Errorf("%s sockets were handed over: mailsetup takes one, for --listen", n)
	}
	const firstFD = 3 // SD_LISTEN_FDS_START
	file := os.NewFile(firstFD, "listen")
	defer file.Close() // FileListener makes a copy
	l, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("the socket handed over cannot be served: %w: set LISTEN_PID and LISTEN_FDS only as systemd does", err)
	}
	return l, nil
}
