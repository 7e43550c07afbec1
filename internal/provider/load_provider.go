package provider

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Lengths in characters.
const (
	maxID        = 63
	maxName      = 60 // config-v1.1, displayName
	maxShortName = 20 // config-v1.1, displayShortName
	maxLine      = 200
	maxText      = 4000
)

var (
	providerID  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$`)
)

// readProvider reads an entry of providers: into the table.
func (l *loader) readProvider(v value) {
	id := v.key.Value
	switch {
	case v.missing():
		return
	case isPOP(id):
		l.rejectKey(v, noPOP)
		return
	case !providerID.MatchString(id) || len(id) > maxID:
		l.rejectKey(v, "invalid provider id %s; use up to 63 lower-case letters, digits and single hyphens", quote(id))
	}
	fields := l.mapping(v, "name", "short_name", "id", "domains", "mx", "dns", "imap", "smtp", "login", "oauth2", "password", "help", "guide", "origin", "verified")
	l.require(v, fields, "name", "the service's name, as people know it")
	l.require(v, fields, "imap", "at least one IMAP server")
	l.require(v, fields, "smtp", "at least one SMTP server")
	l.require(v, fields, "password", "which password mail clients need, such as {kind: account}")
	p := &Provider{
		ID:         id,
		Name:       l.name(fields["name"], maxName),
		ShortName:  l.name(fields["short_name"], maxShortName),
		Identifier: l.domain(fields["id"]),
		IMAP:       l.readServers(fields["imap"], IMAP),
		SMTP:       l.readServers(fields["smtp"], SMTP),
		OAuth2:     l.readOAuth2(fields["oauth2"]),
		Password:   l.readPassword(fields["password"]),
		Help:       l.readHelp(fields["help"]),
		Guide:      l.readGuide(fields["guide"]),
		Layers:     v.layers(),
		Origin:     l.readOrigin(fields["origin"]),
		Verified:   l.date(fields["verified"]),
	}
	p.LoginDomains, p.AnyLogin = l.readLoginRule(fields["login"])
	l.readNames(v, fields, p)
	l.checkPassword(fields["password"], p)
	p.DNS = l.readDNS(fields["dns"], fields["mx"], p.MX)
	if _, given := fields["short_name"]; !given {
		if p.ShortName = p.Name; utf8.RuneCountInString(p.Name) > maxShortName {
			l.require(v, fields, "short_name", "a name of at most 20 characters, because the full one is longer")
		}
	}
	l.table.byID[id] = p
	l.table.providers = append(l.table.providers, p)
}

// readNames reads the domains and the mail exchangers of a service. One that has only
// hosted domains needs another name for machine documents.
func (l *loader) readNames(v value, fields map[string]value, p *Provider) {
	claim := func(mx bool) func(value, Domain) bool {
		return func(item value, d Domain) bool {
			l.claims = append(l.claims, claim{domain: d, provider: p, item: item, mx: mx})
			return true
		}
	}
	domains := l.list(fields["domains"])
	p.Domains = l.domains(domains, claim(false))
	p.MX = l.domains(l.list(fields["mx"]), claim(true))
	if len(domains) > 0 || len(p.MX) > 0 && !p.Identifier.IsZero() {
		return
	}
	const without = "; a service with only hosted domains needs id: and mx: instead"
	if d := fields["domains"]; !d.missing() && d.node.Kind == yaml.SequenceNode {
		l.reject(d, "the list is empty; add at least one domain"+without)
	} else {
		l.require(v, fields, "domains", "the service's own mail domains, such as [example.com]"+without)
	}
}

// checkPassword compares the kind of password with the authentication methods.
func (l *loader) checkPassword(v value, p *Provider) {
	if len(p.IMAP) == 0 || len(p.SMTP) == 0 || p.Password.Kind == 0 {
		return // reported
	}
	_, in := p.Incoming().Auth.Password()
	_, out := p.Outgoing().Auth.Password()
	signIn := errors.Is(in, ErrOAuth2Only) && errors.Is(out, ErrOAuth2Only)
	kind := v.field("kind")
	switch {
	case signIn && p.Password.Kind != PasswordNone:
		l.reject(kind, "the servers accept only oauth2; set kind: none, or add password to auth:")
	case !signIn && p.Password.Kind == PasswordNone:
		l.reject(kind, "the servers accept a password; use account, app-specific or unstated")
	}
}

// name reads a name for machine documents.
func (l *loader) name(v value, maxLen int) string {
	name := l.line(v, maxLen)
	switch {
	case strings.Contains(name, "%"):
		// Clients replace %EMAILDOMAIN% and similar placeholders anywhere.
		l.reject(v, "remove the %% sign; mail clients read it as a placeholder")
	case strings.TrimSpace(name) != name:
		l.reject(v, "the name starts or ends with a space; remove it")
	case isPOP(name):
		l.reject(v, noPOP)
	case readAsNumber(name):
		l.reject(v, "Thunderbird would read this name as a number or as true or false, and change it; add a word")
	}
	return name
}

// readLoginRule reads which addresses are logins at the service, and whether any other
// account name may be one.
func (l *loader) readLoginRule(v value) (domains []Domain, anyName bool) {
	fields := l.mapping(v, "domains", "any")
	anyName = l.flag(fields["any"])
	if _, given := fields["any"]; !given {
		l.require(v, fields, "domains", "the domains whose addresses are logins; leave login: out if every address is one")
	}
	return l.domains(l.list(fields["domains"]), nil), anyName
}

func (l *loader) readPassword(v value) Password {
	fields := l.mapping(v, "kind", "url", "help", "section", "limit", "two_factor", "revoked_with_account")
	l.require(v, fields, "kind", "account (the one that people have), app-specific (one made for each mail client), unstated (one of the two) or none (only oauth2)")
	return Password{
		Kind:               word(&l.findings, fields["kind"], "kind of password", passwordKinds, passwordAdvice),
		Link:               l.link(fields["url"]),
		Help:               l.link(fields["help"]),
		Section:            l.line(fields["section"], maxLine),
		Limit:              l.number(fields["limit"], "number of passwords", 1, 10000),
		TwoFactor:          l.flag(fields["two_factor"]),
		RevokedWithAccount: l.flag(fields["revoked_with_account"]),
	}
}

var passwordAdvice = map[string]string{
	"app":      `; use "app-specific"`,
	"password": `; use "account"`,
	"normal":   `; use "account"`,
}

func (l *loader) readHelp(v value) Help {
	fields := l.mapping(v, "pages", "settings", "status", "webmail", "custom_domain", "trash_days")
	return Help{
		Pages:        l.readHelpPages(fields["pages"]),
		Settings:     l.link(fields["settings"]),
		Status:       l.link(fields["status"]),
		Webmail:      l.link(fields["webmail"]),
		CustomDomain: l.link(fields["custom_domain"]),
		TrashDays:    l.number(fields["trash_days"], "number of days", 1, 3650),
	}
}

// readGuide reads the service's own texts, by language.
func (l *loader) readGuide(v value) map[string][]GuideEntry {
	if !l.isKind(v, yaml.MappingNode) {
		return nil
	}
	guide := make(map[string][]GuideEntry)
	for texts := range v.fields() {
		language := texts.key.Value
		if !languageTag.MatchString(language) {
			l.rejectKey(texts, "invalid language tag %s; use one such as en, de or pt-BR", quote(language))
		}
		for _, item := range l.list(texts) {
			guide[language] = append(guide[language], l.readGuideEntry(item))
		}
	}
	return guide
}

func (l *loader) readGuideEntry(v value) GuideEntry {
	fields := l.mapping(v, "topic", "title", "text", "link")
	l.require(v, fields, "topic", "where the text belongs: apple, password, trouble, question or login")
	l.require(v, fields, "title", "a headline")
	l.require(v, fields, "text", "the text")
	return GuideEntry{
		Topic: word(&l.findings, fields["topic"], "topic", guideTopics, nil),
		Title: l.line(fields["title"], maxLine),
		Text:  l.text(fields["text"], maxText),
		Link:  l.link(fields["link"]),
	}
}
