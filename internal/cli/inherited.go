package cli

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"mailsetup/server"
)

// systemdListeners returns the listening sockets passed by systemd (sd_listen_fds(3)), if
// there are any. The sockets outlive the program, so connections made during a restart wait
// in their queues and none is refused.
//
// A single socket replaces --listen. Of two, the one named http in its unit
// (FileDescriptorName=), otherwise the second, replaces --http-listen.
func systemdListeners() (on server.Listeners, err error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return on, nil
	}
	n, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || n < 1 || n > 2 {
		return on, fmt.Errorf("%s sockets were passed by systemd: mailsetup accepts one, for --listen, or two, the second for --http-listen", os.Getenv("LISTEN_FDS"))
	}
	var all []net.Listener
	defer func() {
		if err != nil {
			for _, l := range all {
				_ = l.Close()
			}
		}
	}()
	for i := range n {
		l, err := inherited(i)
		if err != nil {
			return on, err
		}
		all = append(all, l)
	}
	if n == 2 {
		if strings.HasPrefix(os.Getenv("LISTEN_FDNAMES"), "http:") {
			all[0], all[1] = all[1], all[0]
		}
		on.Plain = all[1]
	}
	on.Public = all[0]
	return on, nil
}

// inherited makes a listener from a passed socket.
func inherited(i int) (net.Listener, error) {
	const firstFD = 3 // SD_LISTEN_FDS_START
	file := os.NewFile(uintptr(firstFD+i), "listen")
	defer file.Close() // FileListener makes a copy
	l, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("the socket passed by systemd cannot be used: %w: set LISTEN_PID and LISTEN_FDS only as systemd does", err)
	}
	return l, nil
}
