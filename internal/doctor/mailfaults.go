package doctor

import (
	"strconv"
	"strings"

	"mailsetup/internal/provider"
)

// judgeMail adds what was found at the judgeMail servers.
func (d *diagnosis) judgeMail(checks []mailCheck) {
	for _, m := range checks {
		host := m.server.Host.String()
		at := host + ", port " + strconv.Itoa(int(m.server.Port))
		switch {
		case m.timedOut:
			d.add(fault{id: OutOfTime, severity: Unknown, host: host})
		case m.unknown != nil:
			d.unknownDNS(host, m.unknown)
		case m.fault != "":
			d.add(fault{id: serverID(m.server.Protocol, m.fault), host: at, detail: m.detail})
		default:
			d.pass(MailServers, "The "+strings.ToUpper(m.server.Protocol.String())+" server "+at+
				" has a good certificate and takes logins inside TLS.")
			if endsSoon(m.leaf, d.c.Now()) {
				d.add(fault{id: serverID(m.server.Protocol, expiringSoon), severity: Warning, host: at, detail: day(m.leaf.NotAfter)})
			}
		}
	}
}

// logins: without a login no client is done, however good the server is.
func (d *diagnosis) logins() {
	account := d.c.match.Account(d.c.address)
	if account.Incoming.Login.Kind == provider.LoginUnknown && !d.c.match.HasStatedLogins() {
		d.add(fault{id: LoginUnknown, severity: Warning})
	}
}
