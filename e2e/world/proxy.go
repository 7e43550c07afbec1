package world

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// The part of SOCKS5 (RFC 1928) that mail clients use: no authentication, the
// CONNECT command, and names looked up by the proxy.
const (
	socksVersion = 5
	socksConnect = 1

	socksIPv4 = 1
	socksName = 3

	socksGranted         = 0
	socksHostUnreachable = 4
	socksRefused         = 5
	socksUnsupported     = 7
)

// serveProxy opens the proxy through which clients reach a world that is not
// isolated.
func (w *World) serveProxy() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	w.Proxy = l.Addr().String()
	w.closers = append(w.closers, l.Close)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.proxy(c)
		}
	}()
	return nil
}

// proxy serves one client until one of the two sides hangs up.
func (w *World) proxy(c net.Conn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	target, err := readTarget(c)
	if err != nil {
		reply(c, socksUnsupported)
		return
	}
	server, err := w.Dial(context.Background(), "tcp", target)
	if err != nil {
		code := byte(socksRefused)
		if errors.Is(err, errNoHost) {
			code = socksHostUnreachable
		}
		reply(c, code)
		return
	}
	defer server.Close()
	if reply(c, socksGranted) != nil || c.SetDeadline(time.Time{}) != nil {
		return
	}
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{server, c}, {c, server}} {
		go func() {
			io.Copy(way[0], way[1])
			done <- struct{}{}
		}()
	}
	<-done
}

// readTarget reads the handshake of a client, and returns the host and port
// that it requests.
func readTarget(c net.Conn) (string, error) {
	var head [4]byte
	if _, err := io.ReadFull(c, head[:2]); err != nil {
		return "", err
	}
	if head[0] != socksVersion {
		return "", fmt.Errorf("version %d", head[0])
	}
	if _, err := io.CopyN(io.Discard, c, int64(head[1])); err != nil { // methods
		return "", err
	}
	if _, err := c.Write([]byte{socksVersion, 0}); err != nil {
		return "", err
	}
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return "", err
	}
	size := net.IPv4len
	switch {
	case head[1] != socksConnect:
		return "", fmt.Errorf("command %d", head[1])
	case head[3] == socksName:
		var n [1]byte
		if _, err := io.ReadFull(c, n[:]); err != nil {
			return "", err
		}
		size = int(n[0])
	case head[3] != socksIPv4:
		return "", fmt.Errorf("address type %d", head[3])
	}
	rest := make([]byte, size+2)
	if _, err := io.ReadFull(c, rest); err != nil {
		return "", err
	}
	host := string(rest[:size])
	if head[3] == socksIPv4 {
		host = net.IP(rest[:size]).String()
	}
	port := binary.BigEndian.Uint16(rest[size:])
	return net.JoinHostPort(host, strconv.Itoa(int(port))), nil
}

func reply(c net.Conn, code byte) error {
	_, err := c.Write([]byte{socksVersion, code, 0, socksIPv4, 0, 0, 0, 0, 0, 0})
	return err
}
