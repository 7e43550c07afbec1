package world

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// isolatedFrom is the environment variable that tells the inner process which
// network namespace it was taken out of. The outer one's name makes sure that
// the variable alone, set by hand, never lets anybody mount over the real
// machine's files.
const isolatedFrom = "MAILSETUP_E2E_ISOLATED_FROM"

// Isolated reports whether this is the process that [Isolate] has started.
func Isolated() bool {
	from := os.Getenv(isolatedFrom)
	now, err := os.Readlink("/proc/self/ns/net")
	return from != "" && err == nil && from != now && os.Getpid() == 1
}

// Isolate runs the calling program once more, alone in network, mount and
// process namespaces, and returns its exit status: whatever the inner one starts
// ends with it, and nothing leaves the machine. The error is [ErrNotAllowed]
// if namespaces are not available.
func Isolate() (status int, err error) {
	outer, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return 0, ErrNotAllowed
	}
	flags := []string{"--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"}
	if os.Getuid() != 0 {
		flags = append(flags, "--user", "--map-root-user")
	}
	if os.Getenv("MAILSETUP_E2E_NAMESPACES") == "off" || exec.Command("unshare", append(flags, "--", "true")...).Run() != nil {
		return 0, ErrNotAllowed
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	inner := exec.Command("unshare", append(append(flags, "--", self), os.Args[1:]...)...)
	inner.Stdin, inner.Stdout, inner.Stderr = os.Stdin, os.Stdout, os.Stderr
	inner.Env = append(os.Environ(), isolatedFrom+"="+outer)
	// The inner process must not outlive this one. The signal is sent when the
	// thread that started it ends, so that thread must stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	inner.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	// The terminal interrupts the inner process as well, whose exit status is
	// waited for.
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	defer signal.Stop(interrupt)
	err = inner.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// Demote makes a command run as an ordinary user, given by number, in its own
// user namespace. Our files are that user's files. Some servers refuse to run
// as root, which an isolated process always is.
func Demote(cmd *exec.Cmd, uid, gid int) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: gid, HostID: os.Getgid(), Size: 1}},
	}
}

// furnish brings the loopback interface up and replaces the system's files
// with this world's.
func (w *World) furnish() error {
	if err := connectLoopback(); err != nil {
		return fmt.Errorf("loopback interface: %w", err)
	}
	// Ordinary users may have the mail ports; see Demote.
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", []byte("0"), 0); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "world-")
	if err != nil {
		return err
	}
	w.closers = append(w.closers, func() error { return os.RemoveAll(dir) })
	bundle, err := os.ReadFile(caBundle)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	for path, content := range map[string]string{
		"/etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:2 attempts:1\n",
		"/etc/hosts":       "127.0.0.1 localhost " + name + "\n",
		caBundle:           string(bundle) + string(w.Authority.PEM()),
	} {
		source := filepath.Join(dir, filepath.Base(path))
		if err := errors.Join(os.WriteFile(source, []byte(content), 0o644), Cover(path, source)); err != nil {
			return err
		}
	}
	return nil
}

// connectLoopback brings the loopback interface up and gives it another address.
// With only a loopback address, getaddrinfo's AI_ADDRCONFIG finds no IPv4 and
// clients think that the machine is offline.
func connectLoopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	up, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	up.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	alias, err := unix.NewIfreq("lo:0")
	if err != nil {
		return err
	}
	if err := alias.SetInet4Addr(net.IPv4(192, 0, 2, 1).To4()); err != nil {
		return err
	}
	return errors.Join(unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, up), unix.IoctlIfreq(socket, unix.SIOCSIFADDR, alias))
}

// caBundle is where programs on Debian find the certificates that they trust.
const caBundle = "/etc/ssl/certs/ca-certificates.crt"

// Cover replaces the file or folder at path with the one at source, as seen
// by this process and its children. A path that does not exist is left alone.
func Cover(path, source string) error {
	really, err := filepath.EvalSymlinks(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := syscall.Mount(source, really, "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount over %s: %w", path, err)
	}
	return nil
}

// Uncover reverses [Cover] for path.
func Uncover(path string) error {
	really, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	return syscall.Unmount(really, syscall.MNT_DETACH)
}
