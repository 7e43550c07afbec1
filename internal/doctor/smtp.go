package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"

	"github.com/emersion/go-smtp"

	"mailsetup/internal/provider"
)

// talkSMTP reads the greeting of a submission server and what it offers, before
// and after TLS.
func (c *check) talkSMTP(ctx context.Context, m *mailCheck, address netip.AddrPort) {
	client, ok := c.openSMTP(ctx, m, address)
	if !ok {
		return
	}
	defer client.Close()
	if state, ok := client.TLSConnectionState(); !ok || !c.judgeTLS(m, state) {
		return
	}
	if !smtpTakes(client, m.server.Auth) {
		m.fail(noAuth, "")
	}
	_ = client.Quit() // a farewell; how it is taken does not matter
}

// openSMTP returns a connection inside TLS on which the server has been greeted.
func (c *check) openSMTP(ctx context.Context, m *mailCheck, address netip.AddrPort) (*smtp.Client, bool) {
	conn, err := c.dialMail(ctx, address)
	if err != nil {
		m.fail(unreachable, unwrapNet(err).Error())
		return nil, false
	}
	config := c.bareTLS(m.server.Host.String())
	if m.server.Security == provider.TLS {
		tlsConn := tls.Client(conn, config)
		if err := tlsConn.HandshakeContext(ctx); err != nil {
			conn.Close()
			m.failTLS(unwrapNet(err))
			return nil, false
		}
		client := smtp.NewClient(tlsConn)
		if err := client.Hello("localhost"); err != nil {
			client.Close()
			m.fail(badGreeting, smtpReason(err))
			return nil, false
		}
		return client, true
	}
	// The library upgrades new connections only and does not tell a server without
	// STARTTLS from other failures, so the first connection is for that question.
	first := smtp.NewClient(conn)
	if err := first.Hello("localhost"); err != nil {
		first.Close()
		m.fail(badGreeting, smtpReason(err))
		return nil, false
	}
	offered, _ := first.Extension("STARTTLS")
	_ = first.Quit()
	first.Close()
	if !offered {
		m.fail(noStartTLS, "")
		return nil, false
	}
	conn, err = c.dialMail(ctx, address)
	if err != nil {
		m.fail(unreachable, unwrapNet(err).Error())
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
		m.fail(noStartTLS, "it offers STARTTLS and refuses it")
	} else {
		m.failTLS(unwrapNet(err))
	}
	return nil, false
}

func smtpTakes(client *smtp.Client, auth provider.Auth) bool {
	switch auth {
	case provider.AuthPassword:
		return client.SupportsAuth("PLAIN") || client.SupportsAuth("LOGIN")
	case provider.AuthCRAMMD5:
		return client.SupportsAuth("CRAM-MD5")
	}
	return false
}

// smtpReason leaves out what a server says: it may quote us.
func smtpReason(err error) string {
	if e, ok := errors.AsType[*smtp.SMTPError](err); ok {
		return fmt.Sprintf("it answers with status %d", e.Code)
	}
	return unwrapNet(err).Error()
}
