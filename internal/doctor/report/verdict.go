package report

import (
	"slices"
	"strings"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/terminal"
)

func newVerdict(v judge.Verdict, order []judge.Kind, because map[judge.Kind]string) Verdict {
	var reasons []string
	for _, kind := range order {
		if slices.Contains(v.Reasons, kind) && because[kind] != "" {
			reasons = append(reasons, because[kind])
		}
	}
	return Verdict{Client: v.Client.Name, Result: v.Fate.Result(), Text: sentence(v, 1, reasons), verdict: v, reasons: reasons}
}

// sameReason replaces reasons, and sameSettings differences, that were just given.
const (
	sameReason   = "for the same reason"
	sameSettings = "the same as above"
)

// sentence returns a verdict without the names of its n clients.
func sentence(v judge.Verdict, n int, reasons []string) string {
	text := fate(v, n)
	if v.OverHTTP {
		text += ", over plain http, which anybody in between can change"
	}
	switch v.Fate {
	case judge.WrongSettings:
		text += ": " + strings.Join(v.Differences, "; ")
	case judge.LoginMissing:
		text += "; people must enter their login, because the table does not state it"
	case judge.LoginNotTaken:
		text += "; people must enter their login, because " + plural(n, "it ", "each of them ") + v.Limit
	}
	switch {
	case len(reasons) == 1 && reasons[0] == sameReason:
		text += ", " + sameReason
	case len(reasons) > 0:
		text += ", because " + strings.Join(reasons, ", and because ")
	}
	if v.MailAtFault {
		text += "; but a mail server has a fault"
	}
	if v.Fate.Result() == judge.Undecided {
		return text + "."
	}
	evidence := v.Client.Evidence
	if n > 1 {
		evidence = strings.Replace(evidence, " its ", " their ", 1)
	}
	return evidence + text + "."
}

func fate(v judge.Verdict, n int) string {
	switch v.Fate {
	case judge.SetUp:
		return plural(n, "sets itself up", "set themselves up")
	case judge.SetUpIfStated:
		return plural(n, "sets itself up", "set themselves up") + " for the addresses whose logins the table states"
	case judge.LoginMissing, judge.LoginNotTaken:
		return plural(n, "finds the servers", "find the servers")
	case judge.WrongSettings:
		return plural(n, "uses wrong settings", "use wrong settings")
	case judge.FindsNothing:
		return plural(n, "finds nothing", "find nothing")
	case judge.NotFoundOut, judge.ActiveSyncUnknown:
		return "unknown"
	case judge.AsksNobody:
		return plural(n, "asks no server", "ask no server") + "; people fetch a profile from the server's page"
	case judge.CannotSignIn:
		return "cannot be used with this mail service, which accepts no passwords from mail clients; " + plural(n, "it does not sign in", "they do not sign in") + " with the browser there"
	case judge.SignsIn:
		return plural(n, "is not set up from here", "are not set up from here") + "; people choose the mail service's own kind of account in it and sign in"
	case judge.ActiveSyncAnswered:
		return plural(n, "gets an answer that it cannot use (status 200), and stops there", "get an answer that they cannot use (status 200), and stop there")
	case judge.ActiveSyncAnnounced:
		return plural(n, "finds ActiveSync announced, and stops there", "find ActiveSync announced, and stop there")
	case judge.ActiveSyncAtMicrosoft:
		return plural(n, "is sent to Microsoft 365, which was not asked", "are sent to Microsoft 365, which was not asked")
	case judge.ActiveSyncRefused:
		return plural(n, "asks for ActiveSync, is refused, and can go on to IMAP", "ask for ActiveSync, are refused, and can go on to IMAP")
	}
	return ""
}

// A verdictGroup has the clients that share one verdict.
type verdictGroup struct {
	clients []string
	first   Verdict
	given   bool // a line above has already given its reasons or differences
}

func (f verdictGroup) text() string {
	v, reasons := f.first.verdict, f.first.reasons
	switch {
	case f.given && v.Fate == judge.WrongSettings:
		v.Differences = []string{sameSettings}
	case f.given:
		reasons = []string{sameReason}
	}
	return terminal.Line(sentence(v, len(f.clients), reasons))
}

// verdictGroups groups verdicts with the same text, in the order of their first client.
func (r Report) verdictGroups() []verdictGroup {
	var all []verdictGroup
	for _, v := range r.Verdicts {
		i := slices.IndexFunc(all, func(f verdictGroup) bool { return f.first.Result == v.Result && f.first.Text == v.Text })
		if i < 0 {
			given := len(v.reasons)+len(v.verdict.Differences) > 0 && slices.ContainsFunc(all, func(f verdictGroup) bool {
				return slices.Equal(f.first.reasons, v.reasons) && slices.Equal(f.first.verdict.Differences, v.verdict.Differences)
			})
			all = append(all, verdictGroup{first: v, given: given})
			i = len(all) - 1
		}
		all[i].clients = append(all[i].clients, v.Client)
	}
	return all
}
