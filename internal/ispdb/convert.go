package ispdb

import (
	"slices"
	"strings"

	"mailsetup/internal/provider"
)

// maxExpanded is how many services one file with a placeholder in its host names may
// produce. The database has files with four.
const maxExpanded = 100

// maxParts is how many domains, servers and pages a file may have together. The largest
// file of the database has 200.
const maxParts = 1000

// maxLosses is how many losses of one file are reported.
const maxLosses = 100

// A conversion makes services of one file.
type conversion struct {
	file     File
	commit   string
	root     *element
	provider *element // emailProvider

	domains  int // how many valid ones it names
	losses   []Loss
	warnings []Warning
	ignored  map[string]int
}

// lose records that a part of the file is not imported. Services of one file that
// differ only in their domain lose the same things, which are recorded once.
func (c *conversion) lose(what string, why Reason) {
	loss := Loss{File: c.file.Name, What: what, Why: why}
	if why != NoReason && len(c.losses) < maxLosses && !slices.Contains(c.losses, loss) {
		c.losses = append(c.losses, loss)
	}
}

// convert returns the services of the file; none exactly if there is a reason.
func (c *conversion) convert() ([]*provider.Provider, Reason) {
	id, ok := idOf(c.file.Name)
	if !ok {
		return nil, BadFileName
	}
	if why := c.parse(); why != NoReason {
		return nil, why
	}
	own, mx := c.names()
	c.domains = len(mx)
	switch {
	case !validID(c.provider.attr("id")):
		return nil, NoID
	case len(mx) == 0:
		return nil, NoDomain
	}
	variants := []variant{{id, own, mx, mx[0]}}
	if c.varies() {
		var why Reason
		if variants, why = variantsOf(id, own); why != NoReason {
			return nil, why
		}
		for _, d := range mx {
			if !slices.Contains(own, d) {
				c.lose("domain "+d.String(), NotForPlaceholder)
			}
		}
	}
	var list []*provider.Provider
	for _, v := range variants {
		p, why := c.service(v)
		if why != NoReason {
			return nil, why
		}
		list = append(list, p)
	}
	c.countIgnored()
	return list, NoReason
}

// parse finds the one emailProvider of the file.
func (c *conversion) parse() (why Reason) {
	if c.file.Fault != NoReason {
		return c.file.Fault
	}
	if c.root, why = parseDocument(c.file.Data); why != NoReason {
		return why
	}
	switch all := c.root.all("emailProvider"); {
	case len(all) == 0:
		return NoProvider
	case len(all) > 1:
		return SeveralProviders
	case len(all[0].children) > maxParts:
		return TooManyParts
	default:
		c.provider = all[0]
		return NoReason
	}
}

// A variant is one service of a file.
type variant struct {
	id      string
	own, mx []provider.Domain
	// domain replaces the placeholder in names and hosts.
	domain provider.Domain
}

// variantsOf makes a service for each domain, for a file whose hosts depend on it. If
// there are several, each has the id that a separate file would have.
func variantsOf(id string, own []provider.Domain) (list []variant, why Reason) {
	switch {
	case len(own) == 0:
		return nil, NoDomain
	case len(own) > maxExpanded:
		return nil, TooManyDomains
	}
	for _, d := range own {
		one, ok := id, true
		if len(own) > 1 {
			one, ok = idOf(d.String() + extension)
		}
		if !ok {
			return nil, BadFileName
		}
		list = append(list, variant{one, []provider.Domain{d}, []provider.Domain{d}, d})
	}
	return list, NoReason
}

const extension = ".xml"

// idOf makes the id in the table from a file's name, because emailProvider@id is not
// unique: gmx.net.xml is gmx-net.
func idOf(file string) (string, bool) {
	stem, isXML := strings.CutSuffix(file, extension)
	if !isXML || strings.Trim(stem, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		return "", false
	}
	id := strings.Join(strings.FieldsFunc(stem, func(r rune) bool { return r == '.' || r == '-' }), "-")
	return id, id != "" && len(id) <= 63
}

