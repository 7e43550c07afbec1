package report

import (
	"slices"
	"strings"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/terminal"
)

// A number is how many clients a sentence is about.
type number uint8

const (
	one number = iota
	several
)

// of picks the form of a word.
func (n number) of(singular, plural string) string {
	if n == one {
		return singular
	}
	return plural
}

func newVerdict(v judge.Verdict, order []judge.Kind, because map[judge.Kind]string) Verdict {
	var reasons []string
	for _, kind := range order {
		if slices.Contains(v.Reasons, kind) && because[kind] != "" {
			reasons = append(reasons, because[kind])
		}
	}
	return Verdict{Client: v.Client.Name, Result: v.Fate.Result(), Text: sentence(v, one, reasons), verdict: v, reasons: reasons}
}

// sameReason stands for reasons, and sameSettings for differences, that were just told.
const (
	sameReason   = "for the same reason"
	sameSettings = "the same as above"
)

// sentence is a verdict without the names of the clients.
func sentence(v judge.Verdict, n number, reasons []string) string {
	text := fate(v, n)
	if v.OverHTTP {
		text += ", over plain http, which anybody on the way can change"
	}
	switch v.Fate {
	case judge.WrongSettings:
		text += ": " + strings.Join(v.Differences, "; ")
	case judge.LoginMissing:
		text += "; people must enter their login, because the table does not state it"
	case judge.LoginNotTaken:
		text += "; people must enter their login, because " + n.of("it ", "each of them ") + v.Limit
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
	if n == several {
		evidence = strings.Replace(evidence, " its ", " their ", 1)
	}
	return evidence + text + "."
}

func fate(v judge.Verdict, n number) string {
	switch v.Fate {
	case judge.SetUp:
		return n.of("sets itself up", "set themselves up")
	case judge.SetUpIfStated:
		return n.of("sets itself up", "set themselves up") + " for the addresses whose logins the table states"
	case judge.LoginMissing, judge.LoginNotTaken:
		return n.of("finds the servers", "find the servers")
	case judge.WrongSettings:
		return n.of("takes wrong settings", "take wrong settings")
	case judge.FindsNothing:
		return n.of("finds nothing", "find nothing")
	case judge.NotFoundOut, judge.ActiveSyncUnknown:
		return "unknown"
	case judge.AsksNobody:
		return n.of("asks no server", "ask no server") + "; people fetch a profile from the server's page"
	case judge.ActiveSyncAnswered:
		return n.of("gets an answer that it cannot use (status 200), and stops there", "get an answer that they cannot use (status 200), and stop there")
	case judge.ActiveSyncAnnounced:
		return n.of("is told that there is ActiveSync, and stops there", "are told that there is ActiveSync, and stop there")
	case judge.ActiveSyncAtMicrosoft:
		return n.of("is led to Microsoft 365, which was not asked", "are led to Microsoft 365, which was not asked")
	case judge.ActiveSyncRefused:
		return n.of("looks for ActiveSync, finds none, and can go on to IMAP", "look for ActiveSync, find none, and can go on to IMAP")
	}
	return ""
}

// A fellowship is the clients that share one verdict.
type fellowship struct {
	clients []string
	first   Verdict
	told    bool // its reasons or differences stand in a line above
}

func (f fellowship) text() string {
	v, reasons, n := f.first.verdict, f.first.reasons, one
	switch {
	case f.told && v.Fate == judge.WrongSettings:
		v.Differences = []string{sameSettings}
	case f.told:
		reasons = []string{sameReason}
	}
	if len(f.clients) > 1 {
		n = several
	}
	return terminal.Line(sentence(v, n, reasons))
}

// fellowships puts verdicts that say the same together, in the order of their first
// client.
func (r Report) fellowships() []fellowship {
	var all []fellowship
	for _, v := range r.Verdicts {
		i := slices.IndexFunc(all, func(f fellowship) bool { return f.first.Result == v.Result && f.first.Text == v.Text })
		if i < 0 {
			told := len(v.reasons)+len(v.verdict.Differences) > 0 && slices.ContainsFunc(all, func(f fellowship) bool {
				return slices.Equal(f.first.reasons, v.reasons) && slices.Equal(f.first.verdict.Differences, v.verdict.Differences)
			})
			all = append(all, fellowship{first: v, told: told})
			i = len(all) - 1
		}
		all[i].clients = append(all[i].clients, v.Client)
	}
	return all
}
