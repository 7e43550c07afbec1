package clients

import (
	"bytes"
	"errors"
	"strings"
)

// quickXML goes through markup as the event reader of the Rust library quick-xml
// does, which sees only the next tag: end tags must match, but there
// may be any number of roots or none, text anywhere, and an end at any place but
// inside a tag. Attributes are parsed only on request. A reference such as
// &amp; divides the text around it into pieces; nobody fills it in.
// https://docs.rs/quick-xml/latest/quick_xml/reader/struct.Reader.html
type quickXML struct {
	start func(name, attributes string)
	end   func(name string)
	text  func(string)
}

var errQuickXML = errors.New("not well-formed")

func (q quickXML) read(body []byte) error {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	var open []string
	for len(body) > 0 {
		text, rest, markup := bytes.Cut(body, []byte("<"))
		if err := q.pieces(string(text)); err != nil {
			return err
		}
		if !markup {
			return nil
		}
		n := quickXMLMarkup(rest)
		if n < 0 {
			return errQuickXML
		}
		inside := string(rest[:n])
		body = rest[n+1:]
		switch {
		case strings.HasPrefix(inside, "!"), strings.HasPrefix(inside, "?"):
		case strings.HasPrefix(inside, "/"):
			name := strings.TrimRight(inside[1:], " \t\r\n")
			if len(open) == 0 || open[len(open)-1] != name {
				return errors.New("not well-formed: an end tag closes nothing")
			}
			open = open[:len(open)-1]
			q.end(name)
		default:
			inside, empty := strings.CutSuffix(inside, "/")
			name, attributes := inside, ""
			if i := strings.IndexAny(inside, " \t\r\n"); i >= 0 {
				name, attributes = inside[:i], inside[i:]
			}
			if !empty {
				open = append(open, name)
				q.start(name, attributes)
			}
		}
	}
	return nil
}

// pieces emits the text between references, which are separate events.
func (q quickXML) pieces(text string) error {
	for text != "" {
		piece, rest, reference := strings.Cut(text, "&")
		if piece != "" {
			q.text(piece)
		}
		if !reference {
			return nil
		}
		end := strings.IndexAny(rest, ";&")
		if end < 0 || rest[end] != ';' {
			return errors.New("not well-formed: a bare ampersand")
		}
		text = rest[end+1:]
	}
	return nil
}

// quickXMLMarkup returns the position of the ">" that ends the markup after a
// "<", or -1 if there is none.
func quickXMLMarkup(s []byte) int {
	until := func(begin, end string) int {
		if len(s) < len(begin) {
			return -1
		}
		i := bytes.Index(s[len(begin):], []byte(end))
		if i < 0 {
			return -1
		}
		return len(begin) + i + len(end) - 1
	}
	switch {
	case bytes.HasPrefix(s, []byte("!--")):
		return until("!--", "-->")
	case bytes.HasPrefix(s, []byte("![CDATA[")):
		return until("![CDATA[", "]]>")
	case len(s) >= 8 && strings.EqualFold(string(s[:8]), "!DOCTYPE"):
		depth := 0
		for i, c := range s {
			switch {
			case c == '<':
				depth++
			case c == '>' && depth == 0:
				return i
			case c == '>':
				depth--
			}
		}
		return -1
	case bytes.HasPrefix(s, []byte("!")):
		return -1
	case bytes.HasPrefix(s, []byte("?")):
		return until("?", "?>")
	}
	quote := byte(0)
	for i, c := range s {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return -1
}

// quickXMLAttribute returns the first attribute of that name, in any case, and
// false at the first attribute that is malformed.
func quickXMLAttribute(attributes, name string) (string, bool) {
	for rest := attributes; ; {
		rest = strings.TrimLeft(rest, " \t\r\n")
		key, value, ok := strings.Cut(rest, "=")
		value = strings.TrimLeft(value, " \t\r\n")
		if key = strings.TrimRight(key, " \t\r\n"); !ok || value == "" || value[0] != '"' && value[0] != '\'' {
			return "", false
		}
		var text string
		if text, rest, ok = strings.Cut(value[1:], value[:1]); !ok {
			return "", false
		}
		if strings.EqualFold(key, name) {
			return text, true
		}
	}
}
