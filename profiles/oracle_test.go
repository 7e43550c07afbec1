package profiles

import (
	"slices"
	"testing"

	"mailsetup/internal/clients"
	"mailsetup/internal/clients/appleprofile"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// agreementTable has every kind of login besides iCloud's own.
const agreementTable = `
providers:
  equal:
    name: Smith & Sons <Mail>
    domains: [mail.test, post.test]
    imap: [{host: imap.mail.test, port: 143, security: starttls, username: address, auth: cram-md5}]
    smtp: [{host: smtp.mail.test, port: 465, security: tls, username: address, auth: cram-md5}]
    password: {kind: account}
  short:
    name: Short
    domains: [short.test]
    imap: [{host: mail.short.test, port: 993, security: tls, username: localpart}]
    smtp: [{host: mail.short.test, port: 587, security: starttls, username: localpart}]
    password: {kind: account}
    login: {domains: [short.test], any: true}
domains:
  example.com: {provider: icloud, logins: {jane@example.com: jane.appleseed@icloud.com}}
  example.org: {provider: icloud, login: family@me.com}
  xn--mnchen-3ya.test: icloud
  hosted.test: equal
  hosted.short.test: {provider: short, logins: {jane@hosted.short.test: m050a11d}}
`

// A device must end up with the table's settings, and ask only for what the profile
// does not contain.
func TestDevicesAgree(t *testing.T) {
	table := providertest.Table(t, agreementTable)
	domains := slices.Collect(table.Hosted())
	for _, p := range table.Providers() {
		domains = append(domains, p.Domains...)
		agrees(t, p.Account(), providertest.Address(t, "jane@"+p.Identifier.String()))
	}
	for _, d := range domains {
		for _, local := range []string{"jane", "Jane.Appleseed+News", "o'neil&sons", "a=b", "00123", "jane..doe", "jane."} {
			address := providertest.Address(t, local+"@"+d.String())
			agrees(t, providertest.Account(t, table, address.String()), address)
		}
	}
}

func agrees(t *testing.T, account provider.Account, address provider.Address) {
	t.Helper()
	body, err := Mail(account, Person{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := clients.Expected(clients.Profile, account, address)
	if err != nil {
		t.Fatal(err)
	}
	got, err := appleprofile.Reading.Read(clients.Answer{Status: 200, ContentType: ContentType, Body: body}, address)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	if differs := got.Differs(want); len(differs) > 0 {
		t.Errorf("%s: %q", address, differs)
	}
	var asks []string
	if account.Address.IsZero() {
		asks = append(asks, "EmailAddress")
	}
	if !want.Incoming.Stated {
		asks = append(asks, "IncomingMailServerUsername")
	}
	if !want.Outgoing.Stated {
		asks = append(asks, "OutgoingMailServerUsername")
	}
	if !slices.Equal(got.Asks, asks) {
		t.Errorf("%s: the device asks for %q, want %q", address, got.Asks, asks)
	}
}
