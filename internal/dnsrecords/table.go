package dnsrecords

import (
	"bytes"
	"fmt"
	"strings"
)

// headings say what to do with the records of each necessity.
var headings = []struct {
	necessity Necessity
	text      string
}{
	{Required, "Create these, or clients do not find the server:"},
	{Recommended, "Create these for clients that look up servers in DNS:"},
	{Optional, "These are optional:"},
	{CheckOnly, "Do not create these, but check that the domain has them:"},
}

// table writes the records for people who type them into a form.
func (s Set) table() []byte {
	var b bytes.Buffer
	indented(&b, "", "DNS records for "+s.title())
	longest := 0
	for _, r := range s.Records {
		longest = max(longest, len(r.Name.Relative()))
	}
	for _, h := range headings {
		heading, last := h.text, ""
		for _, r := range s.filter(func(r Record) bool { return r.Necessity == h.necessity }) {
			if heading != "" {
				fmt.Fprintf(&b, "\n%s\n", heading)
				heading = ""
			}
			if r.Purpose != last {
				b.WriteByte('\n')
				indented(&b, "  ", r.Purpose)
				last = r.Purpose
			}
			fmt.Fprintf(&b, "    %-*s  %-5s  %s\n", longest, r.Name.Relative(), r.Data.Type(), r.Data)
		}
	}
	fmt.Fprintf(&b, "\nIn a web form\n\n")
	for _, step := range append(s.formSteps(), s.relativeRemarks()...) {
		indented(&b, "  - ", step)
	}
	return b.Bytes()
}

// formSteps explain the columns as the forms of DNS providers name them.
func (s Set) formSteps() []string {
	steps := []string{
		fmt.Sprintf("The first column is the name or host; most forms add .%s themselves. @ is %s itself.", s.Domain, s.Domain),
		"The dot at the end of a value is part of it; leave it out if the form refuses it.",
		"An SRV value is priority, weight, port and target. If a form asks for service and protocol, enter for example _imaps and _tcp.",
		fmt.Sprintf("TTL: %d, or whatever the form proposes.", TTL),
		"Switch off any proxy or CDN for these names: mail clients must reach the server itself.",
	}
	if s.hasNegative() {
		steps = append(steps, `If the form refuses the value "0 0 0 ." leave that record out: it is optional.`)
	}
	return steps
}

func (s Set) hasNegative() bool {
	for _, r := range s.Records {
		if r.Negative() {
			return true
		}
	}
	return false
}

// indented writes text after a mark, with further lines indented to match.
func indented(b *bytes.Buffer, mark, text string) {
	for _, line := range wrap(text, width-len(mark)) {
		fmt.Fprintf(b, "%s%s\n", mark, line)
		mark = strings.Repeat(" ", len(mark))
	}
}
