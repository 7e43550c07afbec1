// Package certstest starts real servers on loopback for tests of certificates. The tests
// can stop and restart them.
package certstest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// A Server is a real server on loopback. It ends with the test.
type Server struct {
	URL string // for certs.StorageConfig

	t       *testing.T
	address string
	command func() *exec.Cmd
	ready   func() bool
	crash   os.Signal // ends it at once
	running *exec.Cmd
}

// needTool finds a server's program. Without it the test is skipped, or fails if
// MAILSETUP_E2E=require says that everything must be installed.
func needTool(t *testing.T, from string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
		// Debian has a separate folder for the programs of each version of PostgreSQL.
		if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); len(found) > 0 {
			return slices.Max(found)
		}
	}
	if os.Getenv("MAILSETUP_E2E") == "require" {
		t.Fatalf("%s is missing (%s)", names[0], from)
	}
	t.Skipf("%s is missing (%s): this storage is not tested", names[0], from)
	return ""
}

// StartRedis starts a Redis that keeps its data over a restart. Without the
// program the test is skipped.
func StartRedis(t *testing.T) *Server {
	program := needTool(t, "Debian package redis-server", "redis-server", "valkey-server")
	port, dir := strconv.Itoa(FreePort(t)), t.TempDir()
	s := &Server{t: t, crash: os.Kill, address: net.JoinHostPort("127.0.0.1", port)}
	s.URL = "redis://" + s.address + "/0"
	s.ready = func() bool {
		conn, err := net.Dial("tcp", s.address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}
	s.command = func() *exec.Cmd {
		return exec.Command(program, "--bind", "127.0.0.1", "--port", port, "--dir", dir, "--save", "", "--appendonly", "yes", "--appendfsync", "always")
	}
	s.Start()
	return s
}

// StartPostgres starts a PostgreSQL. Without the program the test is skipped.
func StartPostgres(t *testing.T) *Server {
	// Several of its programs are in everybody's path on Debian, but never all.
	initdb := needTool(t, "Debian package postgresql", "initdb")
	postgres := needTool(t, "Debian package postgresql", "postgres")
	isReady := needTool(t, "Debian package postgresql", "pg_isready")
	port, dir := strconv.Itoa(FreePort(t)), t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	owner := unprivileged(t, data)
	as := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir = "/"
		runAs(cmd, owner)
		return cmd
	}
	if out, err := as(initdb, "--pgdata", data, "--username", "mailsetup", "--auth", "trust", "--no-sync", "--encoding", "UTF8").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	// "Immediate shutdown": like a crash, but its other processes end as well.
	s := &Server{t: t, crash: syscall.SIGQUIT, address: net.JoinHostPort("127.0.0.1", port)}
	// It accepts connections before it answers them.
	s.ready = func() bool { return as(isReady, "-q", "-h", "127.0.0.1", "-p", port).Run() == nil }
	s.URL = "postgres://mailsetup@" + s.address + "/postgres?sslmode=disable"
	s.command = func() *exec.Cmd {
		return as(postgres, "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off")
	}
	s.Start()
	return s
}

// An account is the user who runs a program; nil: the user who runs the test.
type account struct{ uid, gid int }

// unprivileged returns the user for PostgreSQL, which refuses to run as root. The folder
// becomes that user's.
func unprivileged(t *testing.T, folder string) *account {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(found.Uid)
		gid, err2 := strconv.Atoi(found.Gid)
		if err1 != nil || err2 != nil {
			continue
		}
		// The folders above need only be traversed.
		for dir := filepath.Dir(folder); dir != os.TempDir() && len(dir) > 1; dir = filepath.Dir(dir) {
			_ = os.Chmod(dir, 0o755)
		}
		if err := os.Chown(folder, uid, gid); err != nil {
			t.Fatal(err)
		}
		return &account{uid, gid}
	}
	t.Fatal("PostgreSQL does not run as root, and there is no user to run it")
	return nil
}

// Start starts a stopped server again, and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	var output bytes.Buffer
	cmd := s.command()
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.running = cmd
	s.t.Cleanup(s.Stop)
	for range 600 {
		if s.ready() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.Stop()
	s.t.Fatalf("the server did not start:\n%s", &output)
}

// Stop ends the server at once, as a power failure would.
func (s *Server) Stop() {
	if s.running == nil {
		return
	}
	_ = s.running.Process.Signal(s.crash)
	_ = s.running.Wait()
	s.running = nil
}

// FreePort returns a port on which nothing listens. It is below those of outgoing
// connections (32768 and above on Linux), so that none of them takes it meanwhile.
func FreePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 12_000 + rand.IntN(8000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}
