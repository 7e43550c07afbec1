package report

import (
	"fmt"
	"io"
	"strings"

	"mailsetup/internal/doctor/judge"
)

// TextOptions say how a report is written for people.
type TextOptions struct {
	// Colour sets escape sequences, for terminals.
	Colour bool
	// Verbose adds what is good, and gives every client its own line.
	Verbose bool
}

// width is how long lines get, in characters. Records are never broken.
const width = 80

// A printer writes text in the colours that it may use.
type printer struct {
	w      io.Writer
	colour bool
}

// The colours, by their SGR codes (ECMA-48, section 8.3.117).
const (
	bold       = "1"
	red        = "31"
	green      = "32"
	yellow     = "33"
	uncoloured = ""
)

func (p printer) paint(colour, text string) string {
	if !p.colour || colour == uncoloured {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// Text writes the report for people: first what each client makes of the domain,
// then what is wrong and how to fix it.
func (r Report) Text(w io.Writer, o TextOptions) error {
	out := &strings.Builder{}
	p := printer{out, o.Colour}
	title := r.Domain
	if r.Provider != "" {
		title += ", whose mail is at " + r.Provider
	}
	fmt.Fprintln(out, p.paint(bold, title))
	if len(r.Verdicts) > 0 {
		fmt.Fprintln(out)
	}
	p.verdicts(r, o.Verbose)
	for _, s := range sections {
		if s.severity == judge.Pass && !o.Verbose {
			continue
		}
		p.section(r, s)
	}
	fmt.Fprintf(out, "\n%s\n", r.summary())
	_, err := io.WriteString(w, out.String())
	return err
}

// verdicts writes one line per outcome, or per client.
func (p printer) verdicts(r Report, each bool) {
	line := func(result judge.Result, who, text string) {
		first, rest := wrapIndented("  ", "    ", who+": "+text)
		if name, text, ok := strings.Cut(first, ": "); ok {
			first = p.paint(colour(result), name) + ": " + text
		}
		fmt.Fprintf(p.w, "%s\n%s", first, rest)
	}
	if each {
		for _, v := range r.Verdicts {
			line(v.Result, v.Client, v.Text)
		}
		return
	}
	for _, f := range r.verdictGroups() {
		line(f.first.Result, fewClients(f.clients), f.text())
	}
}

var sections = []struct {
	severity      judge.Severity
	title, colour string
}{
	{judge.Problem, "Problems", red},
	{judge.Unknown, "Unknown", yellow},
	{judge.Warning, "Warnings", yellow},
	{judge.Optional, "Optional", uncoloured},
	{judge.Pass, "Good", green},
}

func (p printer) section(r Report, s struct {
	severity      judge.Severity
	title, colour string
}) {
	if r.Count(s.severity) == 0 {
		return
	}
	fmt.Fprintf(p.w, "\n%s\n", p.paint(s.colour, s.title))
	for _, f := range r.Findings {
		if f.Severity != s.severity {
			continue
		}
		if f.Severity != judge.Pass {
			fmt.Fprintln(p.w)
		}
		first, rest := wrapIndented("  - ", "    ", f.What)
		fmt.Fprintf(p.w, "%s\n%s", first, rest)
		for _, step := range f.Cure {
			first, rest := wrapIndented("    ", "    ", step)
			fmt.Fprintf(p.w, "%s\n%s", first, rest)
		}
		for _, record := range f.Records {
			fmt.Fprintf(p.w, "      %s\n", record)
		}
	}
}

func (r Report) summary() string {
	switch problems, unknown := r.Count(judge.Problem), r.Count(judge.Unknown); {
	case problems == 1:
		return "1 problem."
	case problems > 1:
		return fmt.Sprintf("%d problems.", problems)
	case unknown > 0:
		return "No problems found, but not everything could be checked."
	}
	return "No problems."
}

func colour(r judge.Result) string {
	switch r {
	case judge.Configured:
		return green
	case judge.Partly, judge.Undecided:
		return yellow
	case judge.Wrong, judge.Nothing:
		return red
	case judge.Unable, judge.NotAsking:
		return uncoloured
	}
	return uncoloured
}

// wrapIndented breaks a text into lines. The first begins with mark; the others begin with
// further and end with a line break.
func wrapIndented(mark, further, text string) (first, rest string) {
	var lines []string
	line := mark
	for word := range strings.FieldsSeq(text) {
		if strings.TrimSpace(line) != strings.TrimSpace(mark) && len([]rune(line))+1+len([]rune(word)) > width {
			lines = append(lines, line)
			line, mark = further, further
		}
		if !strings.HasSuffix(line, " ") {
			line += " "
		}
		line += word
	}
	lines = append(lines, line)
	for _, l := range lines[1:] {
		rest += l + "\n"
	}
	return lines[0], rest
}
