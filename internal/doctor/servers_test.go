package doctor

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// serveHTTP serves one connection.
func serveHTTP(h http.Handler) func(net.Conn) {
	return func(conn net.Conn) {
		s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
		_ = s.Serve(&oneConn{conn: conn, done: make(chan struct{})})
	}
}

// oneConn is a listener with one connection.
type oneConn struct {
	conn  net.Conn
	taken bool
	done  chan struct{}
	once  sync.Once
}

func (l *oneConn) Accept() (net.Conn, error) {
	if !l.taken {
		l.taken = true
		return l.conn, nil
	}
	return nil, net.ErrClosed
}
func (l *oneConn) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *oneConn) Addr() net.Addr { return l.conn.LocalAddr() }

// overTLS puts TLS around a function that serves a connection.
func overTLS(cert tls.Certificate, serve func(net.Conn)) func(net.Conn) {
	return overTLSConfig(&tls.Config{Certificates: []tls.Certificate{cert}}, serve)
}

func overTLSConfig(config *tls.Config, serve func(net.Conn)) func(net.Conn) {
	return func(conn net.Conn) { serve(tls.Server(conn, config)) }
}

// hear records what a mail server receives.
func (w *world) hear(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, line)
}

const imapCaps = "IMAP4rev1 SASL-IR AUTH=PLAIN"

// imapServer greets, lists its capabilities and answers LOGOUT.
func (w *world) imapServer(caps string) func(net.Conn) {
	return func(conn net.Conn) {
		defer conn.Close()
		fmt.Fprintf(conn, "* OK [CAPABILITY %s] ready\r\n", caps)
		lines := bufio.NewScanner(conn)
		for lines.Scan() {
			w.hear(lines.Text())
			tag, command, _ := strings.Cut(lines.Text(), " ")
			switch strings.ToUpper(strings.Fields(command + " ?")[0]) {
			case "CAPABILITY":
				fmt.Fprintf(conn, "* CAPABILITY %s\r\n%s OK done\r\n", caps, tag)
			case "LOGOUT":
				fmt.Fprintf(conn, "* BYE\r\n%s OK done\r\n", tag)
				return
			default:
				fmt.Fprintf(conn, "%s BAD no\r\n", tag)
			}
		}
	}
}

// smtpServer offers one list of extensions in plaintext and another inside TLS.
func (w *world) smtpServer(cert tls.Certificate, before, after string) func(net.Conn) {
	return func(conn net.Conn) {
		defer func() { conn.Close() }()
		fmt.Fprint(conn, "220 mail ESMTP\r\n")
		offers := before
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			w.hear(lines.Text())
			switch command := strings.ToUpper(strings.Fields(lines.Text() + " ?")[0]); command {
			case "EHLO":
				fmt.Fprint(conn, "250-mail\r\n")
				if offers != "" {
					fmt.Fprintf(conn, "250-%s\r\n", offers)
				}
				fmt.Fprint(conn, "250 8BITMIME\r\n")
			case "STARTTLS":
				fmt.Fprint(conn, "220 go ahead\r\n")
				conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}})
				lines, offers = bufio.NewScanner(conn), after
			case "QUIT":
				fmt.Fprint(conn, "221 bye\r\n")
				return
			default:
				fmt.Fprint(conn, "502 no\r\n")
			}
		}
	}
}

// greeting sends a text and hangs up.
func greeting(text string) func(net.Conn) {
	return func(conn net.Conn) {
		io.WriteString(conn, text)
		conn.Close()
	}
}

// oldTLS offers nothing newer than TLS 1.1.
func oldTLS(cert tls.Certificate, serve func(net.Conn)) func(net.Conn) {
	return overTLSConfig(&tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, serve)
}
