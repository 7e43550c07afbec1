package clients

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// A markup says which documents the XML library of a client accepts, and how it
// reads them. No two libraries agree on everything outside the specification, so
// a document can be good for one client and unusable for the next.
type markup struct {
	// blanksFirst: blanks may come before <?xml. XML forbids it (section 2.8),
	// because then it is no longer a declaration.
	blanksFirst bool
	// twoBOMs: neither of two byte order marks is text.
	twoBOMs bool
	// refusesBOM: a byte order mark is text outside the root element.
	refusesBOM bool
	// utf8Only: a declared encoding is ignored; anything but UTF-8 is
	// refused.
	utf8Only bool
	// markedUTF16: UTF-16 is recognised only by its byte order mark.
	markedUTF16 bool
	// anyEncoding: an unknown declared encoding means UTF-8.
	anyEncoding bool
	// httpCharset: the charset parameter of the media type overrides the
	// declaration (RFC 7303 section 3.2).
	httpCharset bool
	// anyDeclaration: anything that begins with <? is skipped.
	anyDeclaration bool
	// onlyVersion10: XML 1.1 is refused. Other libraries treat every version 1.x as 1.0.
	onlyVersion10 bool
	// looseAttributes: attributes need no blank between them.
	looseAttributes bool
	// namespaces: an unbound prefix makes the document malformed.
	namespaces bool
	// localNames: elements go by their local name, if their prefix is bound.
	localNames bool
	// entities: entities that the DOCTYPE declares are expanded; otherwise a
	// reference to one is malformed.
	entities bool
	// noCDATA: CDATA sections are skipped like comments.
	noCDATA bool
	// rootOnly: anything after the root element is ignored.
	rootOnly bool
	// recovers: what cannot be read is dropped, and the rest is used.
	recovers bool
}

// The libraries, named after what they are part of. Observations of a running
// client are marked "seen"; the rest is from the library's source or manual.
var (
	// Expat inside Gecko: Thunderbird. Seen with Thunderbird 153.7.
	gecko = markup{twoBOMs: true, markedUTF16: true, anyEncoding: true, httpCharset: true, namespaces: true, entities: true}
	// libxml2 by its tree (Geary, seen with 43) and by PHP's SimpleXML (Nextcloud
	// Mail, SnappyMail), which does not know prefixed names.
	libxml2   = markup{localNames: true, entities: true}
	simpleXML = markup{entities: true}
	// libxml2 with XML_PARSE_RECOVER: GNOME Online Accounts.
	libxml2Recovering = markup{localNames: true, entities: true, recovers: true}
	// GMarkup of GLib: Evolution, seen with 3.46. It knows only UTF-8
	// and leaves CDATA to handlers that Evolution does not have.
	gmarkup = markup{blanksFirst: true, refusesBOM: true, utf8Only: true, anyDeclaration: true, looseAttributes: true, noCDATA: true}
	// QDomDocument of Qt 6.4: KMail.
	qtDOM = markup{onlyVersion10: true, entities: true}
	// The XmlPullParser of Android: Thunderbird for Android, FairEmail.
	androidPull = markup{}
	// quick-xml under serde: Himalaya. It reads only the five predefined entities.
	quickXMLSerde = markup{blanksFirst: true, utf8Only: true, anyDeclaration: true, looseAttributes: true}
	// libxml2 inside Chromium: Parula, Mailspring.
	chromium = markup{namespaces: true, entities: true}
	// System.Xml of .NET: Wino; and MSXML: Outlook. They refuse a DOCTYPE or
	// do not expand its entities.
	microsoft = markup{onlyVersion10: true, namespaces: true}
	// XMLParser of Apple's Foundation: Thunderbird for iOS.
	foundation = markup{entities: true}
)

var errTooLong = errors.New("longer than 1 MiB")

// maxText is the maximum size of a document with entities expanded.
const maxText = 4 << 20

// decode returns the document in UTF-8, without a byte order mark.
func (m markup) decode(ans Answer) ([]byte, error) {
	body := ans.Body
	if len(body) > maxBody {
		return nil, errTooLong
	}
	label, marked := "", true
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		if m.refusesBOM {
			return nil, errors.New("it begins with a byte order mark")
		}
		if body, label = body[3:], "utf-8"; m.twoBOMs {
			body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
		}
	case m.utf8Only:
		label = "utf-8"
	case bytes.HasPrefix(body, []byte("\xff\xfe")), !m.markedUTF16 && bytes.HasPrefix(body, []byte("<\x00")):
		label = "utf-16le"
	case bytes.HasPrefix(body, []byte("\xfe\xff")), !m.markedUTF16 && bytes.HasPrefix(body, []byte("\x00<")):
		label = "utf-16be"
	default:
		marked = false
	}
	if !marked {
		if label = declaredEncoding(body); m.httpCharset {
			if _, params, err := mime.ParseMediaType(ans.ContentType); err == nil && knownEncoding(params["charset"]) {
				label = params["charset"]
			}
		}
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			label = "utf-8" // it was readable as bytes, so it isn't
		}
	}
	enc, err := encodingOf(label)
	switch {
	case err != nil && m.anyEncoding:
		return body, nil
	case err != nil:
		return nil, errors.New("its declared encoding is not known")
	case enc == nil && !utf8.Valid(body):
		return nil, errors.New("it is not in the encoding that it declares")
	case enc == nil:
		return body, nil
	}
	return enc.NewDecoder().Bytes(body)
}

