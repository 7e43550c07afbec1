package judge

import (
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/provider"
)

// mail adds the faults of the mail servers.
func (j *judge) mail() {
	for _, m := range j.Mail {
		host := m.Server.Host.String()
		f := Fault{Kind: Kind{Protocol: m.Server.Protocol}, Host: host, Port: m.Server.Port, Failure: m.Failure, Flaw: m.Flaw}
		switch m.Fault {
		case probe.NoMailFault:
			j.pass(Passed{ID: MailServerGood, Protocol: m.Server.Protocol, Host: host, Port: m.Server.Port})
			if !probe.EndsSoon(m.Leaf, j.Time) {
				continue
			}
			f.ID, f.Severity, f.Date = MailExpiring, Warning, m.Leaf.NotAfter
		case probe.MailOutOfTime:
			j.add(Fault{Kind: Kind{ID: OutOfTime, Severity: Unknown}, Host: host})
			continue
		case probe.MailNameUnknown:
			j.unknownDNS(host, m.Failure)
			continue
		case probe.MailNoName:
			f.ID = MailNoName
		case probe.MailUnreachable:
			f.ID = MailUnreachable
			if m.Failure.Kind == probe.NoIPv6 {
				f.Severity = Unknown
			}
		case probe.MailNotPublic:
			f.ID = MailPrivateAddress
		case probe.MailNoTLS:
			f.ID = MailNoTLS
		case probe.MailTLSFailed:
			f.ID = MailTLSFailed
		case probe.MailBadCertificate:
			f.ID = MailCertificate
		case probe.MailNoStartTLS:
			f.ID = MailNoStartTLS
		case probe.MailBadGreeting:
			f.ID = MailBadGreeting
		case probe.MailNotTheProtocol:
			f.ID = MailNotTheProtocol
		case probe.MailNoAuth:
			f.ID = MailNoAuth
		}
		j.add(f)
	}
}

// logins: without a login no client can finish, however good the server is.
func (j *judge) logins() {
	account := j.Match.Account(j.Address)
	if account.Incoming.Login.Kind == provider.LoginUnknown && !j.Match.HasStatedLogins() {
		j.add(Fault{Kind: Kind{ID: LoginUnknown, Severity: Warning}})
	}
}
