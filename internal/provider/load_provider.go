package provider

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const (
	maxName      = 60 // characters, config-v1.1 displayName
	maxShortName = 20 // characters, config-v1.1 displayShortName
)

var (
	providerID  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$`)
)

// addProvider reads an entry of providers: into the table.
func (l *loader) addProvider(v value) {
	if v.missing() {
		return
	}
	id := v.key.Value
	if isPOP(id) {
		l.rejectKey(v, noPOP)
		return
	}
	if !providerID.MatchString(id) || len(id) > 63 {
		l.rejectKey(v, "%s is no provider id: use lower-case letters, digits and single hyphens, 63 at most", quote(id))
	}
	fields := l.mapping(v, "name", "short_name", "domains", "mx", "imap", "smtp", "login", "password", "help", "guide")
	if v.node.Kind != yaml.MappingNode {
		return
	}
	l.require(v, fields, "name", "the service's name, as people know it")
	l.require(v, fields, "domains", "the service's own mail domains, such as [example.com]")
	l.require(v, fields, "imap", "at least one IMAP server")
	l.require(v, fields, "smtp", "at least one SMTP server")
	l.require(v, fields, "password", "which password mail clients need, such as {kind: account}")
	p := &Provider{
		ID:        id,
		Name:      l.name(fields["name"], maxName),
		ShortName: l.name(fields["short_name"], maxShortName),
		Domains:   l.domains(fields["domains"]),
		MX:        l.domains(fields["mx"]),
		IMAP:      l.servers(fields["imap"], IMAP),
		SMTP:      l.servers(fields["smtp"], SMTP),
		Password:  l.readPassword(fields["password"]),
		Help:      l.readHelp(fields["help"]),
		Guide:     l.readGuide(fields["guide"]),
	}
	if _, ok := fields["short_name"]; !ok {
		p.ShortName = p.Name
		if utf8.RuneCountInString(p.Name) > maxShortName {
			l.require(v, fields, "short_name", "a name of at most 20 characters, because the name is longer")
		}
	}
	if login := l.mapping(fields["login"], "domains"); fields["login"].node != nil {
		l.require(fields["login"], login, "domains", "the domains whose addresses are logins")
		p.LoginDomains = l.domains(login["domains"])
	}
	l.claimDomains(p, fields["domains"])
	l.table.byID[id] = p
	l.table.providers = append(l.table.providers, p)
}

// name reads a name that machine documents carry.
func (l *loader) name(v value, most int) string {
	name := l.line(v, most)
	if strings.Contains(name, "%") {
		// Clients replace %EMAILDOMAIN% and its kin wherever they stand.
		l.reject(v, "a name holds no %% sign: mail clients take it for a placeholder")
		return ""
	}
	return name
}

// claimDomains enters a provider's own domains in the table.
func (l *loader) claimDomains(p *Provider, v value) {
	for _, item := range l.listQuietly(v) {
		d, err := ParseDomain(item.node.Value)
		if err != nil {
			continue // reported
		}
		if e, taken := l.table.domains[d]; taken && e.provider != p {
			l.reject(item, "%s is a domain of provider %s already; a domain has one provider", d, e.provider.ID)
			continue
		}
		l.table.domains[d] = entry{provider: p}
	}
}

func (l *loader) listQuietly(v value) []value {
	if v.missing() || v.node.Kind != yaml.SequenceNode {
		return nil
	}
	var items []value
	for item := range v.items() {
		items = append(items, item)
	}
	return items
}

func (l *loader) readPassword(v value) Password {
	fields := l.mapping(v, "kind", "url", "help", "section", "limit", "two_factor", "revoked_with_account")
	if v.missing() {
		return Password{}
	}
	l.require(v, fields, "kind", "account or app-specific")
	return Password{
		Kind:               word(&l.findings, fields["kind"], "kind of password", passwordKinds, nil),
		Link:               l.link(fields["url"]),
		Help:               l.link(fields["help"]),
		Section:            l.line(fields["section"], 0),
		Limit:              l.number(fields["limit"], "number of passwords", 1, 10000),
		TwoFactor:          l.flag(fields["two_factor"]),
		RevokedWithAccount: l.flag(fields["revoked_with_account"]),
	}
}

func (l *loader) readHelp(v value) Help {
	fields := l.mapping(v, "settings", "status", "webmail", "custom_domain", "trash_days")
	return Help{
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
	for language := range v.fields() {
		tag := language.key.Value
		if !languageTag.MatchString(tag) {
			l.rejectKey(language, "%s is no language tag, such as en, de or pt-BR", quote(tag))
		}
		for _, item := range l.list(language) {
			guide[tag] = append(guide[tag], l.readGuideEntry(item))
		}
	}
	return guide
}

func (l *loader) readGuideEntry(v value) GuideEntry {
	fields := l.mapping(v, "topic", "title", "text", "link")
	if !v.missing() {
		l.require(v, fields, "topic", "where the text belongs: apple, password, trouble or question")
		l.require(v, fields, "title", "a headline")
		l.require(v, fields, "text", "the text")
	}
	return GuideEntry{
		Topic: word(&l.findings, fields["topic"], "topic", guideTopics, nil),
		Title: l.line(fields["title"], 120),
		Text:  l.paragraphs(fields["text"]),
		Link:  l.link(fields["link"]),
	}
}
