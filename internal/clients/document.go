package clients

import (
	"encoding/xml"
	"fmt"
)

// Limits of what is read at all. The longest honest document has a few kilobytes
// and a depth of six.
const (
	maxBody  = 1 << 20
	maxDepth = 200
)

// An element is one XML element as a DOM shows it.
type element struct {
	name  string // as the client's library names it
	space string // the namespace that name is in
	// qualified is the name as written, with its prefix.
	qualified string
	attrs     []xml.Attr
	// children are the child elements in order; text is the character data
	// directly inside, joined.
	children []*element
	text     string
	// comments: there is a comment directly inside.
	comments bool
}

// malformedAt returns the error for a document that is malformed at a line. It keeps
// the parser's message if that is about XML.
func malformedAt(line int, what string) error {
	return fmt.Errorf("not well-formed on line %d: %s", line, what)
}

func qualified(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// declarations returns the namespaces that attributes declare, by prefix.
func declarations(attrs []xml.Attr) map[string]string {
	var m map[string]string
	for _, a := range attrs {
		prefix := a.Name.Local
		if a.Name.Space == "" && prefix == "xmlns" {
			prefix = ""
		} else if a.Name.Space != "xmlns" {
			continue
		}
		if m == nil {
			m = map[string]string{}
		}
		m[prefix] = a.Value
	}
	return m
}

func resolve(spaces []map[string]string, prefix string) string {
	for i := len(spaces) - 1; i >= 0; i-- {
		if s, ok := spaces[i][prefix]; ok {
			return s
		}
	}
	return ""
}

// child returns the first child of that name, or nil. It may be called on nil.
func (e *element) child(name string) *element {
	if all := e.all(name); len(all) > 0 {
		return all[0]
	}
	return nil
}

// all returns the children of that name.
func (e *element) all(name string) []*element {
	if e == nil {
		return nil
	}
	var found []*element
	for _, c := range e.children {
		if c.name == name {
			found = append(found, c)
		}
	}
	return found
}

// content returns the text of the first child of that name, "" without one.
func (e *element) content(name string) string {
	if c := e.child(name); c != nil {
		return c.text
	}
	return ""
}

// attr returns the value of an attribute without prefix.
func (e *element) attr(name string) (string, bool) {
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}

// typed returns the children of that name whose type attribute is exactly kind.
func (e *element) typed(name, kind string) []*element {
	var found []*element
	for _, c := range e.all(name) {
		if t, _ := c.attr("type"); t == kind {
			found = append(found, c)
		}
	}
	return found
}

// walk visits e's descendants in document order; enter says whether to go inside.
func (e *element) walk(enter func(*element) bool) {
	for _, c := range e.children {
		if enter(c) {
			c.walk(enter)
		}
	}
}

// is2xx reports whether a status means success.
func (a Answer) is2xx() bool { return a.Status >= 200 && a.Status < 300 }
