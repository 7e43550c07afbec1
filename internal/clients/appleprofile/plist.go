package appleprofile

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxBody  = 1 << 20 // bytes
	maxDepth = 200
)

// A plistValue is one value of an XML property list, as far as profiles need it.
// Its kind is the name of the element: dict, array, string, integer, real, true,
// false, date or data.
type plistValue struct {
	kind  string
	text  string
	items []*plistValue // of an array
	keys  []string      // of a dict, in order
	dict  map[string]*plistValue
}

// readPlist reads a property list token by token. Everything that Apple's DTD
// (http://www.apple.com/DTDs/PropertyList-1.0.dtd) does not allow is an error.
func readPlist(body []byte) (*plistValue, error) {
	if len(body) > maxBody {
		return nil, errors.New("longer than 1 MiB")
	}
	if len(body) > 1 && body[0] == 0x30 && body[1]&0x80 != 0 { // a DER SEQUENCE
		return nil, errors.New("the profile is signed: extract its content first")
	}
	p := &plistParser{dec: xml.NewDecoder(bytes.NewReader(body))}
	start, err := p.start()
	if err != nil {
		return nil, err
	}
	if start == nil || start.Name.Local != "plist" {
		return nil, errors.New("no plist element")
	}
	if start, err = p.start(); err != nil {
		return nil, err
	}
	if start == nil {
		return nil, errors.New("an empty plist")
	}
	v, err := p.value(*start, 0)
	if err != nil {
		return nil, err
	}
	switch start, err = p.start(); {
	case err != nil:
		return nil, err
	case start != nil:
		return nil, errors.New("more than one value in the plist")
	}
	return v, p.end()
}

type plistParser struct{ dec *xml.Decoder }

// start returns the next start tag, or nil at an end tag. Text between is an
// error, unless it is blank.
func (p *plistParser) start() (*xml.StartElement, error) {
	for {
		tok, err := p.dec.Token()
		if err != nil {
			return nil, fmt.Errorf("not well-formed: %w", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			return &tok, nil
		case xml.EndElement:
			return nil, nil
		case xml.CharData:
			if len(bytes.TrimSpace(tok)) > 0 {
				return nil, errors.New("text outside a value")
			}
		}
	}
}

func (p *plistParser) value(start xml.StartElement, depth int) (*plistValue, error) {
	v := &plistValue{kind: start.Name.Local}
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	switch v.kind {
	case "dict":
		return v, p.dictionary(v, depth)
	case "array":
		for {
			next, err := p.start()
			if err != nil || next == nil {
				return v, err
			}
			item, err := p.value(*next, depth+1)
			if err != nil {
				return nil, err
			}
			v.items = append(v.items, item)
		}
	case "string", "integer", "real", "date", "data", "true", "false":
		var err error
		if v.text, err = p.text(); err == nil && (v.kind == "true" || v.kind == "false") && v.text != "" {
			err = fmt.Errorf("text inside <%s>", v.kind)
		}
		return v, err
	}
	return nil, fmt.Errorf("<%s> is not a property list value", v.kind)
}

func (p *plistParser) dictionary(v *plistValue, depth int) error {
	v.dict = map[string]*plistValue{}
	for {
		start, err := p.start()
		if err != nil || start == nil {
			return err
		}
		if start.Name.Local != "key" {
			return fmt.Errorf("<%s> where a key belongs", start.Name.Local)
		}
		key, err := p.text()
		if err != nil {
			return err
		}
		if v.dict[key] != nil {
			return fmt.Errorf("duplicate key %s", key)
		}
		if start, err = p.start(); err != nil {
			return err
		}
		if start == nil {
			return fmt.Errorf("the key %s has no value", key)
		}
		item, err := p.value(*start, depth+1)
		if err != nil {
			return err
		}
		v.keys = append(v.keys, key)
		v.dict[key] = item
	}
}

// text reads character data up to the end tag.
func (p *plistParser) text() (string, error) {
	var b strings.Builder
	for {
		tok, err := p.dec.Token()
		if err != nil {
			return "", fmt.Errorf("not well-formed: %w", err)
		}
		switch tok := tok.(type) {
		case xml.CharData:
			b.Write(tok)
		case xml.EndElement:
			return b.String(), nil
		case xml.StartElement:
			return "", fmt.Errorf("<%s> where text belongs", tok.Name.Local)
		}
	}
}

// end expects nothing but blanks and comments up to the end of the document.
func (p *plistParser) end() error {
	for {
		tok, err := p.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("not well-formed: %w", err)
		}
		text, blank := tok.(xml.CharData)
		if _, comment := tok.(xml.Comment); !comment && !(blank && len(bytes.TrimSpace(text)) == 0) {
			return errors.New("something follows the plist")
		}
	}
}
