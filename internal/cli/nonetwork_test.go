//go:build linux

package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// With drop-ins/no-network.conf the program is in a network namespace with only loopback.
// It serves on the inherited sockets, over TLS and plain HTTP, answers a health check
// inside, reloads, and ends cleanly.
func TestServesWithoutANetwork(t *testing.T) {
	nsenter := nsenterTool(t)
	binary, table := program(t)
	cert, key, client := serverCertificate(t)
	// As systemd does, bring loopback up.
	cmd := exec.Command("sh", "-c", `ip link set lo up && export LISTEN_PID=$$ LISTEN_FDS=2 && exec "$0" serve --admin-listen 127.0.0.1:8081 --drain 0s --tls-cert "$1" --tls-key "$2"`, binary, cert, key)
	cmd.Env = append(os.Environ(), "BUILTIN_TABLE="+table)
	cmd.SysProcAttr = ownNetwork()
	addresses := inheritSockets(t, cmd, 2)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // ended already, unless the test failed

	servers := []string{"https://" + addresses[0], "http://" + addresses[1]}
	wantServed(t, client, servers...)
	inside := func(args ...string) (string, error) {
		enter := exec.Command(nsenter, append([]string{"--preserve-credentials", "--user", "--net", "--target", strconv.Itoa(cmd.Process.Pid)}, args...)...)
		enter.Env = cmd.Env
		out, err := enter.CombinedOutput()
		return string(out), err
	}
	if out, err := inside("ip", "-brief", "link"); err != nil || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "lo ") {
		t.Errorf("the program has interfaces: %v\n%s", err, out)
	}
	if out, err := inside(binary, "healthcheck", "--admin-listen", "127.0.0.1:8081"); err != nil || out != "ready\n" {
		t.Errorf("health check inside: %v\n%s", err, out)
	}
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	wantServed(t, client, servers...)
	_ = cmd.Process.Signal(os.Interrupt)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("%v\n%s", err, &output)
		}
	case <-time.After(patience):
		t.Error("the server did not stop")
	}
}

// ownNetwork asks for a network namespace, inside a user namespace so that root is not
// needed.
func ownNetwork() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNET | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

// nsenterTool finds the program that enters a namespace.
func nsenterTool(t *testing.T) string {
	t.Helper()
	nsenter, err := exec.LookPath("nsenter")
	if err != nil {
		skipUnlessRequired(t, "nsenter is missing (Debian: util-linux)")
	}
	try := exec.Command("ip", "link", "set", "lo", "up")
	try.SysProcAttr = ownNetwork()
	if out, err := try.CombinedOutput(); err != nil {
		skipUnlessRequired(t, "no network namespace (Debian: iproute2, and the right to make one): %v %s", err, out)
	}
	return nsenter
}
