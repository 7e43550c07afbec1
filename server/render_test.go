package server

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// renderTable has every kind of domain: services' own domains, with and without addresses
// as logins, and hosted ones, with and without stated logins.
const renderTable = `
providers:
  example:
    name: Example Mail & Co
    short_name: Example
    domains: [alumni.example.com, example.com]
    imap: [{host: mail.example.com, port: 143, security: starttls, username: localpart, auth: cram-md5}]
    smtp: [{host: mail.example.com, port: 465, security: tls, username: localpart, auth: cram-md5}]
    login: {domains: [example.com]}
    password: {kind: account}
domains:
  hosted.test: icloud
  family.test: {provider: icloud, login: family@me.com}
  mapped.test: {provider: icloud, logins: {jane@mapped.test: jane.appleseed@icloud.com}}
  bücher.test: example
`

// render and export must write what clients get, for every domain in every format.
func TestRenderIsWhatIsServed(t *testing.T) {
	table := providertest.Table(t, renderTable)
	s := newTestServer(t, renderTable)
	var domains []provider.Domain
	for _, p := range table.Providers() {
		domains = append(domains, p.Domains...)
	}
	for d := range table.Hosted() {
		domains = append(domains, d)
	}
	documents, err := document.NewSet(table, document.PublicURL{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range domains {
		match, _ := table.ByDomain(d)
		for _, local := range []string{"jane", "o'neil+news&co"} {
			address := providertest.Address(t, local+"@"+d.String())
			query := url.QueryEscape(address.String())
			for format, target := range map[document.Format]string{
				document.Autoconfig:   "/mail/config-v1.1.xml?emailaddress=" + query,
				document.Autodiscover: "/autodiscover/autodiscover.xml?Email=" + query,
				document.JSON:         "/autodiscover/autodiscover.json?Protocol=AutodiscoverV1&Email=" + query,
				document.Mobileconfig: "/profile.mobileconfig?emailaddress=" + query,
			} {
				want, err := documents.Append(nil, format, match.Account(address))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), ask(s.Public(), "GET", target, "").Body.String()); diff != "" {
					t.Errorf("%s for %s (-rendered +served):\n%s", format, address, diff)
				}
			}
		}
		for format, target := range map[document.Format]string{
			document.Autoconfig:   "/v1.1/" + d.String(),
			document.Autodiscover: "/autodiscover/autodiscover.xml",
			document.JSON:         "/autodiscover/autodiscover.json?Protocol=AutodiscoverV1",
			document.Mobileconfig: "/profile/" + match.Provider().ID + ".mobileconfig",
		} {
			want, err := documents.Append(nil, format, match.Account(provider.Address{}))
			if err != nil {
				t.Fatal(err)
			}
			served := ask(s.Public(), "GET", target, "", "Host: autodiscover."+d.String())
			if diff := cmp.Diff(string(want), served.Body.String()); diff != "" {
				t.Errorf("%s for anybody at %s (-rendered +served):\n%s", format, d, diff)
			}
		}
	}
}
