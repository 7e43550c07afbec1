package provider

import (
	"bytes"
	"iter"
	"unicode/utf8"
)

// A row is a line of a plain list: two fields with spaces or tabs between them.
type row struct {
	line   int
	text   []byte // the whole line
	fields [2][]byte
	starts [2]int // where they begin in the text
	count  int    // of the fields, which may be more than two
}

// rows yields the lines of a list that contain more than a comment. A field
// that begins with # starts a comment, which ends with the line.
func rows(data []byte) iter.Seq[row] {
	return func(yield func(row) bool) {
		data = bytes.TrimPrefix(data, []byte("\ufeff")) // Notepad writes one
		for line := 1; len(data) > 0; line++ {
			r := row{line: line}
			r.text, data, _ = bytes.Cut(data, []byte("\n"))
			r.split()
			if r.count > 0 && !yield(r) {
				return
			}
		}
	}
}

func (r *row) split() {
	for i := 0; i < len(r.text); {
		if blank(r.text[i]) {
			i++
			continue
		}
		if r.text[i] == '#' {
			return
		}
		start := i
		for i < len(r.text) && !blank(r.text[i]) {
			i++
		}
		if r.count < len(r.fields) {
			r.fields[r.count], r.starts[r.count] = r.text[start:i], start
		}
		r.count++
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// column returns where a field begins, in characters from 1, or where a missing
// field should be.
func (r *row) column(field int) int {
	if field >= r.count {
		return 1 + utf8.RuneCount(bytes.TrimRight(r.text, " \t\r"))
	}
	return 1 + utf8.RuneCount(r.text[:r.starts[field]])
}

// countRows counts the lines that rows can yield at most: blank ones and comments
// from their first column on are left out.
func countRows(data []byte) (n int) {
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		if len(line) > 2 && line[0] != '#' { // nothing shorter has two fields
			n++
		}
		data = rest
	}
	return n
}
