package report

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/probe"
)

func passAll(g *group) string {
	return "Make the proxy forward all requests for " + g.names() + " to mailsetup, with their paths and methods unchanged."
}

// thenPassAll returns a cure that ends with passAll.
func thenPassAll(step string) func(*group) []string {
	return func(g *group) []string { return []string{step + " " + passAll(g)} }
}

// leaveToUs returns the cure for anything that the domain's own web site answers: it is
// usually another machine, so it cannot be fixed at mailsetup.
func leaveToUs(g *group) []string {
	paths := []string{"/.well-known/autoconfig/mail/config-v1.1.xml", "/autodiscover/autodiscover.xml"}
	for _, f := range g.faults {
		if u, err := url.Parse(f.URL); err == nil {
			paths = appendNew(paths, u.EscapedPath())
		}
	}
	return []string{"Make the web site of " + g.names() + " answer 404 at the paths that mail clients ask for: " + list(paths) + "."}
}

func status(f judge.Fault) string { return fmt.Sprintf("status %d", f.Status) }

// answer returns a sentence about what names answer: short when used as a reason, with the URLs
// when used as a finding.
func answer(one, several string, found func(judge.Fault) string, cure func(*group) []string) entry {
	say := func(g *group) string { return g.names() + g.verb(one, several) }
	return entry{Answers,
		func(g *group) string { return say(g) + g.brief(found) },
		func(g *group) string { return say(g) + ": " + g.urls(found) + "." },
		cure, leaveToUs}
}

// redirect returns a sentence about where names redirect, and what follows from it.
func redirect(where func(*group) string, follows string, cure func(*group) []string) entry {
	say := func(g *group) string { return g.names() + g.verb(" redirects ", " redirect ") + where(g) }
	return entry{Answers, say, func(g *group) string { return say(g) + ". " + follows }, cure, leaveToUs}
}

