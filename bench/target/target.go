//go:build linux

// Package target builds the program, starts it under limits, and measures it
// from outside, by what Linux reports about its process.
package target

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Build compiles the program, as for a release, into folder, and returns its file.
func Build(ctx context.Context, folder string) (string, error) {
	file := filepath.Join(folder, "mailsetup")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, "mailsetup")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the program cannot be built: %w\n%s", err, out)
	}
	return file, nil
}

// Options configure how the program runs.
type Options struct {
	Args []string // of serve; the listeners are added
	Env  []string // added to the environment
	// Socket is the public listener, passed as by systemd. Nil: a free port of
	// loopback.
	Socket *os.File
	// Stdout gets standard output. Nil: it is discarded. A greeting goes there
	// only with --log-format text, which Text asks for.
	Stdout *os.File
	Text   bool
	// MemoryLimit, in bytes, is a cgroup's. 0: none.
	MemoryLimit int64
	// Descriptors is the limit of open files. 0: the machine's.
	Descriptors int
	// Resolver is the IP address of the only name server that the program knows,
	// by an /etc/resolv.conf in its own mount namespace. Empty: the machine's.
	Resolver string
}

// A Server is a running program.
type Server struct {
	Address string        // of the public listener
	Admin   string        // of the admin listener
	PID                   // of the program
	Started time.Duration // from the start of the process until it serves
	Limit   *Cgroup       // nil: none was requested or the machine allows none

	cmd    *exec.Cmd
	stderr *os.File
	reader chan struct{} // closed when stderr is no longer read
	done   chan struct{} // closed when the process has ended
	mu     sync.Mutex
	lines  []string
	status error
}

var (
	listenOf = regexp.MustCompile(`listen["=:]+([0-9.]+:[0-9]+)`)
	adminOf  = regexp.MustCompile(`admin["=:]+([0-9.]+:[0-9]+)`)
)

// Start starts the program and returns when it serves.
func Start(ctx context.Context, file string, o Options) (*Server, error) {
	format := "json"
	if o.Text {
		format = "text"
	}
	args := append([]string{file, "serve", "--admin-listen", "127.0.0.1:0", "--log-format", format}, o.Args...)
	if o.Socket == nil {
		args = append(args, "--listen", "127.0.0.1:0")
	}
	s := &Server{reader: make(chan struct{}), done: make(chan struct{})}
	script, err := s.limits(o)
	if err != nil {
		return nil, err
	}
	s.cmd = exec.Command("/bin/sh", append([]string{"-c", script, "sh"}, args...)...)
	if o.Resolver != "" {
		s.cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	}
	s.cmd.Env = append(os.Environ(), o.Env...)
	if o.Socket != nil {
		s.cmd.ExtraFiles = []*os.File{o.Socket}
	}
	if o.Stdout != nil {
		s.cmd.Stdout = o.Stdout
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s.stderr, s.cmd.Stderr = read, write
	began := time.Now()
	err = s.cmd.Start()
	write.Close()
	if err != nil {
		return nil, fmt.Errorf("the program cannot be started: %w", err)
	}
	s.PID = PID(s.cmd.Process.Pid)
	serving := make(chan struct{})
	go s.readLog(serving)
	go func() {
		s.status = s.cmd.Wait()
		close(s.done)
	}()
	select {
	case <-serving:
		s.Started = time.Since(began)
		return s, nil
	case <-s.done:
		<-s.reader
		s.release()
		return nil, fmt.Errorf("the program ended instead of serving: %v: %s", s.status, clip(strings.Join(s.Log(), " ")))
	case <-time.After(2 * time.Minute):
	case <-ctx.Done():
	}
	s.Kill()
	return nil, errors.New("the program's log never said that it serves")
}

// limits returns the shell script that sets the limits and becomes the program.
func (s *Server) limits(o Options) (string, error) {
	script := `exec "$@"`
	if o.Socket != nil {
		script = "export LISTEN_PID=$$ LISTEN_FDS=1; " + script
	}
	if o.Descriptors > 0 {
		script = fmt.Sprintf("ulimit -n %d && %s", o.Descriptors, script)
	}
	if o.Resolver != "" {
		script = fmt.Sprintf(`mount --make-rprivate / && mount -t tmpfs none /mnt && echo nameserver %s >/mnt/resolv.conf && mount --bind /mnt/resolv.conf /etc/resolv.conf && %s`, o.Resolver, script)
	}
	if o.MemoryLimit > 0 {
		var err error
		if s.Limit, err = newCgroup(o.MemoryLimit); err == nil {
			script = fmt.Sprintf("echo $$ >%s && %s", filepath.Join(s.Limit.folder, "cgroup.procs"), script)
		}
	}
	return script, nil
}

func (s *Server) readLog(serving chan<- struct{}) {
	defer close(s.reader)
	scanner := bufio.NewScanner(s.stderr)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		line := scanner.Text()
		s.mu.Lock()
		if !strings.Contains(line, `msg=request`) && !strings.Contains(line, `"msg":"request"`) {
			s.lines = append(s.lines, line)
		}
		s.mu.Unlock()
		if serving == nil {
			continue
		}
		if public, admin := listenOf.FindStringSubmatch(line), adminOf.FindStringSubmatch(line); public != nil && admin != nil {
			s.Address, s.Admin = public[1], admin[1]
			close(serving)
			serving = nil
		}
	}
}

