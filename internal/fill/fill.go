// Package fill makes documents that differ only in a few values, without rendering
// them again.
//
// A renderer writes a document once with marks instead of the values. The result is
// cut at the marks into constant pieces, and from then on a document is made of those
// pieces with the values between them.
//
// It promises that a [Template] gives the renderer's own bytes. [Compile] renders the
// document with two sets of marks, and fails unless both are cut into the same pieces
// and reproduce the same documents. So it detects a mark that happens to occur in the
// constant text, and a renderer that does more than write a value, before anything is
// served.
package fill

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// MaxSlots is how many kinds of values a document may have.
const MaxSlots = 8

// Values are the contents of a document's slots. The renderer decides which slot holds
// what. An unused slot is "".
type Values [MaxSlots]string

// An Escape says how a writer escapes quotation marks. All writers agree on &, < and
// >.
type Escape struct{ Apostrophe, Quote string }

// A Template is a document with slots. Its zero value is an empty document.
type Template struct {
	pieces [][]byte // one more than slots
	slots  []uint8
	escape Escape
	size   int // of all pieces, in bytes
	sum    [sha256.Size]byte
}

// ErrMarks is the error of [Compile] for a document that cannot be cut.
var ErrMarks = errors.New("a value cannot be distinguished from the rest of the document")

// words are what marks are made of. If the constant text of a document contains one,
// the next two are tried.
var words = [][2]string{{"mark-first", "mark-other"}, {"qz7k-seven", "qz7k-eight"}, {"vx3w-alpha", "vx3w-gamma"}}

// Compile renders a document twice, with marks for values. Each time render returns what
// it wrote and the marks that it used. It makes them from a word of letters, digits and
// hyphens, and adds nothing that needs escaping.
func Compile(escape Escape, render func(word string) (document []byte, marks Values, err error)) (Template, error) {
	for _, two := range words {
		t, err := compile(escape, two, render)
		if !errors.Is(err, ErrMarks) {
			return t, err
		}
	}
	return Template{}, ErrMarks
}

func compile(escape Escape, two [2]string, render func(string) ([]byte, Values, error)) (Template, error) {
	var all [2]Template
	for i := range all {
		document, marks, err := render(two[i])
		if err != nil {
			return Template{}, err
		}
		all[i] = cut(document, marks, escape)
		if !bytes.Equal(all[i].Append(nil, &marks), document) {
			return Template{}, ErrMarks
		}
	}
	if !slices.Equal(all[0].slots, all[1].slots) || !slices.EqualFunc(all[0].pieces, all[1].pieces, bytes.Equal) {
		return Template{}, ErrMarks
	}
	return all[0], nil
}

// cut makes a template from a document with marks.
func cut(document []byte, marks Values, escape Escape) Template {
	t := cutAt(document, marks)
	t.escape = escape
	h := sha256.New()
	for i, piece := range t.pieces {
		fmt.Fprintf(h, "%d\n%s", len(piece), piece)
		if i < len(t.slots) {
			fmt.Fprintf(h, "%d\n", t.slots[i])
		}
	}
	h.Sum(t.sum[:0])
	return t
}

// cutAt cuts at the first mark, and at the longest of several at one position, until none
// is left.
func cutAt(document []byte, marks Values) (t Template) {
	for {
		at, slot := -1, 0
		for i, mark := range marks {
			if mark == "" {
				continue
			}
			found := bytes.Index(document, []byte(mark))
			if found >= 0 && (at < 0 || found < at || found == at && len(mark) > len(marks[slot])) {
				at, slot = found, i
			}
		}
		if at < 0 {
			t.pieces = append(t.pieces, document)
			t.size += len(document)
			return t
		}
		t.pieces, t.slots = append(t.pieces, document[:at]), append(t.slots, uint8(slot))
		t.size += at
		document = document[at+len(marks[slot]):]
	}
}

// Sum returns a digest of the document with values in its slots: it is the same for two
// documents only if they have the same pieces and values. It costs a tenth of a digest
// of the document, and is the same on every machine.
func (t *Template) Sum(values *Values) [sha256.Size]byte {
	if len(t.slots) == 0 {
		return t.sum
	}
	buffer := make([]byte, 0, 512)
	buffer = append(buffer, t.sum[:]...)
	for _, slot := range t.slots {
		buffer = binary.AppendUvarint(buffer, uint64(len(values[slot])))
		buffer = append(buffer, values[slot]...)
	}
	return sha256.Sum256(buffer)
}

// IsZero reports whether t has no document.
func (t *Template) IsZero() bool { return t.pieces == nil }

// Append appends the document with values in its slots.
func (t *Template) Append(dst []byte, values *Values) []byte {
	const perValue = 32 // most are shorter
	dst = slices.Grow(dst, t.size+perValue*len(t.slots))
	for i, slot := range t.slots {
		dst = append(dst, t.pieces[i]...)
		dst = t.escape.Append(dst, values[slot])
	}
	if len(t.pieces) > 0 {
		dst = append(dst, t.pieces[len(t.pieces)-1]...)
	}
	return dst
}

// Append appends a text as character data. It must be valid UTF-8 without control
// characters, which writers replace.
func (e Escape) Append(dst []byte, text string) []byte {
	from := 0
	for i := range len(text) {
		var with string
		switch text[i] {
		case '&':
			with = "&amp;"
		case '<':
			with = "&lt;"
		case '>':
			with = "&gt;"
		case '\'':
			with = e.Apostrophe
		case '"':
			with = e.Quote
		default:
			continue
		}
		dst = append(append(dst, text[from:i]...), with...)
		from = i + 1
	}
	return append(dst, text[from:]...)
}
