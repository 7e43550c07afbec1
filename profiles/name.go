package profiles

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"mailsetup/internal/language"
)

// A PersonName is the full name that recipients of somebody's mail see. The zero
// PersonName means no name. Only [ParsePersonName] creates others, so a
// PersonName can be written to a profile and read back unchanged.
type PersonName struct{ name string }

// A Person is the person that a profile is for. The zero Person has no name and reads
// English; it is used for generic profiles.
type Person struct {
	Name     PersonName
	Language language.Language // of the sentences that the device shows
}

// ErrPersonName is wrapped by every error of [ParsePersonName].
var ErrPersonName = errors.New("no usable name")

const maxPersonName = 256 // characters

// ParsePersonName reads a name as people type it: at most 256 characters of any
// script, emoji too. White space around it is removed; when nothing is left, it
// is the zero PersonName.
//
// It refuses what no name needs and what would make a profile misleading or
// invalid: control characters and line ends, characters that reorder text,
// noncharacters and invalid UTF-8 (the property list encoder would replace them
// with U+FFFD), and names without visible characters. Joiners and direction
// marks are allowed, because emoji, Persian and Hebrew names are spelled with
// them.
func ParsePersonName(s string) (PersonName, error) {
	// The text of these errors never holds the input: it may reach a log.
	if !utf8.ValidString(s) {
		return PersonName{}, fmt.Errorf("%w: it is not valid UTF-8", ErrPersonName)
	}
	s = strings.TrimSpace(s)
	if s == "" {
		return PersonName{}, nil
	}
	if utf8.RuneCountInString(s) > maxPersonName {
		return PersonName{}, fmt.Errorf("%w: it is longer than %d characters", ErrPersonName, maxPersonName)
	}
	if strings.ContainsFunc(s, refusedInName) {
		return PersonName{}, fmt.Errorf("%w: it contains a character that names do not have, such as a line end or a change of writing direction", ErrPersonName)
	}
	if !strings.ContainsFunc(s, visible) {
		return PersonName{}, fmt.Errorf("%w: nothing in it can be seen", ErrPersonName)
	}
	return PersonName{name: s}, nil
}

func refusedInName(r rune) bool {
	switch r {
	case '\u061c', '\u200e', '\u200f':
		// Marks that affect neutral characters next to them. Embeddings,
		// overrides and isolates are Bidi_Control too; those can make one text
		// look like another.
		return false
	case '\ufeff', utf8.RuneError:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp,
		unicode.Bidi_Control, unicode.Noncharacter_Code_Point)
}

func visible(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) }

// String returns the name, "" for the zero PersonName.
func (n PersonName) String() string { return n.name }

// IsZero reports whether n is empty.
func (n PersonName) IsZero() bool { return n.name == "" }
