package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"sync"

	"mailsetup/internal/provider"
)

// A MailFault is what can be wrong with a mail server.
type MailFault uint8

// The faults of mail servers.
const (
	NoMailFault MailFault = iota
	// MailNameUnknown: DNS did not answer about its name; see Failure.
	MailNameUnknown
	// MailNoName: its name has no address.
	MailNoName
	// MailUnreachable: no connection; see Failure.
	MailUnreachable
	// MailNotPublic: its address is not public.
	MailNotPublic
	// MailNoTLS: it answers in plaintext instead of TLS.
	MailNoTLS
	// MailTLSFailed: the TLS handshake failed; see Failure.
	MailTLSFailed
	// MailBadCertificate: see Flaw.
	MailBadCertificate
	// MailNoStartTLS: it does not offer STARTTLS, or refuses it.
	MailNoStartTLS
	// MailBadGreeting: its greeting violates the protocol; see Failure.
	MailBadGreeting
	// MailNotTheProtocol: it does not offer IMAP4.
	MailNotTheProtocol
	// MailNoAuth: it does not offer an authentication method that clients are told to
	// use.
	MailNoAuth
	// MailOutOfTime: the whole check ran out of time.
	MailOutOfTime
)

// A MailServer is the result for one mail server.
type MailServer struct {
	Server  provider.MailServer
	Fault   MailFault
	Failure Failure
	Flaw    Flaw
	Leaf    *x509.Certificate // nil if none was shown
	// NameMissing: DNS says that its name does not exist.
	NameMissing bool
}

func (m *MailServer) fail(fault MailFault, why Failure) { m.Fault, m.Failure = fault, why }

// mailServers checks the servers of machine documents. It never logs in.
func (p *Prober) mailServers(ctx context.Context, servers []provider.MailServer) []MailServer {
	all := make([]MailServer, len(servers))
	var wg sync.WaitGroup
	for i := range all {
		look := func(ctx context.Context) MailServer {
			m := MailServer{Server: servers[i]}
			p.mailServer(ctx, &m)
			return m
		}
		wg.Go(func() {
			if p.MailMemory != nil {
				all[i] = p.MailMemory.of(ctx, servers[i], look)
			} else {
				all[i] = look(ctx)
			}
		})
	}
	wg.Wait()
	return all
}

func (p *Prober) mailServer(ctx context.Context, m *MailServer) {
	s := m.Server
	n := p.dns.look(ctx, s.Host.String())
	switch n.State {
	case NameUnknown:
		m.fail(MailNameUnknown, n.Failure)
		return
	case NameMissing, NameDangling:
		m.NameMissing = n.NoName
		m.fail(MailNoName, Failure{})
		return
	case NameFound:
	}
	shake := ""
	if s.Security == provider.TLS {
		shake = s.Host.String()
	}
	a := p.connect(ctx, n, s.Port, shake).Best()
	switch {
	case a.Failure.Failed() && ctx.Err() != nil:
		m.fail(MailOutOfTime, Failure{})
	case a.Failure.Kind == NotPublic:
		m.fail(MailNotPublic, a.Failure)
	case a.Failure.Failed():
		m.fail(MailUnreachable, a.Failure)
	case a.TLS.Failed():
		m.failTLS(a.TLS)
	case a.Flaw.Kind != NoFlaw:
		m.Fault, m.Flaw = MailBadCertificate, a.Flaw
	default:
		p.talk(ctx, m, a.Address)
	}
}

// failTLS distinguishes a server without TLS from one with bad TLS.
func (m *MailServer) failTLS(why Failure) {
	if why.Kind == NotTLS {
		m.fail(MailNoTLS, why)
		return
	}
	m.fail(MailTLSFailed, why)
}

// talk greets the server and reads what it offers, over a separate connection.
func (p *Prober) talk(ctx context.Context, m *MailServer, address netip.AddrPort) {
	release, err := p.slot(ctx)
	if err != nil {
		m.fail(MailOutOfTime, Failure{})
		return
	}
	defer release()
	limited, cancel := context.WithTimeout(ctx, p.Limits.Answer)
	defer cancel()
	switch m.Server.Protocol {
	case provider.IMAP:
		p.talkIMAP(limited, m, address)
	case provider.SMTP:
		p.talkSMTP(limited, m, address)
	}
	switch {
	case m.Fault == NoMailFault:
	case ctx.Err() != nil:
		m.fail(MailOutOfTime, Failure{})
	case limited.Err() != nil && m.Failure.Failed():
		m.Failure = Failure{Kind: Silent} // the connection was closed for that reason
	}
}

// dialMail connects to a mail server. The connection ends with ctx, because the
// libraries set deadlines of their own.
func (p *Prober) dialMail(ctx context.Context, address netip.AddrPort) (net.Conn, error) {
	conn, err := p.dial(ctx, "tcp", address, maxMail)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	return conn, nil
}

// lookAtTLS records the certificate of a connection, and whether it is good.
func (p *Prober) lookAtTLS(m *MailServer, state tls.ConnectionState) (good bool) {
	m.Flaw = flawOf(state.PeerCertificates, m.Server.Host.String(), p.Roots, p.Now())
	if m.Flaw.Kind != NoFlaw {
		m.Fault = MailBadCertificate
		return false
	}
	m.Leaf = state.PeerCertificates[0]
	return true
}
