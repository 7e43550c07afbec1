package provider

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// Words from other formats, and what to write here.
var (
	securityAdvice = map[string]string{
		"ssl":       `; use "tls" if the connection is encrypted from its start, "starttls" if it becomes so`,
		"ssl/tls":   `; use "tls"`,
		"implicit":  `; use "tls"`,
		"plain":     noPlaintext,
		"plaintext": noPlaintext,
		"none":      noPlaintext,
		"no":        noPlaintext,
		"off":       noPlaintext,
		"false":     noPlaintext,
	}
	authAdvice = map[string]string{
		"plain":              `; use "password"`,
		"login":              `; use "password"`,
		"password-cleartext": `; use "password"`,
		"password-encrypted": `; use "cram-md5"`,
		"none":               `: on the internet people must log in to send; use "password"`,
		"oauth":              `; use "oauth2"`,
		"xoauth2":            `; use "oauth2"`,
		"oauthbearer":        `; use "oauth2"`,
	}
	usernameAdvice = map[string]string{
		"":                 `; a name that is the same for everybody is stated as login: under domains:`,
		"%emailaddress%":   `; use "address"`,
		"email":            `; use "address"`,
		"full":             `; use "address"`,
		"%emaillocalpart%": `; use "localpart"`,
		"local":            `; use "localpart"`,
	}
)

const noPlaintext = `: mailsetup serves no plaintext, because passwords could be read on the way; use "tls" (ports 993 and 465) or "starttls" (143 and 587)`

// The ports with a fixed meaning (RFC 8314, section 3).
var wellKnownPorts = map[uint16]struct {
	protocol Protocol
	security Security
}{
	143: {IMAP, StartTLS},
	993: {IMAP, TLS},
	465: {SMTP, TLS},
	587: {SMTP, StartTLS},
}

func (l *loader) readServers(v value, protocol Protocol) []MailServer {
	var servers []MailServer
	for _, item := range l.nonEmptyList(v, "at least one "+strings.ToUpper(protocol.String())+" server") {
		servers = append(servers, l.readServer(item, protocol))
	}
	return servers
}

func (l *loader) readServer(v value, protocol Protocol) MailServer {
	fields := l.mapping(v, "host", "port", "security", "username", "auth", "unusual", "note")
	l.require(v, fields, "host", "the server's name")
	l.require(v, fields, "port", "usually 993 for IMAP, 587 or 465 for SMTP")
	l.require(v, fields, "security", "tls or starttls")
	l.require(v, fields, "username", "address or localpart: what people log in with")
	s := MailServer{
		Protocol: protocol,
		Host:     l.domain(fields["host"]),
		Port:     uint16(l.number(fields["port"], "port", 1, 65535)),
		Security: word(&l.findings, fields["security"], "kind of security", securities, securityAdvice),
		Username: word(&l.findings, fields["username"], "kind of user name", usernames, usernameAdvice),
		Auth:     l.readAuths(fields["auth"]),
		Unusual:  l.flag(fields["unusual"]),
		Note:     l.line(fields["note"], maxLine),
	}
	l.checkHost(s, fields["host"])
	l.checkPort(s, fields["port"], fields["security"])
	return s
}

// readAuths reads one authentication method, or a list of them in order.
func (l *loader) readAuths(v value) (list Auths) {
	if v.missing() {
		return Auths{AuthPassword}
	}
	items := []value{v}
	if v.node.Kind == yaml.SequenceNode {
		items = l.nonEmptyList(v, "a way to log in, such as password")
	}
	n := 0
	for _, item := range items {
		a := word(&l.findings, item, "authentication method", authWords, authAdvice)
		switch {
		case a == 0:
		case list.Has(a):
			l.reject(item, "%s is already in this list; keep one", a)
		default:
			list[n] = a
			n++
		}
	}
	return list
}

// checkHost catches the common mistake that sends IMAP clients to an SMTP
// server. Published guides to iCloud Mail have it.
func (l *loader) checkHost(s MailServer, v value) {
	if s.Unusual {
		return
	}
	label, _, _ := strings.Cut(s.Host.String(), ".")
	switch {
	case isPOP(label):
		l.reject(v, noPOP+". If it is one by another name, add unusual: true")
	case s.Protocol == IMAP && label == "smtp":
		l.reject(v, "%s looks like an SMTP server; write the IMAP server", s.Host)
	case s.Protocol == SMTP && label == "imap":
		l.reject(v, "%s looks like an IMAP server; write the SMTP server", s.Host)
	}
}

func (l *loader) checkPort(s MailServer, port, security value) {
	if s.Port == 110 || s.Port == 995 {
		l.reject(port, "port %d is POP's: %s", s.Port, noPOP)
	}
	known, ok := wellKnownPorts[s.Port]
	const meant = ". If it is meant so, add unusual: true"
	switch {
	case !ok, s.Unusual:
	case known.protocol != s.Protocol:
		l.reject(port, "port %d is for %s; %s uses %s"+meant, s.Port,
			strings.ToUpper(known.protocol.String()), strings.ToUpper(s.Protocol.String()), portsOf(s.Protocol))
	case s.Security != 0 && known.security != s.Security:
		l.reject(security, "port %d has %s, not %s: %s uses %s"+meant, s.Port,
			known.security, s.Security, strings.ToUpper(s.Protocol.String()), portsOf(s.Protocol))
	}
}

func portsOf(p Protocol) string {
	switch p {
	case IMAP:
		return "993 with tls, or 143 with starttls"
	case SMTP:
		return "465 with tls, or 587 with starttls"
	}
	return "no port"
}
