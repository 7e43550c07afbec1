package doctor

import (
	"fmt"
	"io"
	"strings"
)

// Exit is the exit status that tells a script what was found.
func (r Report) Exit() int {
	switch {
	case r.Count(Problem) > 0:
		return 1
	case r.Count(Unknown) > 0:
		return 3
	}
	return 0
}

// TextOptions say how a report is written for people.
type TextOptions struct {
	// Colour sets escape sequences, for terminals.
	Colour bool
	// Verbose adds what is good.
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
// then what is wrong and how to mend it.
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
	said := map[string]bool{"": true}
	for _, v := range r.Verdicts {
		text := v.Text
		if !said[v.reason] {
			said[v.reason] = true
		} else if v.reason != "" {
			text = strings.Replace(text, becauseOf+v.reason, ", for the same reason", 1)
			text = strings.Replace(text, ": "+v.reason, ", the same", 1)
		}
		first, rest := wrapIndented("  ", "    ", v.Client+": "+text)
		name, text, _ := strings.Cut(first, ": ")
		fmt.Fprintf(out, "%s: %s\n%s", p.paint(v.Result.colour(), name), text, rest)
	}
	for _, s := range sections {
		if s.severity == Pass && !o.Verbose {
			continue
		}
		p.section(r, s)
	}
	fmt.Fprintf(out, "\n%s\n", r.summary())
	_, err := io.WriteString(w, out.String())
	return err
}

var sections = []struct {
	severity      Severity
	title, colour string
}{
	{Problem, "Problems", red},
	{Unknown, "Not found out", yellow},
	{Warning, "Warnings", yellow},
	{Optional, "Optional", uncoloured},
	{Pass, "Good", green},
}

func (p printer) section(r Report, s struct {
	severity      Severity
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
		if f.Severity != Pass {
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
	switch problems, unknown := r.Count(Problem), r.Count(Unknown); {
	case problems == 1:
		return "1 problem."
	case problems > 1:
		return fmt.Sprintf("%d problems.", problems)
	case unknown > 0:
		return "Not everything could be found out; nothing was found wrong."
	}
	return "No problems."
}

func (r Result) colour() string {
	switch r {
	case Configured:
		return green
	case Partly, Undecided:
		return yellow
	case Wrong, Nothing:
		return red
	case NotAsking:
		return uncoloured
	}
	return uncoloured
}

// wrapIndented breaks a text into lines: the first behind one mark, the others, each with
// its line end, behind another.
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