// validID reports whether a client would accept the id: Thunderbird requires a host
// name, which may have one label.
func validID(s string) bool {
	_, err := provider.ParseDomain("id." + s)
	if err != nil {
		_, err = provider.ParseDomain(s)
	}
	return s != "" && err == nil
}

// names returns the file's domains and its names of exchangers, in its order. Every
// domain is also among the exchangers, because the file does not say which is
// which.
func (c *conversion) names() (own, mx []provider.Domain) {
	for _, e := range c.provider.all("domain") {
		d, err := provider.ParseDomain(e.trimmed())
		switch {
		case err != nil:
			c.lose("domain "+quote(e.trimmed()), InvalidDomain)
			continue
		case slices.Contains(mx, d):
			continue
		case !exchangers[d.String()]:
			own = append(own, d)
		}
		mx = append(mx, d)
	}
	return own, mx
}

// varies reports whether hosts or names depend on the domain of the address.
func (c *conversion) varies() bool {
	texts := []string{c.provider.value("displayName"), c.provider.value(shortNames...)}
	for _, protocol := range []provider.Protocol{provider.IMAP, provider.SMTP} {
		for _, e := range c.serverElements(protocol) {
			texts = append(texts, e.value("hostname"))
		}
	}
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, domainPlaceholder) })
}

// service makes one service; nil exactly if there is a reason.
func (c *conversion) service(v variant) (*provider.Provider, Reason) {
	p := &provider.Provider{ID: v.id, Domains: v.own, MX: v.mx, Identifier: c.identifier(v.own, v.mx)}
	var why Reason
	if p.IMAP, why = c.servers(provider.IMAP, v.domain, 0); why != NoReason {
		return nil, why
	}
	if p.SMTP, why = c.servers(provider.SMTP, v.domain, p.Incoming().Username); why != NoReason {
		return nil, why
	}
	p.Name, p.ShortName = c.serviceNames(p.Identifier, v.domain)
	p.LoginDomains = loginDomains(p)
	p.Password.Kind = provider.PasswordUnstated
	if onlyOAuth2(p.Incoming()) && onlyOAuth2(p.Outgoing()) {
		p.Password.Kind = provider.PasswordNone
	}
	p.OAuth2 = c.oAuth2()
	p.Help = c.help()
	p.Origin = provider.Origin{Source: Source, File: c.file.Name, Commit: c.commit, Changed: c.file.Changed}
	c.warnStranger(p)
	return p, NoReason
}

// loginDomains returns the domains whose addresses are logins, if a server uses the local
// part. A custom domain may be hosted there: jane@example.com must not try her
// password as jane, who is somebody else.
func loginDomains(p *provider.Provider) []provider.Domain {
	switch {
	case p.Incoming().Username != provider.UsernameLocalPart && p.Outgoing().Username != provider.UsernameLocalPart:
		return nil
	case len(p.Domains) == 0:
		return []provider.Domain{p.Identifier}
	}
	return p.Domains
}

func onlyOAuth2(s provider.MailServer) bool { return s.Auth == provider.Auths{provider.AuthOAuth2} }

// identifier returns the host name that identifies the service in machine documents. A
// table uses the first of its domains unless there is none.
func (c *conversion) identifier(own, mx []provider.Domain) provider.Domain {
	if len(own) > 0 {
		return own[0]
	}
	if d, err := provider.ParseDomain(c.provider.attr("id")); err == nil {
		return d
	}
	return mx[0]
}

// warnStranger records a service whose incoming server is under none of its domains.
// That is usual for services with separate names for servers, but a forged entry would
// look the same.
func (c *conversion) warnStranger(p *provider.Provider) {
	host := p.Incoming().Host
	if !slices.ContainsFunc(p.MX, host.Within) {
		c.warnings = append(c.warnings, Warning{File: c.file.Name, ID: p.ID, Host: host})
	}
}
