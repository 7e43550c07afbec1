package report

import (
	"strings"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/probe"
)

// mailServer returns the subject of what is said about a mail server.
func mailServer(g *group) string {
	return "the " + strings.ToUpper(g.kind.Protocol.String()) + " server " + g.names()
}

// mailCure: the mail servers belong to the mail service, but the table may be wrong.
func mailCure(g *group) []string {
	compare := "Compare the server in your table with the settings that " + g.service() + " publishes."
	if page := g.Match.Provider().Help.Status; !page.IsZero() {
		return []string{"Check whether " + g.service() + " reports a fault (" + page.String() + ").", compare}
	}
	return []string{compare}
}

// mailCureHere: the network in between may be the reason. Firewalls close mail ports or
// strip STARTTLS, and virus scanners present their own certificates.
func mailCureHere(g *group) []string {
	return append([]string{"Try from another network: some block or change mail traffic."}, mailCure(g)...)
}

// mailEntry returns a sentence about a mail server.
func mailEntry(say func(*group) string, cure func(*group) []string) entry {
	return entry{MailServers, func(g *group) string { return mailServer(g) + say(g) }, nil, cure, nil}
}

func says(text string) func(*group) string { return func(*group) string { return text } }

func saysWhy(text string) func(*group) string { return func(g *group) string { return text + g.why() } }

var mailEntries = map[judge.ID]entry{
	judge.MailNoName:      mailEntry(says(" has no address in DNS"), mailCure),
	judge.MailUnreachable: mailEntry(saysWhy(" cannot be reached from here"), mailCureHere),
	judge.MailNoTLS:       mailEntry(says(" answers in plain text instead of TLS"), mailCureHere),
	judge.MailTLSFailed:   mailEntry(saysWhy(" does not complete the TLS handshake"), mailCureHere),
	judge.MailCertificate: {MailServers,
		func(g *group) string { return "the certificate of " + mailServer(g) + " is not valid: " + flaws(g) },
		nil, func(g *group) []string {
			switch {
			case g.flawed(probe.NotYetValid):
				return append([]string{"Check the clock of this machine."}, mailCure(g)...)
			case g.flawed(probe.Expired):
				return mailCure(g)
			}
			return mailCureHere(g)
		}, nil},
	judge.MailNoStartTLS:     mailEntry(saysWhy(" does not offer STARTTLS"), mailCureHere),
	judge.MailBadGreeting:    mailEntry(saysWhy(" does not send a proper greeting"), mailCureHere),
	judge.MailNotTheProtocol: mailEntry(says(" offers neither IMAP4rev1 nor IMAP4rev2"), mailCure),
	judge.MailNoAuth:         mailEntry(says(" does not offer a login method that the table states"), mailCure),
	judge.MailPrivateAddress: {MailServers,
		func(g *group) string {
			return mailServer(g) + notPublic(g)
		},
		nil, func(g *group) []string { return append(mailCure(g), checkPrivate) }, nil},
	judge.MailExpiring: {MailServers,
		func(g *group) string { return "the certificate of " + mailServer(g) + " expires soon" },
		func(g *group) string {
			return "The certificate of " + mailServer(g) + " expires on " + list(dates(g)) + "."
		},
		always("You need not do anything: the mail service renews it."), nil},
	judge.LoginUnknown: {Table,
		func(g *group) string { return "the table states no login for addresses at " + g.Domain.String() },
		func(g *group) string {
			return "The table states no login for addresses at " + g.Domain.String() + ", and " + g.service() + " does not accept the address as a login. People must enter their login by hand."
		},
		always("State the logins in the table, one for each address or one for the whole domain. docs/table.md says how, and what that reveals to strangers."), nil},
}
