package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mailsetup/internal/provider"
)

// talkIMAP reads the greeting and the capabilities of an IMAP server.
func (p *Prober) talkIMAP(ctx context.Context, m *MailServer, address netip.AddrPort) {
	conn, err := p.dialMail(ctx, address)
	if err != nil {
		m.fail(MailUnreachable, failureOf(err))
		return
	}
	defer conn.Close()
	client, ok := p.openIMAP(ctx, m, conn)
	if !ok {
		return
	}
	defer client.Close()
	if err := client.WaitGreeting(); err != nil {
		m.fail(MailBadGreeting, greetingFailure(err))
		return
	}
	offers := client.Caps()
	switch {
	case !offers.Has(imap.CapIMAP4rev1) && !offers.Has(imap.CapIMAP4rev2):
		m.fail(MailNotTheProtocol, Failure{})
	case !imapTakes(offers, m.Server.Auth):
		m.fail(MailNoAuth, Failure{})
	}
	_ = client.Logout().Wait() // the answer does not matter
}

// greetingFailure returns the failure of a greeting. The libraries have no error for a
// greeting that they cannot read.
func greetingFailure(err error) Failure {
	f := failureOf(err)
	if _, refused := errors.AsType[*imap.Error](err); f.Kind == Other && !refused {
		f.Kind = NotTheProtocol
	}
	return f
}

// openIMAP puts TLS around a connection, from the start or by STARTTLS.
func (p *Prober) openIMAP(ctx context.Context, m *MailServer, conn net.Conn) (*imapclient.Client, bool) {
	host := m.Server.Host.String()
	if m.Server.Security == provider.TLS {
		tlsConn := tls.Client(conn, p.bareTLS(host))
		if err := tlsConn.HandshakeContext(ctx); err != nil {
			m.failTLS(failureOf(err))
			return nil, false
		}
		if !p.lookAtTLS(m, tlsConn.ConnectionState()) {
			return nil, false
		}
		return imapclient.New(tlsConn, nil), true
	}
	var state tls.ConnectionState
	config := p.bareTLS(host)
	config.VerifyConnection = func(s tls.ConnectionState) error { state = s; return nil }
	client, err := imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: config})
	if err != nil {
		if _, refused := errors.AsType[*imap.Error](err); refused {
			m.fail(MailNoStartTLS, Failure{})
		} else {
			m.failTLS(failureOf(err))
		}
		return nil, false
	}
	if !p.lookAtTLS(m, state) {
		client.Close()
		return nil, false
	}
	return client, true
}

// imapTakes reports whether the server accepts every authentication method that
// clients are told to use. The command LOGIN exists unless it is disabled (RFC
// 3501, section 6.2.3).
func imapTakes(offers imap.CapSet, auths provider.Auths) bool {
	for _, a := range auths.All() {
		if !imapTakesOne(offers, a) {
			return false
		}
	}
	return true
}

func imapTakesOne(offers imap.CapSet, auth provider.Auth) bool {
	switch auth {
	case provider.AuthPassword:
		return offers.Has(imap.AuthCap("PLAIN")) || offers.Has(imap.AuthCap("LOGIN")) || !offers.Has(imap.CapLoginDisabled)
	case provider.AuthCRAMMD5:
		return offers.Has(imap.AuthCap("CRAM-MD5"))
	case provider.AuthOAuth2:
		return offers.Has(imap.AuthCap("XOAUTH2")) || offers.Has(imap.AuthCap("OAUTHBEARER"))
	}
	return false
}
