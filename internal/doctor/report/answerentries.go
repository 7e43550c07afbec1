package report

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mailsetup/internal/doctor/judge"
)

const passAll = "Let the proxy pass all requests for these names on to mailsetup, with their paths and methods unchanged."

// leaveToUs is the cure for whatever the domain's own web site answers: it is
// somebody else's machine, and nothing about mailsetup repairs it.
func leaveToUs(g *group) []string {
	return []string{"Let the web site of " + g.names() + " answer 404 at the paths that mail clients ask: /.well-known/autoconfig/mail/config-v1.1.xml and /autodiscover/autodiscover.xml."}
}

func status(f judge.Fault) string { return "status " + strconv.Itoa(f.Status) }

var answerEntries = map[judge.ID]entry{
	judge.NoAnswer: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" gives", " give") + " no answer: " + g.urls(func(f judge.Fault) string { return failure(f.Failure) })
		},
		nil, always("Look at the log of the server, and of the proxy in front of it."), leaveToUs},
	judge.Slow: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" takes", " take") + " longer than " + g.AnswerLimit.String() + " to answer"
		},
		nil, always("Find out what holds it up. mailsetup itself answers at once, and clients wait three to five seconds."), leaveToUs},
	judge.OutOfTime: {Answers,
		func(g *group) string { return "the time was up before " + g.names() + " could be asked" },
		nil, always("Try again."), nil},
	judge.RedirectCircle: {Answers,
		func(g *group) string { return g.names() + g.verb(" redirects", " redirect") + " in a circle" },
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " in a circle: " + g.urls(nil) + "."
		},
		always("Most often a proxy redirects http to https, while the machine in front of it ends https and asks the proxy by http. Let the machine in front ask by https, or take the redirect out of the proxy."), leaveToUs},
	judge.RedirectRelative: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " without naming a host"
		},
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " without naming a host (" + g.urls(nil) + "). " + list(g.clients) + plural(len(g.clients), " does", " do") + " not follow."
		},
		always("Answer without a redirect, or write the Location header as a whole URL."), leaveToUs},
	judge.RedirectElsewhere: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " to another domain, " + g.targets()
		},
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " to another domain, " + g.targets() + ". Clients ask people whether to trust that, or do not follow."
		},
		always("Answer under the name that was asked. " + passAll), leaveToUs},
	judge.RedirectPrivate: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " to a place that is not public: " + g.targets() + g.why()
		},
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " to a place that is not public: " + g.targets() + g.why() + ". Clients elsewhere cannot go there. This check did not either."
		},
		always("Answer under the name that was asked, or redirect to a public name."), leaveToUs},
	judge.RedirectPost: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " Outlook's request to " + g.targets()
		},
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " Outlook's request to " + g.targets() + ". Autodiscover works over https, on port 443, at a path that ends in /autodiscover/autodiscover.xml. The redirect was not followed."
		},
		always("Answer under the name that was asked, or redirect to such a URL."), leaveToUs},
	judge.AsksForPassword: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" wants", " want") + " a password (status 401 or 407)"
		},
		func(g *group) string {
			return g.names() + g.verb(" wants", " want") + " a password (status 401 or 407). Clients then ask people for it, or send the one they know."
		},
		func(g *group) []string {
			return []string{"Remove the password protection from " + g.urls(nil) + ". The settings are public."}
		}, leaveToUs},
	judge.Blocked: {Answers,
		func(g *group) string {
			return "something in front of " + g.names() + " blocks mail clients: " + g.urls(func(f judge.Fault) string {
				const most = 40
				if f.Server == "" || len(f.Server) > most {
					return status(f)
				}
				return status(f) + `, from a machine called "` + f.Server + `"`
			})
		},
		nil, always("A CDN, a firewall or a proxy answers in place of mailsetup. Let it pass all requests for these names, without a challenge and without a limit that one office reaches."), leaveToUs},
	judge.NotServed: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" has", " have") + " no settings: " + g.urls(status)
		},
		nil, func(g *group) []string {
			if !slices.ContainsFunc(g.faults, func(f judge.Fault) bool { return f.Status == http.StatusNotFound }) {
				// mailsetup refuses a domain that it does not know with 404 alone.
				return []string{"Something answers in place of mailsetup. " + passAll}
			}
			return []string{"Make sure that the server's table has the domain (mailsetup check), for instance by --domain " + g.Domain.String() + "=" + g.Match.Provider().ID + ". " + passAll}
		}, leaveToUs},
	judge.ServerError: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" answers", " answer") + " with an error: " + g.urls(status)
		},
		nil, always("Look at the log of mailsetup and of the proxy. Status 502, 503 or 504 usually means that the proxy does not reach mailsetup."), leaveToUs},
	judge.CatchAllPage: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" answers", " answer") + " with a web page where settings belong"
		},
		func(g *group) string {
			if g.kind.Severity == judge.Warning {
				return g.names() + g.verb(" answers", " answer") + " status 200 to a path that does not exist."
			}
			return g.names() + g.verb(" answers", " answer") + " with a web page where settings belong, at status 200. Clients take it for the answer and look no further."
		},
		always("Answer unknown paths with 404. " + passAll), leaveToUs},
	judge.ContentType: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" sends", " send") + " the settings as " + strings.Join(g.each(func(f judge.Fault) string { return f.ContentType }), "; ") + ", not as text/xml"
		},
		nil, always("Send Content-Type: text/xml. A proxy or web server in between may have replaced it; static files need it configured."), leaveToUs},
	judge.SettingsDiffer: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" serves", " serve") + " settings that are not those of the table: " + differences(g)
		},
		nil, always("Give the server the table that you gave this command, and reload it (SIGHUP). If the server is right, give this command its table with --providers."), leaveToUs},
	judge.SettingsElsewhere: {Answers,
		func(g *group) string {
			return "the web site of " + g.names() + " serves settings for other mail servers at " + g.urls(nil)
		},
		func(g *group) string {
			text := "The web site of " + g.names() + " serves settings for other mail servers at " + g.urls(nil) + ". "
			if len(g.clients) == 0 {
				return text + "Clients do not take them today, because they ask mailsetup first. They would if it did not answer."
			}
			return text + "These clients take them: " + list(g.clients) + "."
		},
		always("Let the web site answer 404 there. If it is a feature of the web hoster's panel, switch it off; if it is a file, delete it."), nil},
	judge.UnusableDocument: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" sends", " send") + " a document that clients cannot use: " + g.urls(unusable)
		},
		nil, always("Make sure that mailsetup itself answers there. " + passAll), leaveToUs},
	judge.AnnouncesActiveSync: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" announces", " announce") + " ActiveSync"
		},
		func(g *group) string {
			return g.names() + g.verb(" announces", " announce") + " ActiveSync. Phones then set up ActiveSync, or nothing, and never IMAP."
		},
		always("If another mail server answers there, let autodiscover lead to mailsetup instead. " + passAll), leaveToUs},
	judge.AnswersEverybody: {Answers,
		func(g *group) string { return g.names() + " gives settings to addresses of any domain" },
		nil, always("Answer 404 for domains that are not yours, or their people get your servers."), nil},
}

func differences(g *group) string {
	return strings.Join(g.each(func(f judge.Fault) string { return strings.Join(f.Differences, "; ") }), "; ")
}

func unusable(f judge.Fault) string {
	switch f.Unusable {
	case judge.EmptyDocument:
		return "it is empty"
	case judge.NotXML:
		return "it is not XML, or is broken off"
	case judge.OtherXML:
		return "it is XML of another kind"
	case judge.Unfit:
		return f.Reason
	case judge.Usable:
	}
	return ""
}