var answerEntries = map[judge.ID]entry{
	judge.NoAnswer: answer(" gives no answer", " give no answer",
		failed, afterNoAnswer),
	judge.Slow: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" takes", " take") + " longer than " + g.AnswerLimit.String() + " to answer"
		},
		nil, always("Find out what delays the answer. mailsetup itself answers at once, and clients wait three to five seconds."), leaveToUs},
	judge.OutOfTime: {Answers,
		func(g *group) string { return "there was no time left to ask " + g.names() },
		nil, always("Try again. If that does not help, something in between is very slow."), nil},
	judge.RedirectCircle: {Answers,
		func(g *group) string { return g.names() + g.verb(" redirects", " redirect") + " in a loop" },
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " in a loop: " + list(g.each(func(f judge.Fault) string { return f.URL })) + "."
		},
		always("The usual cause is two proxies: the first accepts https and forwards to the second by http, and the second redirects that to https. Make the first forward by https, or remove the redirect from the second."), leaveToUs},
	judge.RedirectRelative: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " without naming a host"
		},
		func(g *group) string {
			return g.names() + g.verb(" redirects", " redirect") + " without naming a host. " + fewClients(g.clients) + plural(len(g.clients), " does", " do") + " not follow such a redirect."
		},
		always("Answer without a redirect, or send a full URL in the Location header."), leaveToUs},
	judge.RedirectElsewhere: redirect(func(g *group) string { return "to another domain, " + g.targets() },
		"Some clients ask people whether to trust that, others do not follow.",
		thenPassAll("Answer under the name that was asked.")),
	judge.RedirectPrivate: redirect(func(g *group) string {
		return "to an address that is not public: " + strings.Join(g.each(privateTarget), "; ")
	}, "Clients outside that network cannot follow, and this check did not.",
		always("Answer under the name that was asked, or redirect to a public name.")),
	judge.RedirectPost: redirect(func(g *group) string { return "Outlook's request to " + g.targets() },
		"This check did not follow: Autodiscover is served by https on port 443, at a path that ends in /autodiscover/autodiscover.xml.",
		always("Answer under the name that was asked, or redirect to such a URL.")),
	judge.AsksForPassword: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" asks", " ask") + " for a password" + g.brief(status)
		},
		func(g *group) string {
			text := g.names() + g.verb(" asks", " ask") + " for a password" + g.brief(status) + ". "
			if g.kind.Place == judge.WebSite && len(g.clients) > 0 {
				return text + "Clients that ask there prompt people for one, or send the password of the mailbox: " + fewClients(g.clients) + "."
			}
			return text + "Clients then prompt people for one, or send the password of the mailbox."
		},
		func(g *group) []string {
			return []string{"Remove the password protection from " + g.names() + ". The settings are public."}
		}, leaveToUs},
	judge.Blocked: {Answers,
		func(g *group) string {
			return "something in front of " + g.names() + " blocks mail clients" + g.brief(blocker)
		},
		func(g *group) string {
			return "Something in front of " + g.names() + " blocks mail clients: " + g.urls(blocker) + "."
		},
		func(g *group) []string {
			return []string{"A CDN, a firewall or a proxy answers instead of mailsetup. Make it forward all requests for " + g.names() + ", without a challenge, and without a limit that a whole office behind one address would reach."}
		}, leaveToUs},
	judge.NotServed: answer(" has no settings", " have no settings", status, func(g *group) []string {
		if !g.any(func(f judge.Fault) bool { return f.Status == http.StatusNotFound }) {
			// For an unknown domain, mailsetup answers only 404.
			return []string{"Something answers instead of mailsetup. " + passAll(g)}
		}
		return []string{
			"Make sure that the server's table contains the domain, for example with --domain " + g.Domain.String() + "=" + g.Match.Provider().ID + ".",
			passAll(g),
		}
	}),
	judge.ServerError: answer(" answers with an error", " answer with an error", status, func(g *group) []string {
		if g.any(func(f judge.Fault) bool { return f.Status >= 502 && f.Status <= 504 }) {
			return []string{"Usually the proxy does not reach mailsetup. Start mailsetup, and check the address to which the proxy forwards requests. The log of the proxy says more."}
		}
		return []string{"Check the logs of mailsetup and of the proxy."}
	}),
	judge.CatchAllPage: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" answers", " answer") + " with a web page instead of settings"
		},
		func(g *group) string {
			subject := g.names() + g.verb(" answers", " answer")
			switch {
			case g.kind.Severity == judge.Warning:
				return subject + " status 200 to a path that does not exist."
			case g.kind.Place == judge.WebSite:
				return subject + " with a web page instead of settings (status 200). " + stopThere(g)
			}
			return subject + " with a web page instead of settings (status 200). Some clients then stop searching."
		},
		thenPassAll("Answer unknown paths with 404."), leaveToUs},
	judge.ContentType: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" sends", " send") + " the settings " + list(g.each(func(f judge.Fault) string {
				if f.ContentType == "" {
					return "without a media type"
				}
				return "as " + f.ContentType
			})) + ", not as text/xml"
		},
		nil, always("Send the header Content-Type: text/xml. A proxy may have changed it. A web server for static files needs it in its configuration."), leaveToUs},
	judge.SettingsDiffer: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" serves", " serve") + " settings that differ from the table: " + differences(g)
		},
		nil, always("Give the server the table that you gave this command, and reload it (SIGHUP). If the server is right, give this command its table with --providers."), leaveToUs},
	judge.SettingsElsewhere: {Answers,
		func(g *group) string {
			return "the web site of " + g.names() + " serves other mail settings"
		},
		func(g *group) string {
			text := "The web site of " + g.names() + " serves other mail settings at " + list(g.each(func(f judge.Fault) string { return f.URL })) + ". "
			if len(g.clients) == 0 {
				return text + "Clients do not use them today, because they ask mailsetup first. They would if it did not answer."
			}
			return text + "These clients use them: " + fewClients(g.clients) + "."
		},
		always("Make the web site answer 404 there: switch the feature off in the web hoster's panel, or delete the file."), nil},
	judge.UnusableDocument: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" sends", " send") + " a document that clients cannot use" + g.brief(unusable)
		},
		func(g *group) string {
			text := g.names() + g.verb(" sends", " send") + " a document that clients cannot use: " + g.urls(unusable) + "."
			if g.kind.Place == judge.WebSite {
				text += " " + stopThere(g)
			}
			return text
		}, thenPassAll("Make sure that mailsetup itself answers there."), leaveToUs},
	judge.AnnouncesActiveSync: {Answers,
		func(g *group) string {
			return g.names() + g.verb(" announces", " announce") + " ActiveSync"
		},
		func(g *group) string {
			return g.names() + g.verb(" announces", " announce") + " ActiveSync. Clients that look for it stop there, and do not set up IMAP."
		},
		thenPassAll("If nobody in the domain uses ActiveSync, point autodiscover to mailsetup."), leaveToUs},
	judge.AnswersEverybody: {Answers,
		func(g *group) string { return g.names() + " gives settings to addresses of any domain" },
		nil, always("Answer 404 for domains that are not yours. Otherwise people of other domains get your servers."), nil},
}

// afterNoAnswer: the failure decides which log or record to check.
func afterNoAnswer(g *group) []string {
	switch {
	case g.failed(probe.BadCertificate):
		return []string{getCertificate(g)}
	case g.failed(probe.NoAddress):
		return []string{"Give that name an address in DNS. If the server sends clients there by mistake, correct its --public-url."}
	}
	return []string{"Check the logs of the server and of the proxy in front of it."}
}

// stopThere names the clients that a web site keeps from asking mailsetup.
func stopThere(g *group) string {
	return fewClients(g.clients) + plural(len(g.clients), " stops", " stop") + " there."
}

// privateTarget returns the target of a redirect, and why nobody outside can follow it.
func privateTarget(f judge.Fault) string {
	if f.Target == f.Failure.Address.String() {
		return failure(f.Failure)
	}
	return f.Target + " (" + failure(f.Failure) + ")"
}

// blocker returns the status of an answer, and the Server header of the machine that sent it.
func blocker(f judge.Fault) string {
	const most = 40
	if f.Server == "" || len(f.Server) > most {
		return status(f)
	}
	return status(f) + ` from a machine called "` + f.Server + `"`
}

// differences returns the differences of all documents, without repetition.
func differences(g *group) string {
	var all []string
	for _, f := range g.faults {
		all = appendNew(all, f.Differences...)
	}
	return strings.Join(all, "; ")
}

func unusable(f judge.Fault) string {
	switch f.Unusable {
	case judge.EmptyDocument:
		return "empty"
	case judge.NotXML:
		return "not XML, or truncated"
	case judge.OtherXML:
		return "XML of another kind"
	case judge.Unfit:
		return "no usable settings in it"
	case judge.Usable:
	}
	return ""
}
