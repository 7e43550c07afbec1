package report

import (
	"fmt"
	"slices"
	"strings"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/provider"
)

// A group is faults of one kind, which become one finding.
type group struct {
	Config
	kind    judge.Kind
	faults  []judge.Fault
	hosts   []string
	records []string
	clients []string
}

func (g *group) add(f judge.Fault) {
	g.faults = append(g.faults, f)
	host := f.Host
	if f.Port != 0 {
		host = fmt.Sprintf("%s (port %d)", f.Host, f.Port)
	}
	g.hosts = appendNew(g.hosts, host)
	g.records = appendNew(g.records, f.Records...)
	g.clients = appendNew(g.clients, f.Clients...)
}

// finding looks up the words for a group. because is the reason why a client finds
// nothing.
func (g *group) finding() (f Finding, because string) {
	e := entries[g.kind.ID]
	f = Finding{ID: g.id(), Severity: g.kind.Severity, Place: g.kind.Place, Topic: e.topic, Records: g.records, Clients: g.clients}
	because = e.because(g)
	f.What = capital(because) + "."
	if e.what != nil {
		f.What = e.what(g)
	}
	switch {
	case g.ownDomain() && g.kind.Place != judge.MailService && g.kind.Severity == judge.Optional:
		f.Records = nil
		f.Cure = []string{"Only " + g.service() + " can change that. People with its addresses use the server's page, or files that you roll out to their computers."}
	case g.kind.Place == judge.WebSite && e.atWebSite != nil:
		f.Cure = e.atWebSite(g)
	case e.cure != nil:
		f.Cure = e.cure(g)
	}
	return f, because
}

// id returns the stable name of the finding. That of a mail server begins with its
// protocol.
func (g *group) id() judge.ID {
	if g.kind.Protocol == 0 {
		return g.kind.ID
	}
	return judge.ID(g.kind.Protocol.String() + "-" + strings.TrimPrefix(string(g.kind.ID), "mail-"))
}

func (g *group) names() string   { return list(g.hosts) }
func (g *group) service() string { return g.Match.Provider().Name }
func (g *group) ownDomain() bool {
	return g.Match.Provider() != nil && g.Match.Class() == provider.ClassOwn
}

// verb picks the form that goes with the names.
func (g *group) verb(one, several string) string { return plural(len(g.hosts), one, several) }

func plural(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}

// each collects what say returns for every fault, without repetition.
func (g *group) each(say func(judge.Fault) string) []string {
	var all []string
	for _, f := range g.faults {
		all = appendNew(all, say(f))
	}
	return all
}

// targets returns the names that the faults point to.
func (g *group) targets() string {
	return list(g.each(func(f judge.Fault) string { return f.Target }))
}

// urls lists the first few URLs for each of the first few things found. Each thing follows
// its URLs in brackets, so it is said once however many URLs it is about.
func (g *group) urls(found func(judge.Fault) string) string {
	const few = 2
	var parts []string
	for _, what := range g.found(found) {
		urls := g.each(func(f judge.Fault) string {
			if found(f) != what {
				return ""
			}
			return f.URL
		})
		part := list(urls)
		if len(urls) > few {
			part = strings.Join(urls[:few], ", ") + " and others"
		}
		if what != "" {
			part += " (" + what + ")"
		}
		parts = append(parts, part)
	}
	if len(parts) > few {
		return strings.Join(parts[:few], "; ") + "; and others"
	}
	return strings.Join(parts, "; ")
}

// found returns the different things that were found, including "".
func (g *group) found(found func(judge.Fault) string) []string {
	var all []string
	for _, f := range g.faults {
		if what := found(f); !slices.Contains(all, what) {
			all = append(all, what)
		}
	}
	return all
}

// brief returns the different things that were found, in brackets; "" if there are none.
func (g *group) brief(found func(judge.Fault) string) string {
	all := g.each(found)
	if len(all) == 0 {
		return ""
	}
	return " (" + list(all) + ")"
}

// any reports whether a condition holds for one of the faults.
func (g *group) any(is func(judge.Fault) bool) bool { return slices.ContainsFunc(g.faults, is) }

// failed reports whether one of the faults is a failure of one of these kinds.
func (g *group) failed(kinds ...probe.FailureKind) bool {
	return g.any(func(f judge.Fault) bool { return slices.Contains(kinds, f.Failure.Kind) })
}

// flawed reports whether one of the certificates has one of these flaws.
func (g *group) flawed(kinds ...probe.FlawKind) bool {
	return g.any(func(f judge.Fault) bool { return slices.Contains(kinds, f.Flaw.Kind) })
}

// why returns the failures, in brackets; "" if there are none.
func (g *group) why() string { return g.brief(failed) }

func failed(f judge.Fault) string { return failure(f.Failure) }

// publish returns the step that goes with records.
func (g *group) publish(step string) []string {
	switch {
	case len(g.records) == 0:
		return nil
	case slices.ContainsFunc(g.records, func(r string) bool { return strings.Contains(r, judge.Placeholder) }):
		step = "Replace " + judge.Placeholder + " with the name of your server, or give --public-url to have it filled in. " + step
	}
	return []string{step}
}

func appendNew(all []string, more ...string) []string {
	for _, s := range more {
		if s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// list joins words as a sentence does.
func list(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// fewClients returns the first of many clients, and the number of the others.
func fewClients(clients []string) string {
	const few = 2
	if len(clients) > few+1 {
		return fmt.Sprintf("%s and %d others", strings.Join(clients[:few], ", "), len(clients)-few)
	}
	return list(clients)
}

// someOf returns the first few names. Host names come first: they matter most.
func someOf(names []string) string {
	const few = 4
	names = slices.Clone(names)
	slices.SortStableFunc(names, func(a, b string) int { return strings.Count(a, "_") - strings.Count(b, "_") })
	if len(names) > few {
		return fmt.Sprintf("%s and %d more names", strings.Join(names[:few], ", "), len(names)-few)
	}
	return list(names)
}

func capital(s string) string {
	if s == "" || strings.ContainsRune(strings.SplitN(s, " ", 2)[0], '.') {
		return s // a domain name keeps its case
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
