package judge

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"mailsetup/internal/clients"
	"mailsetup/internal/doctor/probe"
)

// A Result is a verdict in a word.
type Result string

// The results.
const (
	// Configured: it sets itself up.
	Configured Result = "configured"
	// Partly: it finds the servers, and the person must type the login.
	Partly Result = "partly"
	// Wrong: it uses settings that do not work.
	Wrong Result = "wrong"
	// Nothing: it finds no settings.
	Nothing Result = "nothing"
	// Undecided: it could not be checked.
	Undecided Result = "undecided"
	// Unable: it cannot be used with the mail service, whatever it finds.
	Unable Result = "unable"
	// NotAsking: it asks no server, or asks for nothing that mailsetup has.
	NotAsking Result = "not-asking"
)

// A Fate is the outcome for somebody who types an address into a client.
type Fate uint8

// The fates.
const (
	// SetUp: the client sets itself up.
	SetUp Fate = iota + 1
	// SetUpIfStated: it does for the addresses whose logins the table states.
	SetUpIfStated
	// LoginMissing: it finds the servers; the table does not state the login.
	LoginMissing
	// LoginNotTaken: it finds the servers; see Limit.
	LoginNotTaken
	// WrongSettings: it uses settings that are not the table's; see Differences.
	WrongSettings
	// FindsNothing: see Reasons.
	FindsNothing
	// NotFoundOut: see Reasons.
	NotFoundOut
	// AsksNobody: people fetch a profile.
	AsksNobody
	// SignsIn: the service accepts no password, so there is no document that this
	// client reads; people choose the client's own account type for the service.
	SignsIn
	// CannotSignIn: the service accepts only OAuth 2, and this client cannot sign in with
	// it there.
	CannotSignIn
	// ActiveSyncAnswered: it asks for ActiveSync, and stops at a success that it cannot
	// use.
	ActiveSyncAnswered
	// ActiveSyncAnnounced: it asks for ActiveSync, and the answer announces it.
	ActiveSyncAnnounced
	// ActiveSyncAtMicrosoft: it asks for ActiveSync, and is sent to Microsoft.
	ActiveSyncAtMicrosoft
	// ActiveSyncUnknown: it asks for ActiveSync; the outcome is unknown.
	ActiveSyncUnknown
	// ActiveSyncRefused: it asks for ActiveSync, is refused, and can go on to IMAP.
	ActiveSyncRefused
)

// Result returns the fate in a word.
func (f Fate) Result() Result {
	switch f {
	case SetUp, SetUpIfStated:
		return Configured
	case LoginMissing, LoginNotTaken:
		return Partly
	case WrongSettings, ActiveSyncAnswered, ActiveSyncAnnounced:
		return Wrong
	case FindsNothing:
		return Nothing
	case NotFoundOut, ActiveSyncAtMicrosoft, ActiveSyncUnknown:
		return Undecided
	case CannotSignIn:
		return Unable
	case AsksNobody, SignsIn, ActiveSyncRefused:
		return NotAsking
	}
	return ""
}

// A Verdict is the outcome for one client.
type Verdict struct {
	Client clients.Client
	Fate   Fate
	// Reasons are the faults that explain FindsNothing, NotFoundOut and
	// ActiveSyncUnknown. There may be several, because a client goes on to its
	// next URL.
	Reasons []Kind
	// Differences belong to WrongSettings, Limit is the client's own and belongs to
	// LoginNotTaken.
	Differences []string
	Limit       string
	// OverHTTP: the settings came without TLS. MailAtFault: they are good, but a mail
	// server is not.
	OverHTTP, MailAtFault bool
}

// verdicts makes a verdict from every search.
func (j *judge) verdicts() []Verdict {
	mailAtFault := slices.ContainsFunc(j.d.Faults, func(f Fault) bool { return f.Place == MailService && f.Severity == Problem })
	var all []Verdict
	for _, s := range j.Searches {
		v := j.verdict(s)
		v.Client = s.Client
		r := v.Fate.Result()
		v.MailAtFault = mailAtFault && (r == Configured || r == Partly)
		all = append(all, v)
	}
	return all
}

