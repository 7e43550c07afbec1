package clients

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Limits of what is read at all. The longest honest document has a few kilobytes
// and a depth of six.
const (
	maxBody  = 1 << 20
	maxDepth = 200
)

// An element is one XML element as a DOM shows it.
type element struct {
	name  string // as written, with its prefix: clients compare it so
	space string // the namespace that name is in
	attrs []xml.Attr
	// children are the child elements in order; text is the character data
	// directly inside, joined.
	children []*element
	text     string
	// comments: there is a comment directly inside.
	comments bool
}

// parse reads a whole document that must be well-formed and have one root.
func parse(body []byte) (*element, error) {
	if len(body) > maxBody {
		return nil, errors.New("longer than 1 MiB")
	}
	dec := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	var (
		root   *element
		open   []*element
		spaces []map[string]string
	)
	for {
		// RawToken keeps prefixes, which Token resolves away; it leaves the
		// matching of tags to us.
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("not well-formed: %w", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e := &element{name: qualified(tok.Name), attrs: tok.Copy().Attr}
			spaces = append(spaces, declarations(tok.Attr))
			e.space = resolve(spaces, tok.Name.Space)
			switch {
			case len(open) > maxDepth:
				return nil, errors.New("nested too deeply")
			case len(open) > 0:
				parent := open[len(open)-1]
				parent.children = append(parent.children, e)
			case root != nil:
				return nil, errors.New("not well-formed: two root elements")
			default:
				root = e
			}
			open = append(open, e)
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1].name != qualified(tok.Name) {
				return nil, fmt.Errorf("not well-formed: </%s> closes nothing", qualified(tok.Name))
			}
			open, spaces = open[:len(open)-1], spaces[:len(spaces)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text += string(tok)
			} else if len(bytes.TrimSpace(tok)) > 0 {
				return nil, errors.New("not well-formed: text outside the root element")
			}
		case xml.Comment:
			if len(open) > 0 {
				open[len(open)-1].comments = true
			}
		}
	}
	if root == nil || len(open) > 0 {
		return nil, errors.New("not well-formed: it ends too early")
	}
	return root, nil
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
