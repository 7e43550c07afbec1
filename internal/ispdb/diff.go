package ispdb

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"mailsetup/internal/provider"
)

// A Change is the difference of one service between two tables.
type Change struct {
	ID   string
	Kind ChangeKind
	// Now is the service that now has the domains of a removed one; "" if none has.
	Now string
	// Fields are the differences, for Changed.
	Fields []FieldChange
}

// ChangeKind is the kind of a change.
type ChangeKind uint8

const (
	// Added: the service is new.
	Added ChangeKind = iota + 1
	// Changed: something that the table says is different.
	Changed
	// Removed: the service is no longer in the database.
	Removed
)

// String returns the word for it.
func (k ChangeKind) String() string {
	switch k {
	case Added:
		return "new"
	case Changed:
		return "changed"
	case Removed:
		return "gone"
	}
	return "invalid change"
}

// A FieldChange is one difference of a service.
type FieldChange struct {
	Field    string
	Was, Is  string // "" for nothing
	Password bool   // passwords of some people would go to another host
}

// Compare returns the differences between two tables by the ids of the services. Origin
// and verification date of an entry do not count.
func Compare(before, after []*provider.Provider) (changes []Change) {
	was, is, owners := index(before), index(after), ownersOf(before)
	for _, p := range after {
		if was[p.ID] == nil {
			changes = append(changes, Change{ID: p.ID, Kind: Added, Fields: addedFields(p, owners)})
		}
	}
	for _, p := range before {
		now := is[p.ID]
		if now == nil {
			changes = append(changes, Change{ID: p.ID, Kind: Removed, Now: successor(p, after)})
			continue
		}
		if fields := compareProviders(p, now, owners); len(fields) > 0 {
			changes = append(changes, Change{ID: p.ID, Kind: Changed, Fields: fields})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.ID, b.ID) })
	return changes
}

func index(list []*provider.Provider) map[string]*provider.Provider {
	byID := make(map[string]*provider.Provider, len(list))
	for _, p := range list {
		byID[p.ID] = p
	}
	return byID
}

// successor finds the service that has the first domain of a removed one: its file was
// renamed, and with it the id.
func successor(gone *provider.Provider, after []*provider.Provider) string {
	for _, p := range after {
		if slices.Contains(p.MX, gone.Identifier) || slices.Contains(p.Domains, gone.Identifier) {
			return p.ID
		}
	}
	return ""
}

// owners are the services that domains and exchangers belong to.
type owners map[provider.Domain]*provider.Provider

func ownersOf(list []*provider.Provider) owners {
	all := make(owners)
	for _, p := range list {
		for _, d := range slices.Concat(p.Domains, p.MX) {
			all[d] = p
		}
	}
	return all
}

// redirects reports whether one of the domains was at a service with other hosts than p.
func (o owners) redirects(p *provider.Provider, domains []provider.Domain) bool {
	return slices.ContainsFunc(domains, func(d provider.Domain) bool {
		old := o[d]
		return old != nil && old.ID != p.ID &&
			!(hasHost(old.IMAP, p.Incoming().Host) && hasHost(old.SMTP, p.Outgoing().Host))
	})
}

// addedFields returns what people should check in a new service.
func addedFields(p *provider.Provider, before owners) []FieldChange {
	return []FieldChange{
		{Field: "imap[0].host", Is: p.Incoming().Host.String()},
		{Field: "smtp[0].host", Is: p.Outgoing().Host.String()},
		{Field: "domains", Is: joined(p.MX), Password: before.redirects(p, p.MX)},
	}
}

func compareProviders(was, is *provider.Provider, before owners) (fields []FieldChange) {
	add := func(field, was, is string) {
		if was != is {
			fields = append(fields, FieldChange{Field: field, Was: was, Is: is})
		}
	}
	add("name", was.Name, is.Name)
	add("short_name", was.ShortName, is.ShortName)
	add("id", was.Identifier.String(), is.Identifier.String())
	for _, f := range []FieldChange{domainChange("domains", was.Domains, is.Domains), domainChange("mx", was.MX, is.MX)} {
		if f.Field != "" {
			f.Password = before.redirects(is, is.MX)
			fields = append(fields, f)
		}
	}
	compareServers(&fields, "imap", was.IMAP, is.IMAP)
	compareServers(&fields, "smtp", was.SMTP, is.SMTP)
	if f := domainChange("login.domains", was.LoginDomains, is.LoginDomains); f.Field != "" {
		fields = append(fields, f)
	}
	add("oauth2.issuer", was.OAuth2.Issuer.String(), is.OAuth2.Issuer.String())
	add("oauth2.scope", was.OAuth2.Scope, is.OAuth2.Scope)
	add("oauth2.authorization", was.OAuth2.Authorization.String(), is.OAuth2.Authorization.String())
	add("oauth2.token", was.OAuth2.Token.String(), is.OAuth2.Token.String())
	add("password.kind", was.Password.Kind.String(), is.Password.Kind.String())
	add("help.pages", pages(was.Help.Pages), pages(is.Help.Pages))
	add("help.webmail", was.Help.Webmail.String(), is.Help.Webmail.String())
	return fields
}

