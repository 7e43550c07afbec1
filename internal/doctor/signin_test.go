package doctor

import (
	"slices"
	"strings"
	"testing"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/provider/providertest"
)

const signInTable = `
providers:
  signin:
    name: Sign-in Mail
    domains: [signin.test]
    mx: [mx.signin.test]
    imap: [{host: imap.mail.me.com, port: 993, security: tls, username: address, auth: oauth2}]
    smtp: [{host: smtp.mail.me.com, port: 587, security: starttls, username: address, auth: oauth2}]
    password: {kind: none}
domains:
  example.com: signin
`

// signInWorld is a domain at a service that takes no password, with its own records for
// Autodiscover, as Microsoft asks of the owners of domains.
func signInWorld(t *testing.T) *world {
	w := newWorld(t)
	w.table = providertest.Table(t, signInTable)
	w.set("example.com MX", "10 mx.signin.test.")
	w.set("autodiscover.example.com CNAME", "autodiscover.outlook.com.")
	w.set("_autodiscover._tcp.example.com SRV", "0 0 443 autodiscover.outlook.com.")
	w.set("autodiscover.outlook.com A", foreignIP)
	w.setup(w.mailsetup(w.table), w.ca.issue("autoconfig.example.com"))
	w.serve[imapIP+":993"] = overTLS(w.ca.issue("imap.mail.me.com"), w.imapServer("IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2"))
	w.serve[smtpIP+":587"] = w.smtpServer(w.ca.issue("smtp.mail.me.com"), "STARTTLS", "AUTH XOAUTH2")
	return w
}

// TestServiceWithoutPassword: records for Autodiscover are neither required nor checked,
// and no request is sent there.
func TestServiceWithoutPassword(t *testing.T) {
	w := signInWorld(t)
	r := w.check()
	for _, f := range r.Findings {
		if f.Severity == judge.Problem || f.Severity == judge.Warning {
			t.Errorf("%s: %s", f.ID, f.What)
		}
	}
	for _, name := range w.asked {
		if strings.Contains(name, "autodiscover") {
			t.Errorf("DNS was asked for %s", name)
		}
	}
	if i := slices.IndexFunc(w.dialled, func(a string) bool { return strings.HasPrefix(a, foreignIP) }); i >= 0 {
		t.Errorf("the doctor connected to %s", w.dialled[i])
	}
	got := text(t, r, report.TextOptions{})
	for _, want := range []string{
		"Outlook (classic): by its published rules, is not set up from here; people choose the mail service's own kind of account in it and sign in.",
		"cannot be used with this mail service, which accepts no passwords from mail clients; they do not sign in with the browser there.",
	} {
		if !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
			t.Errorf("the report does not say %q:\n%s", want, got)
		}
	}
}
