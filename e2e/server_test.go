package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// A server is a running mailsetup.
type server struct {
	URL string

	process *exec.Cmd
	ended   chan struct{}
	log     string
}

// startServer starts the program under test and returns when it accepts
// connections. The name is for its log.
func startServer(name, listen string, args ...string) (*server, error) {
	return startServerWith("testdata/providers.yaml", name, listen, args...)
}

// startServerWith is startServer with another table.
func startServerWith(table, name, listen string, args ...string) (*server, error) {
	s := &server{URL: "http://" + listen, ended: make(chan struct{}), log: filepath.Join(scratch, name+".log")}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	args = append([]string{"serve", "--listen", listen, "--admin-listen", "off", "--log-format", "json",
		"--providers", table}, args...)
	if internet.Isolated() {
		// Otherwise the system's resolver would ask the real internet.
		args = append(args, "--recognise-mx")
	}
	s.process = exec.Command(os.Getenv(binaryVariable), args...)
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	go func() {
		s.process.Wait()
		close(s.ended)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		conn, err := net.Dial("tcp", listen)
		if err == nil {
			return s, conn.Close()
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-s.ended:
			text, _ := os.ReadFile(s.log)
			return nil, fmt.Errorf("mailsetup has ended: %s\n%s", s.process.ProcessState, text)
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("mailsetup does not listen: %w", err), s.stop())
		}
	}
}

// stop ends the server as an operator would, and returns an error if it ends
// badly.
func (s *server) stop() error {
	select {
	case <-s.ended:
		return fmt.Errorf("mailsetup has ended by itself: %s", s.process.ProcessState)
	default:
	}
	err := s.process.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(20 * time.Second):
		return errors.Join(errors.New("mailsetup does not stop"), s.process.Process.Kill())
	}
	if !s.process.ProcessState.Success() {
		return fmt.Errorf("mailsetup has stopped with %s", s.process.ProcessState)
	}
	return err
}

// addressParts must not appear in a log: all addresses in these tests begin
// alike.
var addressParts = regexp.MustCompile(`(?i)jane|@|%40|emailaddress`)

// leak returns the first line of the log that holds part of an address.
func (s *server) leak() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	for line := range bytes.Lines(text) {
		if addressParts.Match(line) {
			return string(line)
		}
	}
	return ""
}
