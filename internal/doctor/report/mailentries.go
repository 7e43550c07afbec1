package report

import (
	"strings"

	"mailsetup/internal/doctor/judge"
)

// mailServer is the subject of what is said about a mail server.
func mailServer(g *group) string {
	return "the " + strings.ToUpper(g.kind.Protocol.String()) + " server " + g.names()
}

// mailCure: the mail servers belong to somebody else, but the table may be wrong.
func mailCure(g *group) []string {
	cure := "Compare the server in your table with what " + g.service() + " says."
	if page := g.Match.Provider().Help.Status; !page.IsZero() {
		cure = "See whether " + g.service() + " has a fault: " + page.String() + ". " + cure
	}
	return []string{cure}
}

// mailEntry is a sentence about a mail server that has the usual cure.
func mailEntry(say func(*group) string) entry {
	return entry{MailServers, func(g *group) string { return mailServer(g) + say(g) }, nil, mailCure, nil}
}

func says(text string) func(*group) string { return func(*group) string { return text } }

func saysWhy(text string) func(*group) string { return func(g *group) string { return text + g.why() } }

var mailEntries = map[judge.ID]entry{
	judge.MailNoName: mailEntry(says(" has no address in DNS")),
	judge.MailUnreachable: {MailServers,
		func(g *group) string { return mailServer(g) + " cannot be reached from here" + g.why() },
		nil, func(g *group) []string {
			return append([]string{"Try from another network: some block mail."}, mailCure(g)...)
		}, nil},
	judge.MailNoTLS:     mailEntry(says(" answers without TLS")),
	judge.MailTLSFailed: mailEntry(saysWhy(" does not agree on TLS 1.2 or newer")),
	judge.MailCertificate: {MailServers,
		func(g *group) string { return "the certificate of " + mailServer(g) + " is not good: " + flaws(g) },
		nil, mailCure, nil},
	judge.MailNoStartTLS:     mailEntry(saysWhy(" does not offer STARTTLS")),
	judge.MailBadGreeting:    mailEntry(saysWhy(" does not greet as it should")),
	judge.MailNotTheProtocol: mailEntry(says(" offers neither IMAP4rev1 nor IMAP4rev2")),
	judge.MailNoAuth:         mailEntry(says(" does not take the kind of login that the table states")),
	judge.MailPrivateAddress: {MailServers,
		func(g *group) string {
			return mailServer(g) + " has an address that is not public: " + strings.Trim(g.why(), " ()")
		},
		nil, mailCure, nil},
	judge.MailExpiring: {MailServers,
		func(g *group) string { return "the certificate of " + mailServer(g) + " ends soon" },
		func(g *group) string {
			return "The certificate of " + mailServer(g) + " ends on " + strings.Join(dates(g), "; ") + "."
		},
		always("Nothing is to be done here: the mail service renews it."), nil},
	judge.LoginUnknown: {Table,
		func(g *group) string { return "the table states no login for addresses in " + g.Domain.String() },
		func(g *group) string {
			return "The table states no login for addresses in " + g.Domain.String() + ", and " + g.service() + " does not accept the address as a login. People must enter it by hand."
		},
		always("State the logins in the table, for one address or for the whole domain. The documentation of the table says what that tells strangers."), nil},
}
