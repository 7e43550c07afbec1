package provider

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// What people write for security and authentication elsewhere, and what to write
// here.
var (
	securityAdvice = map[string]string{
		"ssl":       `; say "tls" for a connection that is encrypted from the start, "starttls" for one that becomes so`,
		"ssl/tls":   `; say "tls" for a connection that is encrypted from the start`,
		"implicit":  `; say "tls"`,
		"start-tls": `; say "starttls"`,
		"plain":     noPlaintext,
		"plaintext": noPlaintext,
		"none":      noPlaintext,
		"no":        noPlaintext,
		"off":       noPlaintext,
		"false":     noPlaintext,
		"insecure":  noPlaintext,
	}
	authAdvice = map[string]string{
		"plain":              `; say "password"`,
		"login":              `; say "password"`,
		"password-cleartext": `; say "password"`,
		"password-encrypted": `; say "cram-md5"`,
		"oauth2":             `: mailsetup's documents have no place for OAuth 2; leave the line out if passwords work, too`,
	}
	usernameAdvice = map[string]string{
		"%emailaddress%":   `; say "address"`,
		"email":            `; say "address"`,
		"full":             `; say "address"`,
		"%emaillocalpart%": `; say "localpart"`,
		"local":            `; say "localpart"`,
		"user":             `; say "localpart"`,
	}
)

const noPlaintext = `: mailsetup serves no plaintext, because the password could be read on the way; say "tls" (993, 465) or "starttls" (143, 587)`

func (l *loader) servers(v value, protocol Protocol) []Server {
	if v.missing() || !l.isKind(v, yaml.SequenceNode) {
		return nil
	}
	if len(v.node.Content) == 0 {
		l.reject(v, "the list is empty; give at least one %s server", strings.ToUpper(protocol.String()))
	}
	var servers []Server
	for _, item := range l.list(v) {
		servers = append(servers, l.server(item, protocol))
	}
	return servers
}

func (l *loader) server(v value, protocol Protocol) Server {
	fields := l.mapping(v, "host", "port", "security", "username", "auth", "note")
	l.require(v, fields, "host", "the server's name")
	l.require(v, fields, "port", "993 or 143 for IMAP, 587 or 465 for SMTP")
	l.require(v, fields, "security", "tls or starttls")
	l.require(v, fields, "username", "address or localpart")
	s := Server{
		Protocol: protocol,
		Host:     l.domain(fields["host"]),
		Port:     uint16(l.number(fields["port"], "port", 1, 65535)),
		Security: word(&l.findings, fields["security"], "security", securities, securityAdvice),
		Username: word(&l.findings, fields["username"], "username rule", usernames, usernameAdvice),
		Auth:     AuthPassword,
		Note:     l.line(fields["note"], 0),
	}
	if auth := fields["auth"]; auth.node != nil {
		s.Auth = word(&l.findings, auth, "way to prove a password", auths, authAdvice)
	}
	return s
}
