package templates

import (
	"strconv"

	"github.com/beevik/etree"
)

// The media types of the documents, as Content-Type headers.
const (
	// XMLType is the only spelling that all clients accept: Thunderbird parses
	// only values that begin with text/xml, application/xml or text/rdf in lower
	// case (mail/components/accountcreation/modules/FetchHTTP.sys.mjs in
	// mozilla/releases-comm-central), and DavMail compares the whole string.
	XMLType = "text/xml; charset=utf-8"
	// JSONType has no charset: JSON is UTF-8 and the type has no such parameter
	// (RFC 8259, section 11).
	JSONType = "application/json"
)

// newXML starts a document. The encoding is always UTF-8; how the declaration
// spells it is part of a document's pinned bytes.
func newXML(encoding string) *etree.Document {
	doc := etree.NewDocument()
	doc.CreateProcInst("xml", `version="1.0" encoding="`+encoding+`"`)
	return doc
}

// leaf adds an element that contains only text. No white space may
// surround the text: Thunderbird refuses a socketType with a blank in it and
// keeps a newline as part of a user name.
func leaf(parent *etree.Element, tag, text string) *etree.Element {
	e := parent.CreateElement(tag)
	e.SetText(text)
	return e
}

func port(p uint16) string { return strconv.Itoa(int(p)) }

func encode(doc *etree.Document) ([]byte, error) {
	doc.Indent(2) // ends the document with a newline, too
	return doc.WriteToBytes()
}
