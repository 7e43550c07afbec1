package templates

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// testTable goes on top of the built-in table: domains hosted at iCloud with
// and without known logins, and a second service that is iCloud's opposite in
// every respect, with a name that needs escaping.
const testTable = `
providers:
  second:
    name: Smith & Sons <Mail>
    short_name: Smith
    domains: [mail.test, post.test]
    imap:
      - {host: imap.mail.test, port: 143, security: starttls, username: address, auth: cram-md5}
      - {host: imap2.mail.test, port: 993, security: tls, username: address}
    smtp:
      - {host: smtp.mail.test, port: 465, security: tls, username: address, auth: cram-md5}
    password: {kind: account, help: "https://help.mail.test/?topic=password&lang=en"}
  bare:
    name: Bare
    domains: [bare.test]
    imap: [{host: mail.bare.test, port: 993, security: tls, username: address}]
    smtp: [{host: mail.bare.test, port: 587, security: starttls, username: address}]
    password: {kind: account}
  both:
    name: Both & Sons
    domains: [both.test]
    imap: [{host: imap.both.test, port: 993, security: tls, username: address, auth: [oauth2, password]}]
    smtp: [{host: smtp.both.test, port: 465, security: tls, username: address, auth: [oauth2, cram-md5, password]}]
    oauth2:
      issuer: accounts.both.test
      scope: read&write "all"
      authorization: https://accounts.both.test/authorize?a=1&b=2
      token: https://accounts.both.test/token
    password: {kind: unstated, help: "https://help.both.test/"}
  hosting:
    name: Hosting
    id: hosting.test
    mx: [mx.hosting.test]
    imap: [{host: imap.hosting.test, port: 993, security: tls, username: address}]
    smtp: [{host: smtp.hosting.test, port: 465, security: tls, username: localpart}]
    login: {domains: [hosting.test]}
    password: {kind: account}
domains:
  shop.test: hosting
  example.com:
    provider: icloud
    logins: {jane@example.com: jane.appleseed@icloud.com}
  example.org:
    provider: icloud
    login: family@me.com
  xn--mnchen-3ya.test: icloud
  hosted.test: second
  neighbour.test: icloud
`

// cases are the shapes that an account can have.
var cases = []struct {
	name string
	who  string // an address, or a domain if there is no address
}{
	{"icloud", "icloud.com"},
	{"icloud-address", "jane@icloud.com"},
	{"icloud-me", "jane.appleseed+news@me.com"},
	{"hosted", "example.com"},
	{"hosted-mapped", "Jane@example.com"},
	{"hosted-unmapped", "john@example.com"},
	{"whole-domain", "example.org"},
	{"whole-domain-address", "john@example.org"},
	{"idn", "jane@MÜNCHEN.test"},
	{"second", "mail.test"},
	{"second-address", "o'hara&co@mail.test"},
	{"second-hosted", "jane@hosted.test"},
	{"bare", "jane@bare.test"},
	{"both", "both.test"},
	{"both-address", "jane@both.test"},
	{"hosting", "jane@shop.test"},
}

func table(t testing.TB) *provider.Table {
	t.Helper()
	return providertest.Table(t, testTable)
}

// account resolves an address, or a domain without an address.
func account(t testing.TB, table *provider.Table, who string) provider.Account {
	t.Helper()
	if strings.Contains(who, "@") {
		return providertest.Account(t, table, who)
	}
	d := providertest.Domain(t, who)
	m, ok := table.ByDomain(d)
	if !ok {
		t.Fatalf("%s is not served", d)
	}
	return m.Account(provider.Address{})
}

// A node is an element as a client's XML parser sees it.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []node     `xml:",any"`
}

// parse reads a whole document and fails the test unless it has exactly one
// root.
func parse(t testing.TB, document []byte) node {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(document))
	var root node
	if err := dec.Decode(&root); err != nil {
		t.Fatalf("not well formed: %v\n%s", err, document)
	}
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return root
		}
		if text, ok := token.(xml.CharData); err != nil || !ok || strings.TrimSpace(string(text)) != "" {
			t.Fatalf("something follows the root element: %v %v\n%s", token, err, document)
		}
	}
}

// all returns the elements at a path of local names below n.
func (n node) all(path ...string) []node {
	if len(path) == 0 {
		return []node{n}
	}
	var found []node
	for _, child := range n.Nodes {
		if child.XMLName.Local == path[0] {
			found = append(found, child.all(path[1:]...)...)
		}
	}
	return found
}

// texts returns the texts of the elements at a path below n.
func (n node) texts(path ...string) []string {
	var texts []string
	for _, found := range n.all(path...) {
		texts = append(texts, found.Text)
	}
	return texts
}

// text returns the text of the one element at a path; "" if there is none or
// more than one.
func (n node) text(path ...string) string {
	if texts := n.texts(path...); len(texts) == 1 {
		return texts[0]
	}
	return ""
}

// walk calls f for n and everything below it.
func (n node) walk(f func(node)) {
	f(n)
	for _, child := range n.Nodes {
		child.walk(f)
	}
}

func attr(n node, name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func isNamespace(a xml.Attr) bool { return a.Name.Local == "xmlns" || a.Name.Space == "xmlns" }