var xmlDeclaration = regexp.MustCompile(`^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']`)

func declaredEncoding(body []byte) string {
	if found := xmlDeclaration.FindSubmatch(body); found != nil {
		return string(found[1])
	}
	return ""
}

func knownEncoding(label string) bool {
	_, err := encodingOf(label)
	return label != "" && err == nil
}

// encodingOf returns nil for UTF-8, which is also the default.
func encodingOf(label string) (encoding.Encoding, error) {
	switch strings.ToLower(label) {
	case "", "utf-8", "utf8":
		return nil, nil
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), nil
	}
	return htmlindex.Get(label)
}

// parse reads a document as the library does.
func (m markup) parse(ans Answer) (*element, error) {
	body, err := m.decode(ans)
	if err != nil {
		return nil, err
	}
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	if !m.blanksFirst && len(trimmed) != len(body) && bytes.HasPrefix(trimmed, []byte("<?xml")) {
		return nil, errors.New("something precedes <?xml")
	}
	rest, err := m.afterDeclaration(trimmed)
	if err != nil && !m.recovers {
		return nil, err
	}
	root, err := m.tree(rest)
	if err != nil && !(m.recovers && root != nil) {
		return nil, err
	}
	return root, nil
}

var (
	// XML 1.0, production 23.
	wholeDeclaration = regexp.MustCompile(`^<\?xml\s+version\s*=\s*(?:"(1\.[0-9]+)"|'(1\.[0-9]+)')` +
		`(?:\s+encoding\s*=\s*(?:"[A-Za-z][A-Za-z0-9._-]*"|'[A-Za-z][A-Za-z0-9._-]*'))?` +
		`(?:\s+standalone\s*=\s*(?:"yes"|"no"|'yes'|'no'))?\s*\?>`)
	beginsDeclaration = regexp.MustCompile(`^<\?xml\s`)
)

// afterDeclaration checks the XML declaration and returns what follows it.
func (m markup) afterDeclaration(body []byte) ([]byte, error) {
	if !beginsDeclaration.Match(body) {
		return body, nil
	}
	found := wholeDeclaration.FindSubmatch(body)
	_, rest, ended := bytes.Cut(body, []byte("?>"))
	switch {
	case !ended:
		return nil, errors.New("not well-formed: the XML declaration does not end")
	case m.anyDeclaration:
		return rest, nil
	case found == nil:
		return rest, errors.New("not well-formed: the XML declaration is faulty")
	case m.onlyVersion10 && string(found[1])+string(found[2]) != "1.0":
		return rest, errors.New("its version of XML is not 1.0")
	}
	return body[len(found[0]):], nil
}

// A builder grows a tree from tokens.
type builder struct {
	markup
	root   *element
	open   []*element
	spaces []map[string]string
}

// tree returns, together with an error, what was read before it.
func (m markup) tree(body []byte) (*element, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decoded already
	dec.Strict = !m.recovers
	b := &builder{markup: m}
	for {
		from := dec.InputOffset()
		// RawToken keeps prefixes, which Token resolves away; it leaves the
		// matching of tags to us.
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return b.root, malformed(err)
		}
		if m.rootOnly && b.root != nil && len(b.open) == 0 {
			return b.root, nil
		}
		raw := body[from:dec.InputOffset()]
		switch tok := tok.(type) {
		case xml.StartElement:
			if !m.looseAttributes && !m.recovers && tight(raw) {
				return b.root, errors.New("not well-formed: no blank between two attributes")
			}
			err = b.start(tok)
		case xml.EndElement:
			err = b.end(qualified(tok.Name))
		case xml.CharData:
			err = b.text(string(tok), bytes.HasPrefix(raw, []byte("<![CDATA[")))
		case xml.ProcInst:
			if strings.EqualFold(tok.Target, "xml") && !m.anyDeclaration {
				err = errors.New("not well-formed: <?xml inside the document")
			}
		case xml.Comment:
			if len(b.open) > 0 {
				b.open[len(b.open)-1].comments = true
			}
		case xml.Directive:
			if m.entities {
				dec.Entity = declaredEntities(tok)
			}
			if b.root != nil {
				err = errors.New("not well-formed: a DOCTYPE inside")
			}
		}
		if err != nil {
			return b.root, err
		}
	}
	if b.root == nil || len(b.open) > 0 {
		return b.root, errors.New("not well-formed: it ends too early")
	}
	return b.root, nil
}