// domainChange says which names were added and removed; the zero change if none were.
func domainChange(field string, was, is []provider.Domain) FieldChange {
	if slices.Equal(was, is) {
		return FieldChange{}
	}
	without := func(list, others []provider.Domain) []provider.Domain {
		return slices.DeleteFunc(slices.Clone(list), func(d provider.Domain) bool { return slices.Contains(others, d) })
	}
	gone, added := without(was, is), without(is, was)
	if len(gone)+len(added) == 0 { // another order
		gone, added = was, is
	}
	return FieldChange{Field: field, Was: joined(gone), Is: joined(added)}
}

func joined(list []provider.Domain) string {
	words := make([]string, len(list))
	for i, d := range list {
		words[i] = d.String()
	}
	return strings.Join(words, ", ")
}

func pages(list []provider.HelpPage) string {
	words := make([]string, len(list))
	for i, p := range list {
		if words[i] = p.URL; p.Title != p.URL {
			words[i] = p.Title + " <" + p.URL + ">"
		}
	}
	return strings.Join(words, ", ")
}

// compareServers compares servers by position. A host that becomes the first, or is new,
// would get the passwords of people who trusted another.
func compareServers(fields *[]FieldChange, key string, was, is []provider.MailServer) {
	for i := range max(len(was), len(is)) {
		place := key + "[" + strconv.Itoa(i) + "]"
		switch {
		case i >= len(is):
			*fields = append(*fields, FieldChange{Field: place, Was: serverText(was[i])})
		case i >= len(was):
			*fields = append(*fields, FieldChange{Field: place, Is: serverText(is[i]), Password: !hasHost(was, is[i].Host)})
		default:
			compareServer(fields, place, was[i], is[i], i == 0 || !hasHost(was, is[i].Host))
		}
	}
}

func compareServer(fields *[]FieldChange, place string, was, is provider.MailServer, trusts bool) {
	add := func(field, was, is string, password bool) {
		if was != is {
			*fields = append(*fields, FieldChange{Field: place + "." + field, Was: was, Is: is, Password: password})
		}
	}
	add("host", was.Host.String(), is.Host.String(), trusts)
	add("port", strconv.Itoa(int(was.Port)), strconv.Itoa(int(is.Port)), false)
	add("security", was.Security.String(), is.Security.String(), false)
	add("username", was.Username.String(), is.Username.String(), false)
	add("auth", authWords(was.Auth), authWords(is.Auth), false)
	add("unusual", strconv.FormatBool(was.Unusual), strconv.FormatBool(is.Unusual), false)
}

func hasHost(list []provider.MailServer, host provider.Domain) bool {
	return slices.ContainsFunc(list, func(s provider.MailServer) bool { return s.Host == host })
}

func serverText(s provider.MailServer) string {
	return fmt.Sprintf("%s:%d %s, %s, %s", s.Host, s.Port, s.Security, s.Username, authWords(s.Auth))
}

// WriteChanges writes the differences for people, and marks each new host that would
// receive passwords.
func WriteChanges(w io.Writer, changes []Change) error {
	var b strings.Builder
	moved := 0
	for _, c := range changes {
		fmt.Fprintf(&b, "%s: %s%s\n", c.ID, c.Kind, after(c))
		for _, f := range c.Fields {
			sign, note := " ", ""
			if f.Password {
				sign, note = "!", "   OTHER HOST: passwords go there"
				moved++
			}
			fmt.Fprintf(&b, "%s   %s: %s -> %s%s\n", sign, f.Field, orNothing(f.Was), orNothing(f.Is), note)
		}
	}
	switch {
	case len(changes) == 0:
		b.WriteString("no differences\n")
	case moved > 0:
		fmt.Fprintf(&b, "%s marked with !: check each host on the service's own pages\n", count(moved, "line"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// after adds what to know about a removed service.
func after(c Change) string {
	if c.Now == "" {
		return ""
	}
	return "; its domain is at " + c.Now + " now: change the id in tables of your own"
}

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return s
}
