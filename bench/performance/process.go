//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"mailsetup/bench/target"
)

// A process is a server under measurement: the program, the floor, or another.
type process struct {
	target.PID
	address string
	started time.Duration // from its start to its first answer
	cmd     *exec.Cmd
	ended   chan struct{}
}

// command says how to start a server.
type command struct {
	args []string // ADDRESS in them is replaced, and in config
	// config is the text of the file configFile, written before the start.
	config, configFile string
	env                []string // added to the environment
	log                string   // the file for standard error; empty: none
	ask                string   // the path that must answer for it to count as started
	host               string
}

// start starts a server on a free port of loopback and waits for its answer.
func start(ctx context.Context, c command) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	args := make([]string, len(c.args))
	for i, a := range c.args {
		args[i] = strings.ReplaceAll(a, "ADDRESS", address)
	}
	if c.configFile != "" {
		text := strings.ReplaceAll(c.config, "ADDRESS", address)
		if err := os.WriteFile(c.configFile, []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	p := &process{address: address, cmd: exec.Command(args[0], args[1:]...), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), c.env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if c.log != "" {
		file, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		p.cmd.Stderr = file
	}
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.PID = target.PID(p.cmd.Process.Pid)
	go func() {
		_ = p.cmd.Wait() // stop kills it
		close(p.ended)
	}()
	for time.Since(began) < time.Minute && ctx.Err() == nil {
		if answers(address, c) {
			p.started = time.Since(began)
			return p, nil
		}
		select {
		case <-p.ended:
			return nil, fmt.Errorf("%s ended instead of serving", strings.Join(args, " "))
		case <-time.After(time.Millisecond):
		}
	}
	p.stop()
	return nil, fmt.Errorf("%s does not answer", strings.Join(args, " "))
}

func (p *process) stop() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

// answers reports whether a request gets a status line. net/http's client would
// cost more than the program's whole start.
func answers(address string, c command) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", c.ask, c.host); err != nil {
		return false
	}
	head := make([]byte, 8)
	n, err := conn.Read(head)
	return err == nil && strings.HasPrefix(string(head[:n]), "HTTP/1.1")
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