// Log returns what the program wrote to standard error, access lines left out.
func (s *Server) Log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines)
}

// StopReading leaves the program's standard error open but no longer reads it.
func (s *Server) StopReading() {
	_ = s.stderr.SetReadDeadline(time.Now()) // a pipe can always do that
	<-s.reader
}

// CloseLog closes the reading end of the program's standard error.
func (s *Server) CloseLog() {
	s.stderr.Close()
	<-s.reader
}

// Signal sends the program a signal.
func (s *Server) Signal(sig os.Signal) error { return s.cmd.Process.Signal(sig) }

// Ended reports whether the program has ended, and how.
func (s *Server) Ended() (bool, error) {
	select {
	case <-s.done:
		return true, s.status
	default:
		return false, nil
	}
}

// Stop sends SIGTERM and returns how long the end took. It is an error if it takes
// longer than limit, or if the status is not 0.
func (s *Server) Stop(limit time.Duration) (time.Duration, error) {
	began := time.Now()
	if err := s.Signal(syscall.SIGTERM); err != nil {
		return 0, fmt.Errorf("the program had ended before it was told to: %v", s.status)
	}
	select {
	case <-s.done:
		defer s.release()
		if s.status != nil {
			return time.Since(began), fmt.Errorf("after SIGTERM: %w", s.status)
		}
		return time.Since(began), nil
	case <-time.After(limit):
		s.Kill()
		return limit, fmt.Errorf("SIGTERM did not end it within %v", limit)
	}
}

// Kill ends the program at once and removes its limits.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.done
	s.release()
}

func (s *Server) release() {
	s.stderr.Close()
	if s.Limit != nil {
		s.Limit.remove()
	}
}

// Ready returns the body of /readyz as text and its status.
func (s *Server) Ready() (int, map[string]any, error) {
	client := http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + s.Admin + "/readyz")
	if err != nil {
		return 0, nil, fmt.Errorf("/readyz: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, err
	}
	fields := map[string]any{}
	err = json.Unmarshal(body, &fields)
	return response.StatusCode, fields, err
}

// Reload requests a reload with POST /-/reload. The error is the program's own.
func (s *Server) Reload() (time.Duration, error) {
	began := time.Now()
	client := http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Post("http://"+s.Admin+"/-/reload", "", nil)
	if err != nil {
		return time.Since(began), err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%w with status %d: %s", ErrRefused, response.StatusCode, clip(string(body)))
	}
	return time.Since(began), err
}

// ErrRefused means that the program kept the previous table.
var ErrRefused = errors.New("the reload was refused")

func clip(text string) string {
	if len(text) > 300 {
		return text[:300] + "..."
	}
	return text
}
