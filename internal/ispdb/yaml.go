package ispdb

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"mailsetup/internal/provider"
)

// YAML returns the table as a text that [provider.Load] reads. Equal tables give equal
// texts. A table without services cannot be loaded.
func (t *Table) YAML() []byte {
	var w yamlWriter
	w.head(t)
	w.line(0, "providers:")
	for _, p := range t.Providers {
		w.provider(p)
	}
	w.leftOut(t)
	return []byte(w.String())
}

// A yamlWriter writes the little YAML that an imported table needs. Every text that comes
// from outside passes through scalar.
type yamlWriter struct{ strings.Builder }

func (w *yamlWriter) line(indent int, text string) {
	w.WriteString(strings.Repeat("  ", indent) + text + "\n")
}

// field writes a key with a text, unless that is empty.
func (w *yamlWriter) field(indent int, key, text string) {
	if text != "" {
		w.line(indent, key+": "+scalar(text))
	}
}

func (w *yamlWriter) head(t *Table) {
	w.line(0, "# Mail services from Thunderbird's database of mail settings (ISPDB),")
	w.line(0, "# https://github.com/thunderbird/autoconfig, whose licence is MPL-2.0")
	w.line(0, "# (https://www.mozilla.org/MPL/2.0/).")
	w.line(0, fmt.Sprintf("# %s read, %d taken; those left out are listed at the end.", count(t.Files, "file"), t.Report.Taken))
	w.line(0, "#")
	w.line(0, "# Made by mailsetup import ispdb. Do not edit it, because the next import writes it")
	w.line(0, "# again: lay a table of your own over it.")
	fields := []string{"source: " + Source}
	if t.Commit != "" {
		fields = append(fields, "commit: "+scalar(t.Commit))
	}
	fields = append(fields, "licence: MPL-2.0")
	for _, n := range []struct {
		key   string
		value int
	}{{"files", t.Files}, {"providers", len(t.Providers)}, {"domains", t.Domains()}} {
		fields = append(fields, n.key+": "+strconv.Itoa(n.value))
	}
	w.line(0, "imported: "+flow(fields))
	w.line(0, "")
}

func (w *yamlWriter) provider(p *provider.Provider) {
	w.line(1, p.ID+":")
	w.field(2, "name", p.Name)
	if p.ShortName != p.Name {
		w.field(2, "short_name", p.ShortName)
	}
	if len(p.Domains) == 0 {
		w.field(2, "id", p.Identifier.String())
	}
	w.domains(2, "domains", p.Domains)
	w.domains(2, "mx", p.MX)
	w.servers("imap", p.IMAP)
	w.servers("smtp", p.SMTP)
	if len(p.LoginDomains) > 0 {
		w.line(2, "login:")
		w.domains(3, "domains", p.LoginDomains)
	}
	if o := p.OAuth2; !o.IsZero() {
		w.line(2, "oauth2:")
		w.field(3, "issuer", o.Issuer.String())
		w.field(3, "scope", o.Scope)
		w.field(3, "authorization", o.Authorization.String())
		w.field(3, "token", o.Token.String())
	}
	w.line(2, "password: "+flow([]string{"kind: " + p.Password.Kind.String()}))
	w.help(p.Help)
	w.origin(p.Origin)
	w.field(2, "verified", p.Verified.String())
}

// domains writes one name a line, so that a change of one is a change of one line.
func (w *yamlWriter) domains(indent int, key string, list []provider.Domain) {
	if len(list) == 1 {
		w.line(indent, key+": ["+scalar(list[0].String())+"]")
		return
	}
	if len(list) > 0 {
		w.line(indent, key+":")
	}
	for _, d := range list {
		w.line(indent+1, "- "+scalar(d.String()))
	}
}

func (w *yamlWriter) servers(key string, list []provider.MailServer) {
	w.line(2, key+":")
	for _, s := range list {
		fields := []string{
			"host: " + scalar(s.Host.String()),
			"port: " + strconv.Itoa(int(s.Port)),
			"security: " + s.Security.String(),
			"username: " + s.Username.String(),
			"auth: " + authWords(s.Auth),
		}
		if s.Unusual {
			fields = append(fields, "unusual: true")
		}
		w.line(3, "- "+flow(fields))
	}
}

func authWords(list provider.Auths) string {
	var words []string
	for _, a := range list.All() {
		words = append(words, a.String())
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func (w *yamlWriter) help(h provider.Help) {
	if len(h.Pages) == 0 && h.Webmail.IsZero() {
		return
	}
	w.line(2, "help:")
	if len(h.Pages) > 0 {
		w.line(3, "pages:")
	}
	for _, page := range h.Pages {
		w.line(4, "- title: "+scalar(page.Title))
		w.line(4, "  url: "+scalar(page.URL))
	}
	w.field(3, "webmail", h.Webmail.String())
}

func (w *yamlWriter) origin(o provider.Origin) {
	var fields []string
	for _, f := range [][2]string{{"source", o.Source}, {"file", o.File}, {"commit", o.Commit}, {"changed", o.Changed.String()}} {
		if f[1] != "" {
			fields = append(fields, f[0]+": "+scalar(f[1]))
		}
	}
	if len(fields) > 0 {
		w.line(2, "origin: "+flow(fields))
	}
}

// leftOut lists the files that were not taken in comments, so that it shows in a
// comparison of two imports when a later version can be.
func (w *yamlWriter) leftOut(t *Table) {
	if len(t.Report.LeftOut) > 0 {
		w.line(0, "")
		w.line(0, "# Not imported:")
	}
	for _, l := range t.Report.LeftOut {
		w.line(0, fmt.Sprintf("# %s (%s): %s", quoteFile(l.File), count(l.Domains, "domain"), l.Why))
	}
}

func flow(fields []string) string { return "{" + strings.Join(fields, ", ") + "}" }

// plainWord is a text that means itself in YAML, in a mapping in braces, too. It begins
// with a letter, so that it is no number and no date.
var plainWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.-]*$`)

// scalar writes a text as YAML: as it stands if it cannot mean anything else, in double
// quotes (https://yaml.org/spec/1.2.2/#731-double-quoted-style) if it could.
func scalar(s string) string {
	if plainWord.MatchString(s) {
		switch strings.ToLower(s) {
		case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		default:
			return s
		}
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"', r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case !strconv.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
