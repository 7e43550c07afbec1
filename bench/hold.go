//go:build linux

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// hold is the body of a helper process that keeps connections open, because one
// process may not have as many descriptors as the fault needs. Its arguments are
// the address, how many, what each does (see occupy), and how many are opened
// per second. It replaces each connection that the server closes, prints how
// many are open every second, and ends with its standard input.
func hold(args []string) error {
	address := args[0]
	kind, secure := strings.CutPrefix(args[2], "tls:")
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	pace, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1)) // only the end of the input matters
		os.Exit(0)
	}()
	var open, opened, failed atomic.Int64
	turns := time.NewTicker(time.Second / time.Duration(pace))
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			// One source address does not have enough ports.
			from := &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i%200))}
			for {
				<-turns.C
				d := net.Dialer{LocalAddr: from, Timeout: 10 * time.Second}
				if kind == "deaf" {
					d.Control = smallWindow
				}
				conn, err := d.Dial("tcp", address)
				if err != nil {
					failed.Add(1)
					continue
				}
				if secure {
					if conn, err = handshake(conn, strings.HasPrefix(kind, "h2")); err != nil {
						failed.Add(1)
						continue
					}
				}
				opened.Add(1)
				open.Add(1)
				occupy(conn, kind)
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

// handshake begins TLS. Only the measured clients check the certificate.
func handshake(conn net.Conn, h2 bool) (net.Conn, error) {
	cfg := &tls.Config{ServerName: "autoconfig.a.example", InsecureSkipVerify: true}
	if h2 {
		cfg.NextProtos = []string{"h2"}
	}
	secured := tls.Client(conn, cfg)
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if err := secured.Handshake(); err != nil {
		conn.Close()
		return nil, err
	}
	return secured, conn.SetDeadline(time.Time{})
}

// occupy holds a connection until the server closes it.
func occupy(conn net.Conn, kind string) {
	switch kind {
	case "slow": // a header that never ends
		sendSlowly(conn, "GET / HTTP/1.1\r\nHost: a.example\r\n", "X-More: slow\r\n")
	case "body": // a body that never ends
		sendSlowly(conn, "POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: autodiscover.a.example\r\nContent-Type: text/xml\r\nContent-Length: 4000\r\n\r\n", " ")
	case "h2", "h2-streams", "h2-deaf", "h2-reset", "h2-continuation":
		occupyHTTP2(conn, kind)
	case "deaf": // an answer that is not read, so the server's end of it is not seen either
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
		time.Sleep(20 * time.Second)
	case "kept":
		askNowAndThen(conn)
	default: // silent
		_, _ = conn.Read(make([]byte, 1))
	}
}

// smallWindow lets the kernel receive very little that is not read.
func smallWindow(_, _ string, c syscall.RawConn) error {
	var err error
	return errors.Join(c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 1)
	}), err)
}

// sendSlowly sends a beginning, and a bit more every second.
func sendSlowly(conn net.Conn, beginning, more string) {
	if _, err := io.WriteString(conn, beginning); err != nil {
		return
	}
	ended := make(chan struct{})
	go func() {
		_, _ = conn.Read(make([]byte, 1))
		close(ended)
	}()
	for {
		select {
		case <-ended:
			return
		case <-time.After(time.Second):
		}
		if _, err := io.WriteString(conn, more); err != nil {
			return
		}
	}
}

// askNowAndThen asks often enough to keep its connection.
func askNowAndThen(conn net.Conn) {
	reader := bufio.NewReaderSize(conn, 1<<10)
	for {
		if _, err := io.WriteString(conn, "GET /mail/config-v1.1.xml HTTP/1.1\r\nHost: autoconfig.a.example\r\n\r\n"); err != nil {
			return
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return
		}
		time.Sleep(10 * time.Second)
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
		_ = h.cmd.Wait() // its status does not matter
	}
	return h, nil
}

// counts returns how many connections are open, were opened in total, and were
// refused.
func (h *holder) counts() (open, opened, failed int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last[0], h.last[1], h.last[2]
}
