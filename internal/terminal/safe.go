// Package terminal makes text from outside safe to print. Server answers, DNS
// records, file names and flags are written by others; what they contain must not
// control a terminal or change how the text around it reads.
package terminal

import (
	"io"
	"strings"
	"unicode"
)

// Line returns s with a question mark instead of each character that a
// terminal interprets or does not show: control characters, including line
// ends; bidirectional and other format characters (UAX #9, CVE-2021-42574);
// line and paragraph separators; and bytes that are not UTF-8.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		if isUnsafe(r) {
			return '?'
		}
		return r
	}, s)
}

// Text is [Line] for text of several lines: it keeps line feeds and tabs.
func Text(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && isUnsafe(r) {
			return '?'
		}
		return r
	}, s)
}

func isUnsafe(r rune) bool {
	return unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Print writes [Text] of s.
func Print(w io.Writer, s string) error {
	_, err := io.WriteString(w, Text(s))
	return err
}
