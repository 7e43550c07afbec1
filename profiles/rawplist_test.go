package profiles

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A node is an element of a property list as it stands in the XML. Property list
// libraries forgive too much to judge by: howett.net/plist, for one, does not
// notice a key without a value.
type node struct {
	kind    string // string, integer, boolean, array, dict ...
	text    string // of the simple kinds; "true" or "false" of boolean
	items   []*node
	entries []entry // of a dict, in their order
}

type entry struct {
	key   string
	value *node
}

func (n *node) get(key string) *node {
	for _, e := range n.entries {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// str returns the text at key, "" if there is none.
func (n *node) str(key string) string {
	if v := n.get(key); v != nil {
		return v.text
	}
	return ""
}

// parseRaw reads an XML property list strictly: one plist element around one
// value, and in a dict nothing but a key and its value in turn.
func parseRaw(data []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	var stack []*node
	root := &node{}
	stack = append(stack, root)
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			n := &node{kind: tok.Name.Local}
			top.items = append(top.items, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
			if err := top.finish(); err != nil {
				return nil, err
			}
		case xml.CharData:
			top.text += string(tok)
		}
	}
	if len(root.items) != 1 || root.items[0].kind != "plist" || len(root.items[0].items) != 1 {
		return nil, errors.New("not one plist with one value")
	}
	return root.items[0].items[0], nil
}

func (n *node) finish() error {
	switch n.kind {
	case "true", "false":
		n.kind, n.text = "boolean", n.kind
	case "array", "plist":
		if strings.TrimSpace(n.text) != "" {
			return fmt.Errorf("text %q in %s", n.text, n.kind)
		}
	case "dict":
		for i := 0; i < len(n.items); i += 2 {
			key := n.items[i]
			if key.kind != "key" {
				return fmt.Errorf("%s where a key belongs", key.kind)
			}
			if i+1 == len(n.items) || n.items[i+1].kind == "key" {
				return fmt.Errorf("value missing for key %s", key.text)
			}
			if n.get(key.text) != nil {
				return fmt.Errorf("key %s stands twice", key.text)
			}
			n.entries = append(n.entries, entry{key.text, n.items[i+1]})
		}
		n.items = nil
	}
	return nil
}
