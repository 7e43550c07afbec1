package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"

	"github.com/emersion/go-smtp"

	"mailsetup/internal/provider"
)

// talkSMTP reads the greeting of a submission server and what it offers, before
// and after TLS.
func (p *Prober) talkSMTP(ctx context.Context, m *MailServer, address netip.AddrPort) {
	client, ok := p.openSMTP(ctx, m, address)
	if !ok {
		return
	}
	defer client.Close()
	if state, ok := client.TLSConnectionState(); !ok || !p.lookAtTLS(m, state) {
		return
	}
	if !smtpTakes(client, m.Server.Auth) {
		m.fail(MailNoAuth, Failure{})
	}
	_ = client.Quit() // the answer does not matter
}

// openSMTP returns a connection inside TLS after the greeting.
func (p *Prober) openSMTP(ctx context.Context, m *MailServer, address netip.AddrPort) (*smtp.Client, bool) {
	conn, err := p.dialMail(ctx, address)
	if err != nil {
		m.fail(MailUnreachable, failureOf(err))
		return nil, false
	}
	config := p.bareTLS(m.Server.Host.String())
	if m.Server.Security == provider.TLS {
		tlsConn := tls.Client(conn, config)
		if err := tlsConn.HandshakeContext(ctx); err != nil {
			conn.Close()
			m.failTLS(failureOf(err))
			return nil, false
		}
		client := smtp.NewClient(tlsConn)
		if err := client.Hello("localhost"); err != nil {
			client.Close()
			m.fail(MailBadGreeting, greetingFailure(err))
			return nil, false
		}
		return client, true
	}
	// The library upgrades only new connections and does not distinguish a server
	// without STARTTLS from other failures, so the first connection checks that.
	first := smtp.NewClient(conn)
	if err := first.Hello("localhost"); err != nil {
		first.Close()
		m.fail(MailBadGreeting, greetingFailure(err))
		return nil, false
	}
	offered, _ := first.Extension("STARTTLS")
	_ = first.Quit()
	first.Close()
	if !offered {
		m.fail(MailNoStartTLS, Failure{})
		return nil, false
	}
	conn, err = p.dialMail(ctx, address)
	if err != nil {
		m.fail(MailUnreachable, failureOf(err))
		return nil, false
	}
	client, err := smtp.NewClientStartTLS(conn, config)
	if err == nil {
		err = client.Hello("localhost") // the handshake happens in here
		if err == nil {
			return client, true
		}
		client.Close()
	}
	if _, refused := errors.AsType[*smtp.SMTPError](err); refused {
		m.fail(MailNoStartTLS, failureOf(err))
	} else {
		m.failTLS(failureOf(err))
	}
	return nil, false
}

// smtpTakes reports whether the server accepts every authentication method that clients
// are told to use.
func smtpTakes(client *smtp.Client, auths provider.Auths) bool {
	for _, a := range auths.All() {
		if !smtpTakesOne(client, a) {
			return false
		}
	}
	return true
}

func smtpTakesOne(client *smtp.Client, auth provider.Auth) bool {
	switch auth {
	case provider.AuthPassword:
		return client.SupportsAuth("PLAIN") || client.SupportsAuth("LOGIN")
	case provider.AuthCRAMMD5:
		return client.SupportsAuth("CRAM-MD5")
	case provider.AuthOAuth2:
		return client.SupportsAuth("XOAUTH2") || client.SupportsAuth("OAUTHBEARER")
	}
	return false
}
