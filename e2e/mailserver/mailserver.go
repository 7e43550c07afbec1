// Package mailserver is an IMAP and submission server for tests. It accepts
// any login name with the right password, has one empty mailbox, and records
// who logged in, how, and with which encryption.
//
// It also offers to log in without encryption, as no real server should, to
// detect clients that do.
package mailserver

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// Encryption is how a connection was protected when somebody logged in.
type Encryption string

// The kinds of encryption.
const (
	None     Encryption = "none"
	Implicit Encryption = "implicit TLS"
	StartTLS Encryption = "STARTTLS"
)

// A Login is one attempt to log in.
type Login struct {
	Protocol   string // "imap" or "smtp"
	Port       int    // the port that the client meant
	Encryption Encryption
	Name       string
	OK         bool
}

// Config describes a server.
type Config struct {
	// Listen opens a listener at an address such as 127.0.0.1:993.
	Listen func(address string) (net.Listener, error)
	// TLS has the certificates.
	TLS *tls.Config
	// Password is the only right one.
	Password string
	// OAuth2: the IMAP server also offers XOAUTH2. No token is accepted.
	OAuth2 bool
}

// A Server is a running mail server.
type Server struct {
	cfg       Config
	listeners []net.Listener

	mu     sync.Mutex
	logins []Login
	wire   bytes.Buffer
}

// Start opens the ports 993, 143, 465 and 587.
func Start(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg}
	for _, p := range []struct {
		port       int
		encryption Encryption
		serve      func(*session)
	}{
		{993, Implicit, (*session).imap},
		{143, None, (*session).imap},
		{465, Implicit, (*session).smtp},
		{587, None, (*session).smtp},
	} {
		l, err := cfg.Listen(fmt.Sprintf("127.0.0.1:%d", p.port))
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.listeners = append(s.listeners, l)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go s.serve(c, p.port, p.encryption, p.serve)
			}
		}()
	}
	return s, nil
}

// Close closes the ports. Open connections end with their clients.
func (s *Server) Close() error {
	var errs []error
	for _, l := range s.listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// Logins returns every attempt to log in so far.
func (s *Server) Logins() []Login {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.logins)
}

// Overheard reports whether somebody who listened on the wire has seen the
// password, plain or in base64 somewhere in a line.
func (s *Server) Overheard() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes.Contains(s.wire.Bytes(), []byte(s.cfg.Password)) {
		return true
	}
	for word := range bytes.FieldsSeq(s.wire.Bytes()) {
		plain, err := base64.StdEncoding.DecodeString(string(word))
		if err == nil && bytes.Contains(plain, []byte(s.cfg.Password)) {
			return true
		}
	}
	return false
}

// A session is one connection.
type session struct {
	*Server
	conn       net.Conn
	in         *bufio.Reader
	port       int
	encryption Encryption
}

func (s *Server) serve(c net.Conn, port int, e Encryption, serve func(*session)) {
	defer c.Close()
	c = tap{Conn: c, server: s}
	ses := &session{Server: s, conn: c, in: bufio.NewReader(c), port: port, encryption: e}
	if e == Implicit && ses.encryptAtOnce() != nil {
		return
	}
	serve(ses)
}

// encrypt begins TLS on a plain connection. Whatever a client has sent before its
// turn is lost with the old reader, as RFC 3207 section 6 demands.
func (s *session) encrypt(e Encryption) {
	s.conn = tls.Server(s.conn, s.cfg.TLS)
	s.in, s.encryption = bufio.NewReader(s.conn), e
}

// greetingPatience is how long a client on a TLS port may be silent. One that
// expects a plain greeting there would otherwise wait forever.
const greetingPatience = 3 * time.Second

// encryptAtOnce begins TLS on a port with implicit TLS.
func (s *session) encryptAtOnce() error {
	s.encrypt(Implicit)
	ctx, cancel := context.WithTimeout(context.Background(), greetingPatience)
	defer cancel()
	return s.conn.(*tls.Conn).HandshakeContext(ctx)
}

func (s *session) say(lines ...string) {
	for _, l := range lines {
		fmt.Fprintf(s.conn, "%s\r\n", l)
	}
}

// line reads one line; ok is false when the client is gone.
func (s *session) line() (line string, ok bool) {
	line, err := s.in.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err == nil
}

// login records an attempt and reports whether the password was right.
func (s *session) login(protocol, name, password string) bool {
	l := Login{Protocol: protocol, Port: s.port, Encryption: s.encryption, Name: name, OK: password == s.cfg.Password}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logins = append(s.logins, l)
	return l.OK
}

// plain logs in by the SASL mechanism PLAIN (RFC 4616).
func (s *session) plain(protocol, response string) bool {
	decoded, err := base64.StdEncoding.DecodeString(response)
	fields := strings.Split(string(decoded), "\x00")
	return err == nil && len(fields) == 3 && s.login(protocol, fields[1], fields[2])
}

// A tap records what a client sends on the wire.
type tap struct {
	net.Conn
	server *Server
}

func (t tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	t.server.wire.Write(p[:n])
	return n, err
}
