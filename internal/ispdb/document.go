package ispdb

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// An element is a part of an XML document. Comments are not kept.
type element struct {
	name     string // "" for a name with a namespace, which config-v1.1 does not have
	attrs    []xml.Attr
	children []*element
	text     strings.Builder
}

// maxDepth is three times the depth of any document in the database.
const maxDepth = 16

var errEncoding = errors.New("unknown encoding")

// parseDocument reads a clientConfig document. It returns nil exactly if it returns a
// reason. Only the five predefined entities are expanded, so a document is never larger
// than its text.
func parseDocument(data []byte) (*element, Reason) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	d.CharsetReader = charsetReader
	var root *element
	var open []*element
	for {
		token, err := d.Token()
		switch {
		case err == io.EOF && root != nil:
			if root.name != "clientConfig" {
				return nil, NoClientConfig
			}
			return root, NoReason
		case errors.Is(err, errEncoding):
			return nil, BadEncoding
		case err != nil:
			return nil, InvalidXML
		}
		switch token := token.(type) {
		case xml.Directive: // <!DOCTYPE
			return nil, HasDoctype
		case xml.StartElement:
			e := &element{attrs: token.Attr}
			if token.Name.Space == "" {
				e.name = token.Name.Local
			}
			switch {
			case len(open) == maxDepth, len(open) == 0 && root != nil:
				return nil, InvalidXML
			case root == nil:
				root = e
			default:
				parent := open[len(open)-1]
				parent.children = append(parent.children, e)
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text.Write(token)
			} else if len(bytes.TrimSpace(token)) > 0 {
				return nil, InvalidXML
			}
		}
	}
}

// charsetReader reads the only other encoding of old files.
func charsetReader(label string, input io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "us-ascii": // a subset of UTF-8
		return input, nil
	case "iso-8859-1":
	default:
		return nil, errEncoding
	}
	data, err := io.ReadAll(input)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for _, b := range data {
		text.WriteRune(rune(b))
	}
	return strings.NewReader(text.String()), nil
}

// all returns the children with a name.
func (e *element) all(name string) (list []*element) {
	for _, c := range e.children {
		if c.name == name {
			list = append(list, c)
		}
	}
	return list
}

// value returns the text of the first child that has one of the names, without space
// around it; "" if there is none.
func (e *element) value(names ...string) string {
	for _, name := range names {
		for _, c := range e.all(name) {
			return c.trimmed()
		}
	}
	return ""
}

func (e *element) trimmed() string { return strings.TrimSpace(e.text.String()) }

// attr returns the value of an attribute; "" if there is none.
func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}
