package dnsrecords

import (
	"bytes"
	"fmt"
	"strings"
)

// width is how long the lines of a text for people get, in characters.
const width = 80

// comment writes text as comment lines that begin with sign.
func comment(b *bytes.Buffer, sign, text string) {
	for _, line := range wrap(text, width-len(sign)-1) {
		fmt.Fprintf(b, "%s %s\n", sign, line)
	}
}

// head writes what a file is and what its reader must know.
func (s Set) head(b *bytes.Buffer, sign string, remarks []string) {
	comment(b, sign, "Records for "+s.title()+", made by mailsetup dns.")
	for _, r := range remarks {
		fmt.Fprintf(b, "%s\n", sign)
		comment(b, sign, r)
	}
}

// title names the domain and its mail service, as people know them.
func (s Set) title() string {
	name := s.Domain.String()
	if u := s.Domain.Unicode(); u != name {
		name = fmt.Sprintf("%s (%s)", u, name)
	}
	return name + ", whose mail is at " + s.Provider.Name
}

// checkList writes the records to compare as comments, in the form of a zone
// file: whoever imports the file must not get a second SPF record.
func (s Set) checkList(b *bytes.Buffer, sign string) {
	list := s.ToCheck()
	if len(list) == 0 {
		return
	}
	b.WriteByte('\n')
	comment(b, sign, "To check, not to import: the records of "+s.Provider.Name+" itself.")
	last := ""
	for _, r := range list {
		if r.Purpose != last {
			fmt.Fprintf(b, "%s\n", sign)
			comment(b, sign, r.Purpose+":")
			last = r.Purpose
		}
		fmt.Fprintf(b, "%s   %s. %d IN %s %s\n", sign, r.Name, r.TTL, r.Data.Type(), r.Data)
	}
}

// wrap breaks a text between words into lines of at most most characters; a
// longer word gets a line of its own.
func wrap(text string, maxLen int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) > maxLen:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
