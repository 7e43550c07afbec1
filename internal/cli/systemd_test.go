//go:build linux

package cli_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A manager plays systemd's part: a socket that receives the program's messages.
type manager struct {
	t      *testing.T
	socket *net.UnixConn
}

// next returns the next message that does not come from the watchdog's loop.
func (m manager) next() string {
	m.t.Helper()
	for {
		if message := m.receive(); message != "WATCHDOG=1" {
			return message
		}
	}
}

func (m manager) receive() string {
	m.t.Helper()
	buf := make([]byte, 4096)
	if err := m.socket.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		m.t.Fatal(err)
	}
	n, err := m.socket.Read(buf)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(buf[:n])
}

// systemd is told: ready, alive, reloading and ready again, stopping.
func TestServiceManagerIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	m := manager{t, socket}

	binary, table := program(t)
	cmd := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--admin-listen", "off", "--drain", "0s")
	cmd.Env = append(os.Environ(), "BUILTIN_TABLE="+table, "NOTIFY_SOCKET="+path, "WATCHDOG_USEC=300000")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	signal := func(s os.Signal) {
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}

	if got := m.next(); got != "READY=1" {
		t.Errorf("at the start systemd is told %q", got)
	}
	if got := m.receive(); got != "WATCHDOG=1" {
		t.Errorf("the watchdog is told %q", got)
	}
	signal(syscall.SIGHUP)
	announced, ok := strings.CutPrefix(m.next(), "RELOADING=1\nMONOTONIC_USEC=")
	if !ok || announced == "" || announced == "0" {
		t.Errorf("a reload is announced without its time: %q", announced)
	}
	if got := m.next(); got != "READY=1" {
		t.Errorf("after a reload systemd is told %q", got)
	}
	signal(syscall.SIGTERM)
	if got := m.next(); got != "STOPPING=1" {
		t.Errorf("at the end systemd is told %q", got)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, &output)
	}
}