func (j *judge) verdict(s probe.Search) Verdict {
	concerned := func(f Fault) bool { return slices.Contains(f.Clients, s.Client.Name) }
	autoconfig, readsAutoconfig := s.Client.Reading(clients.Autoconfig)
	switch {
	case !j.Match.Provider().TakesPassword() && !readsAutoconfig:
		return Verdict{Fate: SignsIn}
	case s.Client.Requests == nil:
		return Verdict{Fate: AsksNobody}
	case j.hasFault(CutOff):
		return Verdict{Fate: NotFoundOut, Reasons: []Kind{{ID: CutOff, Severity: Unknown, Place: ZoneFile}}}
	case !readsSettings(s.Client):
		v := Verdict{Fate: activeSync(s)}
		if v.Fate == ActiveSyncUnknown {
			// Requests for ActiveSync have no faults of their own, so those of the same
			// hosts explain it.
			v.Reasons = j.reasons(func(f Fault) bool { return slices.Contains(j.askers(f.Host), s.Client.Name) }, Unknown, Problem)
		}
		return v
	case readsAutoconfig && !j.Match.Provider().TakesPassword() && !j.signsIn(autoconfig):
		return Verdict{Fate: CannotSignIn}
	case s.Err != nil && s.Undecided:
		return Verdict{Fate: NotFoundOut, Reasons: j.reasons(concerned, Unknown, Problem)}
	case s.Err != nil:
		return Verdict{Fate: FindsNothing, Reasons: j.reasons(concerned, Problem, Optional)}
	}
	reading, _ := s.Client.Reading(s.Found.Request.Format)
	v := Verdict{Fate: SetUp, OverHTTP: strings.HasPrefix(s.Found.Request.URL, "http://")}
	account := j.Match.Account(j.Address)
	if v.Differences = j.differs(reading, s.Found.Settings); len(v.Differences) > 0 {
		v.Fate = WrongSettings
		return v
	}
	switch {
	case account.Incoming.Login.Name.IsZero() && j.Match.HasStatedLogins() && j.namesMailbox(s.Found.Request):
		v.Fate = SetUpIfStated
	case account.Incoming.Login.Name.IsZero():
		v.Fate = LoginMissing
	case reading.Limit != "" && !j.exactly(reading, s.Found.Settings):
		v.Fate, v.Limit = LoginNotTaken, reading.Limit
	}
	return v
}

func (j *judge) hasFault(id ID) bool {
	return slices.ContainsFunc(j.d.Faults, func(f Fault) bool { return f.ID == id })
}

// reasons returns the kinds of faults that explain something, of the first severity that
// has any.
func (j *judge) reasons(explains func(Fault) bool, severities ...Severity) []Kind {
	for _, s := range severities {
		var all []Kind
		for _, f := range j.d.Faults {
			if f.Severity == s && explains(f) && !slices.Contains(all, f.Kind) {
				all = append(all, f.Kind)
			}
		}
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

// exactly reports whether a client with limits got the logins right anyway.
func (j *judge) exactly(reading clients.Reading, got clients.Settings) bool {
	reading.Limit = ""
	return len(j.differs(reading, got)) == 0
}

// namesMailbox reports whether a request contains the address. Only then can the answer
// contain a login that is stated for one address.
func (j *judge) namesMailbox(r clients.Request) bool {
	text, err := url.QueryUnescape(r.URL)
	return err == nil && strings.Contains(text, j.Address.String()) || strings.Contains(string(r.Body), j.Address.String())
}

// readsSettings reports whether a client can be set up by any document at all.
func readsSettings(c clients.Client) bool {
	return slices.ContainsFunc(c.Readings, func(r clients.Reading) bool {
		return r.Format == clients.Autoconfig || r.Format == clients.Autodiscover
	})
}

// activeSync returns the outcome for clients that ask for ActiveSync and must be refused,
// so that they go on to IMAP.
func activeSync(s probe.Search) Fate {
	switch {
	case errors.Is(s.Err, clients.ErrDeadEnd) && announcesActiveSync(s.Last):
		return ActiveSyncAnnounced
	case errors.Is(s.Err, clients.ErrDeadEnd):
		return ActiveSyncAnswered
	case s.Undecided:
		return ActiveSyncUnknown
	case s.Microsoft365:
		return ActiveSyncAtMicrosoft
	}
	return ActiveSyncRefused
}
