package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"sync"

	"mailsetup/internal/provider"
)

// What can be wrong with a mail server. The protocol stands before it in an ID:
// imap-unreachable.
const (
	noName         = "no-name"
	unreachable    = "unreachable"
	noTLS          = "no-tls"
	tlsFailed      = "tls-failed"
	noStartTLS     = "no-starttls"
	badGreeting    = "bad-greeting"
	notTheProtocol = "no-capability"
	noAuth         = "no-auth"
	privateAddress = "private-address"
	expiringSoon   = "certificate-expiring"
)

func serverID(p provider.Protocol, fault string) ID { return ID(p.String() + "-" + fault) }

// A mailCheck is what became of one mail server. With fault and unknown empty, it
// is well.
type mailCheck struct {
	server   provider.MailServer
	fault    string // one of the above, or the ID of a certificate's flaw
	detail   string
	unknown  error // DNS did not answer
	timedOut bool  // time ran out
	leaf     *x509.Certificate
}

func (m *mailCheck) fail(fault, detail string) { m.fault, m.detail = fault, detail }

// mailServers checks the two servers that machine documents carry. It never logs
// in.
func (c *check) mailServers(ctx context.Context) []mailCheck {
	all := []mailCheck{{server: c.match.Provider.Incoming()}, {server: c.match.Provider.Outgoing()}}
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { c.mailServer(ctx, &all[i]) })
	}
	wg.Wait()
	return all
}

func (c *check) mailServer(ctx context.Context, m *mailCheck) {
	s := m.server
	n := c.dns.look(ctx, s.Host.String())
	switch n.state {
	case nameUnknown:
		m.unknown = n.err
		return
	case nameMissing, nameDangling:
		m.fail(noName, "")
		return
	case nameFound:
	}
	shake := ""
	if s.Security == provider.TLS {
		shake = s.Host.String()
	}
	a := c.connect(ctx, n, s.Port, shake).best()
	switch {
	case a.err != nil && ctx.Err() != nil:
		m.timedOut = true
	case isNotPublic(a.err):
		m.fail(privateAddress, a.err.Error())
	case a.err != nil:
		m.fail(unreachable, a.err.Error())
	case a.tlsErr != nil:
		m.failTLS(a.tlsErr)
	case a.flaw.id != "":
		m.fail(string(a.flaw.id), a.flaw.detail)
	default:
		c.talk(ctx, m, a.address)
	}
}

// failTLS tells a server without TLS from one whose TLS is bad.
func (m *mailCheck) failTLS(err error) {
	if _, clear := errors.AsType[tls.RecordHeaderError](err); clear {
		m.fail(noTLS, "it answers in clear")
		return
	}
	m.fail(tlsFailed, err.Error())
}

// talk greets the server and reads what it offers, over a connection of its own.
func (c *check) talk(ctx context.Context, m *mailCheck, address netip.AddrPort) {
	release, err := c.slot(ctx)
	if err != nil {
		m.timedOut = true
		return
	}
	defer release()
	limited, cancel := context.WithTimeout(ctx, c.Limits.Answer)
	defer cancel()
	switch m.server.Protocol {
	case provider.IMAP:
		c.talkIMAP(limited, m, address)
	case provider.SMTP:
		c.talkSMTP(limited, m, address)
	}
	if m.fault != "" && ctx.Err() != nil {
		m.fault, m.detail, m.timedOut = "", "", true
	}
}

// dialMail connects to a mail server. The connection ends with ctx, because the
// libraries set deadlines of their own.
func (c *check) dialMail(ctx context.Context, address netip.AddrPort) (net.Conn, error) {
	conn, err := c.dial(ctx, "tcp", address, maxMail)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	return conn, nil
}

// judgeTLS judges the certificate of a connection.
func (c *check) judgeTLS(m *mailCheck, state tls.ConnectionState) (good bool) {
	f := judgeCertificate(state.PeerCertificates, m.server.Host.String(), c.Roots, c.Now())
	if f.id != "" {
		m.fail(string(f.id), f.detail)
		return false
	}
	m.leaf = state.PeerCertificates[0]
	return true
}
