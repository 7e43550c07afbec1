package provider

import (
	"net/url"
	"strings"

	"gopkg.in/yaml.v3"
)

// readOAuth2 reads where people sign in. Clients that read it at all need it
// complete: Himalaya refuses a document in which one of the four is missing.
func (l *loader) readOAuth2(v value) OAuth2 {
	fields := l.mapping(v, "issuer", "scope", "authorization", "token")
	l.require(v, fields, "issuer", "the sign-in service by its host name, such as accounts.example.com")
	l.require(v, fields, "scope", "the permissions that a mail client asks for, as the service names them")
	l.require(v, fields, "authorization", "the https URL at which people sign in")
	l.require(v, fields, "token", "the https URL at which programs get their tokens")
	return OAuth2{
		Issuer:        l.domain(fields["issuer"]),
		Scope:         l.line(fields["scope"], maxText),
		Authorization: l.link(fields["authorization"]),
		Token:         l.link(fields["token"]),
	}
}

func (l *loader) readOrigin(v value) Origin {
	fields := l.mapping(v, "source", "file", "commit", "changed")
	l.require(v, fields, "source", "the database that the entry comes from, such as ispdb")
	return Origin{
		Source:  l.line(fields["source"], maxName),
		File:    l.line(fields["file"], maxLine),
		Commit:  l.line(fields["commit"], maxName),
		Changed: l.date(fields["changed"]),
	}
}

// date reads a day. YAML has a type for it, so quotes make no difference.
func (f *findings) date(v value) Date {
	if !f.isKind(v, yaml.ScalarNode) {
		return Date{}
	}
	d, err := ParseDate(v.node.Value)
	if err != nil {
		f.reject(v, "%s: %s", quote(v.node.Value), err)
	}
	return d
}

func (l *loader) readHelpPages(v value) (pages []HelpPage) {
	for _, item := range l.list(v) {
		fields := l.mapping(item, "title", "url")
		l.require(item, fields, "title", "what the page is called")
		l.require(item, fields, "url", "where it is")
		page := HelpPage{Title: l.line(fields["title"], maxLine)}
		page.URL, page.Link = l.pageURL(fields["url"])
		pages = append(pages, page)
	}
	return pages
}

// pageURL reads the URL of a page for people. Old entries of databases have pages
// without https, which are shown but not linked.
func (f *findings) pageURL(v value) (string, Link) {
	if !f.isKind(v, yaml.ScalarNode) {
		return "", Link{}
	}
	text := v.node.Value
	if !strings.HasPrefix(text, "http://") {
		link := f.link(v)
		return link.String(), link
	}
	u, err := url.Parse(text)
	if err == nil {
		_, err = ParseLink("https://" + strings.TrimPrefix(text, "http://"))
	}
	if err != nil || strings.ContainsFunc(text, invisible) {
		f.reject(v, "invalid link %s", quote(text))
		return "", Link{}
	}
	return u.String(), Link{}
}

// readImported reads the imported: section of a table. The program cares only
// whether it is there; its content is for people.
func (l *loader) readImported(v value) {
	fields := l.mapping(v, "source", "commit", "licence", "files", "providers", "domains")
	l.require(v, fields, "source", "the database that the table was made from, such as ispdb")
	l.line(fields["source"], maxName)
	l.line(fields["commit"], maxName)
	l.line(fields["licence"], maxName)
	for _, key := range []string{"files", "providers", "domains"} {
		l.number(fields[key], "number", 0, 1e9)
	}
}
