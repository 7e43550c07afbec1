package report

import (
	"cmp"
	"slices"
	"time"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/provider"
	"mailsetup/internal/terminal"
)

// A Topic is the part of a set-up that a finding is about.
type Topic string

// The topics, in the order in which a client meets them.
const (
	DNS         Topic = "dns"
	Connection  Topic = "connection"
	Certificate Topic = "certificate"
	Answers     Topic = "answers"
	MailServers Topic = "mail-servers"
	Table       Topic = "table"
)

func (t Topic) order() int {
	return slices.Index([]Topic{DNS, Connection, Certificate, Answers, MailServers, Table}, t)
}

// Good is the id of what was checked and is good.
const Good judge.ID = "good"

// A Finding is one result of the check.
type Finding struct {
	// ID is the kind of fault; with the protocol before it where that is needed.
	ID       judge.ID
	Severity judge.Severity
	// Place is where to fix it; 0 for what is good.
	Place judge.Place
	Topic Topic
	// What was found, in one or two sentences.
	What string
	// Cure is the list of steps that fix it. Records has the DNS records.
	Cure []string
	// Records are to be published, written as lines of a zone file.
	Records []string
	// Clients are those that the finding concerns; empty if it is all or none.
	Clients []string
}

// A Verdict is what one client makes of the domain.
type Verdict struct {
	Client string
	// Result is the verdict in a word, for programs.
	Result judge.Result
	// Text is the verdict in a sentence without the client's name.
	Text string

	verdict judge.Verdict
	reasons []string
}

// A Report is everything that was found.
type Report struct {
	Domain string
	// Provider is the mail service's name; "" if it is not known.
	Provider string
	Verdicts []Verdict
	// Findings are sorted by severity, then by topic.
	Findings []Finding
}

// Count returns how many findings have a severity.
func (r Report) Count(s judge.Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Exit returns the exit status that tells a script what was found.
func (r Report) Exit() int {
	switch {
	case r.Count(judge.Problem) > 0:
		return 1
	case r.Count(judge.Unknown) > 0:
		return 3
	}
	return 0
}

// Config is what New needs besides the diagnosis.
type Config struct {
	Domain provider.Domain
	// Match is what the table says about the domain; zero if the domain is unknown.
	Match provider.Match
	// AnswerLimit is how long a server was given for an answer.
	AnswerLimit time.Duration
}

// New puts a diagnosis into words.
func New(d judge.Diagnosis, cfg Config) Report {
	r := Report{Domain: cfg.Domain.String()}
	if cfg.Match.Provider() != nil {
		r.Provider = cfg.Match.Provider().Name
	}
	because := map[judge.Kind]string{}
	var order []judge.Kind
	for _, g := range groups(d.Faults, cfg) {
		f, why := g.finding()
		r.Findings = append(r.Findings, f)
		because[g.kind] = why
		order = append(order, g.kind)
	}
	for _, p := range d.Passed {
		topic, what := passed(p, cfg)
		r.Findings = append(r.Findings, Finding{ID: Good, Severity: judge.Pass, Topic: topic, What: what})
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Topic.order(), b.Topic.order()))
	})
	slices.SortStableFunc(order, func(a, b judge.Kind) int {
		return cmp.Compare(entries[a.ID].topic.order(), entries[b.ID].topic.order())
	})
	for _, v := range d.Verdicts {
		r.Verdicts = append(r.Verdicts, newVerdict(v, order, because))
	}
	r.makeSafe()
	return r
}

// groups puts faults of one kind together. A warning is left out if the same thing is
// already a problem.
func groups(faults []judge.Fault, cfg Config) []*group {
	var all []*group
	byKind := map[judge.Kind]*group{}
	for _, f := range faults {
		g := byKind[f.Kind]
		if g == nil {
			g = &group{kind: f.Kind, Config: cfg}
			byKind[f.Kind] = g
			all = append(all, g)
		}
		g.add(f)
	}
	return slices.DeleteFunc(all, func(g *group) bool {
		worse := g.kind
		worse.Severity = judge.Problem
		return g.kind.Severity == judge.Warning && byKind[worse] != nil
	})
}

// makeSafe cleans all text from outside before it reaches people and programs. It is the
// only place that does.
func (r *Report) makeSafe() {
	r.Provider = terminal.Line(r.Provider)
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		v.Text = terminal.Line(v.Text)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.What = terminal.Line(f.What)
		f.Cure, f.Records = safeLines(f.Cure), safeLines(f.Records)
	}
}

// safeLines returns a copy, because reports may share the lines.
func safeLines(lines []string) []string {
	var safe []string
	for _, line := range lines {
		safe = append(safe, terminal.Line(line))
	}
	return safe
}