// malformed says where a document is malformed, without the words of the Go
// library, which would not help people to fix it.
func malformed(err error) error {
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return malformedAt(syntax.Line, syntax.Msg)
	}
	return errors.New("not well-formed")
}

// tight reports whether something directly follows the quotes of an attribute.
func tight(tag []byte) bool {
	for i := 0; i < len(tag); i++ {
		if q := tag[i]; q == '"' || q == '\'' {
			n := bytes.IndexByte(tag[i+1:], q)
			if n < 0 {
				return false
			}
			if i += n + 1; i+1 < len(tag) && !bytes.ContainsRune([]byte(" \t\r\n/>"), rune(tag[i+1])) {
				return true
			}
		}
	}
	return false
}

func (b *builder) start(tok xml.StartElement) error {
	tok = tok.Copy()
	e := &element{name: qualified(tok.Name), attrs: tok.Attr}
	names := map[string]bool{}
	for _, a := range tok.Attr {
		if name := qualified(a.Name); names[name] {
			return errors.New("not well-formed: duplicate attribute " + name)
		} else {
			names[name] = true
		}
	}
	b.spaces = append(b.spaces, declarations(tok.Attr))
	prefixes := []string{tok.Name.Space}
	for _, a := range tok.Attr {
		prefixes = append(prefixes, a.Name.Space)
	}
	for _, p := range prefixes {
		if b.namespaces && p != "" && p != "xml" && p != "xmlns" && resolve(b.spaces, p) == "" {
			return errors.New("not well-formed: the prefix " + p + " is not bound")
		}
	}
	if e.space = resolve(b.spaces, tok.Name.Space); b.localNames && e.space != "" {
		e.name = tok.Name.Local
	}
	e.qualified = qualified(tok.Name)
	switch {
	case len(b.open) > maxDepth:
		return errors.New("nested too deeply")
	case len(b.open) > 0:
		parent := b.open[len(b.open)-1]
		parent.children = append(parent.children, e)
	case b.root != nil:
		return errors.New("not well-formed: two root elements")
	default:
		b.root = e
	}
	b.open = append(b.open, e)
	return nil
}

func (b *builder) end(name string) error {
	if len(b.open) == 0 || b.open[len(b.open)-1].qualified != name {
		i := slices.IndexFunc(b.open, func(e *element) bool { return e.qualified == name })
		if !b.recovers || i < 0 {
			return errors.New("not well-formed: </" + name + "> closes nothing")
		}
		// Elements still open inside end here, too.
		b.open, b.spaces = b.open[:i+1], b.spaces[:i+1]
	}
	b.open, b.spaces = b.open[:len(b.open)-1], b.spaces[:len(b.spaces)-1]
	return nil
}

func (b *builder) text(s string, cdata bool) error {
	switch {
	case len(b.open) == 0 && (cdata || strings.TrimSpace(s) != ""):
		return errors.New("not well-formed: text outside the root element")
	case len(b.open) == 0, cdata && b.noCDATA:
		return nil
	}
	e := b.open[len(b.open)-1]
	if len(e.text)+len(s) > maxText {
		return errTooLong
	}
	e.text += s
	return nil
}

var entityDeclaration = regexp.MustCompile(`<!ENTITY\s+([A-Za-z_][A-Za-z0-9._-]*)\s+(?:"([^"<&%]*)"|'([^'<&%]*)')\s*>`)

var externalEntity = regexp.MustCompile(`<!ENTITY\s+([A-Za-z_][A-Za-z0-9._-]*)\s+(?:SYSTEM|PUBLIC)\s`)

// declaredEntities returns the entities of a DOCTYPE whose text is plain. External
// ones are empty: no client fetches them.
func declaredEntities(doctype []byte) map[string]string {
	found := map[string]string{}
	for _, d := range entityDeclaration.FindAllSubmatch(doctype, -1) {
		if _, ok := found[string(d[1])]; !ok { // the first counts
			found[string(d[1])] = string(d[2]) + string(d[3])
		}
	}
	for _, d := range externalEntity.FindAllSubmatch(doctype, -1) {
		if _, ok := found[string(d[1])]; !ok {
			found[string(d[1])] = ""
		}
	}
	return found
}
