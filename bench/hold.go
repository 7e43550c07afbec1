//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// hold is the body of a helper process that keeps connections open, for one
// process may not have as many descriptors as the fault takes. Its arguments are
// the address, how many, what each does (idle or slow), and how many are opened
// in a second. It replaces each that the server closes, says how many are open
// every second, and ends with its standard input.
func hold(args []string) error {
	address, kind := args[0], args[2]
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	pace, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1)) // the end is what counts
		os.Exit(0)
	}()
	var open, opened, failed atomic.Int64
	turns := time.NewTicker(time.Second / time.Duration(pace))
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			// One source address has too few ports for all.
			from := &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i%200))}
			for {
				<-turns.C
				conn, err := (&net.Dialer{LocalAddr: from, Timeout: 10 * time.Second}).Dial("tcp", address)
				if err != nil {
					failed.Add(1)
					continue
				}
				opened.Add(1)
				open.Add(1)
				if kind == "slow" {
					sendSlowly(conn)
				} else {
					_, _ = conn.Read(make([]byte, 1)) // until the server closes it
				}
				open.Add(-1)
				conn.Close()
			}
		})
	}
	for range time.Tick(time.Second) {
		fmt.Println(open.Load(), opened.Load(), failed.Load())
	}
	wg.Wait()
	return nil
}

// sendSlowly sends a header that never ends, a line a second.
func sendSlowly(conn net.Conn) {
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: a.example\r\n")); err != nil {
		return
	}
	ended := make(chan struct{})
	go func() {
		_, _ = conn.Read(make([]byte, 1))
		close(ended)
	}()
	for i := 0; ; i++ {
		select {
		case <-ended:
			return
		case <-time.After(time.Second):
		}
		if _, err := fmt.Fprintf(conn, "X-%d: slow\r\n", i); err != nil {
			return
		}
	}
}

// A holder is such a process.
type holder struct {
	cmd  *exec.Cmd
	stop func()
	mu   sync.Mutex
	last [3]int // open, opened, failed
}

func startHolder(ctx context.Context, address string, n int, kind string, pace int) (*holder, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	h := &holder{cmd: exec.CommandContext(ctx, self, "hold", address, strconv.Itoa(n), kind, strconv.Itoa(pace))}
	h.cmd.Stderr = os.Stderr
	stdin, err := h.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		for {
			var l [3]int
			if _, err := fmt.Fscan(stdout, &l[0], &l[1], &l[2]); err != nil {
				return
			}
			h.mu.Lock()
			h.last = l
			h.mu.Unlock()
		}
	}()
	h.stop = func() {
		stdin.Close()
		_ = h.cmd.Wait() // how it ends says nothing
	}
	return h, nil
}

// counts says how many are open, and how many were opened in all and refused.
func (h *holder) counts() (open, opened, failed int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last[0], h.last[1], h.last[2]
}
