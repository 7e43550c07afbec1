package templates

import "bytes"

// The limits of a plain request. Outlook's has 20 tags and a depth of 3.
const (
	maxPlainTags  = 64
	maxPlainDepth = 8
)

// readPlain reads a request that is written as clients write it: printable ASCII,
// elements without prefixes, no references, comments or CDATA. It reports no errors:
// anything else goes to the XML parser, which decides, and which takes 15 us instead of
// one. A test checks that the two never differ.
func readPlain(body []byte) (r requestFields, ok bool) {
	for _, c := range body {
		if c > '~' || c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == '&' {
			return r, false
		}
	}
	p := plainParser{rest: afterDeclaration(body)}
	for range maxPlainTags {
		text, tag, ok := p.next()
		if !ok {
			return r, false
		}
		if !p.take(&r, text, tag) {
			return r, false
		}
		if p.depth == 0 { // the root has ended
			return r, p.requests == 1 && len(bytes.Trim(p.rest, xmlSpace)) == 0
		}
	}
	return r, false
}

const xmlSpace = " \t\r\n"

// afterDeclaration skips the declarations that clients write. With any other, the
// first tag would begin with a question mark.
func afterDeclaration(body []byte) []byte {
	for _, declaration := range []string{`<?xml version="1.0" encoding="utf-8"?>`, `<?xml version="1.0" encoding="UTF-8"?>`, `<?xml version="1.0"?>`} {
		if rest, ok := bytes.CutPrefix(body, []byte(declaration)); ok {
			return rest
		}
	}
	return body
}

// A plainParser is the state of readPlain.
type plainParser struct {
	rest     []byte
	open     [maxPlainDepth][]byte // names of the open elements
	depth    int
	requests int
	field    *field // the one that is open, or nil
}

// next returns the text up to the next tag, and the content of that tag's brackets.
func (p *plainParser) next() (text, tag []byte, ok bool) {
	begin := bytes.IndexByte(p.rest, '<')
	if begin < 0 {
		return nil, nil, false
	}
	length := bytes.IndexByte(p.rest[begin:], '>')
	if length < 0 {
		return nil, nil, false
	}
	text, tag = p.rest[:begin], p.rest[begin+1:begin+length]
	p.rest = p.rest[begin+length+1:]
	// The parser refuses the end of a CDATA section outside one.
	return text, tag, !bytes.Contains(text, []byte("]]>"))
}

// take handles a tag and the text before it.
func (p *plainParser) take(r *requestFields, text, tag []byte) bool {
	if name, end := bytes.CutPrefix(tag, []byte("/")); end {
		if p.depth == 0 || !bytes.Equal(name, p.open[p.depth-1]) {
			return false
		}
		if p.field != nil {
			if bytes.IndexByte(text, '\r') >= 0 {
				return false // the parser makes one line end of two octets
			}
			p.field.text = text
			p.field = nil
		}
		p.depth--
		return true
	}
	if p.field != nil || p.depth == maxPlainDepth || p.depth == 0 && len(bytes.Trim(text, xmlSpace)) > 0 {
		return false
	}
	name, attributes, _ := bytes.Cut(tag, []byte(" "))
	namespace, ok := plainNamespace(attributes)
	if !ok || !isPlainName(name) {
		return false
	}
	p.open[p.depth] = name
	p.depth++
	return p.start(r, name, namespace)
}

// start does what [requestReader.start] does.
func (p *plainParser) start(r *requestFields, name, namespace []byte) bool {
	switch {
	case p.depth == 1:
		r.namespace = string(namespace)
		return string(name) == "Autodiscover"
	case p.depth == 2 && string(name) == "Request":
		p.requests++
		return p.requests == 1
	case p.depth == 3 && string(p.open[1]) == "Request":
		p.field = r.field(name)
		if p.field != nil {
			if p.field.seen {
				return false
			}
			p.field.seen = true
		}
	}
	return true
}

// plainNamespace reads the attributes of a tag: none, or only xmlns="...".
func plainNamespace(attributes []byte) (namespace []byte, ok bool) {
	if len(attributes) == 0 {
		return nil, true
	}
	value, isNamespace := bytes.CutPrefix(attributes, []byte(`xmlns="`))
	value, ends := bytes.CutSuffix(value, []byte(`"`))
	return value, isNamespace && ends && !bytes.ContainsAny(value, "\"<\r")
}

// isPlainName reports whether a name consists of letters.
func isPlainName(name []byte) bool {
	for _, c := range name {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return len(name) > 0
}
