package templates

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"mailsetup/internal/provider"
)

// An AutodiscoverRequest is a POX request that can be answered: it names a
// well-formed address and accepts Outlook's response schema.
type AutodiscoverRequest struct {
	Address provider.Address
}

// The limits of a request. Outlook's has some 400 octets, 10 tokens and a depth
// of 3; without limits, a parser can be made to allocate 70 times the size of
// its input.
const (
	maxRequest = 16 << 10 // octets
	maxTokens  = 512
	maxDepth   = 16 // open elements
)

// The reasons why a request is refused. Not even the XML parser's own
// errors are passed on, because they quote the input.
var (
	errTooLong    = invalid("the request is longer than 16 KiB")
	errMalformed  = invalid("the request is not well-formed XML in a known encoding")
	errTooComplex = invalid("the request has more than 512 tokens or is nested deeper than 16 elements")
	errDirective  = invalid("the request has a document type declaration")
	errStray      = invalid("the request has text or a second element next to its root element")
	errNoRequest  = invalid("the request is not one Autodiscover element with one Request element in it")
	errField      = invalid("a field of the request is repeated or has elements in it")
	errNoAddress  = invalid("the request has no EMailAddress")
	errNamespace  = invalid("the request has no response schema, and its own schema is unknown")
	errSchema     = &AutodiscoverError{ErrorSchema, errors.New("the request does not accept Outlook's response schema")}
	errLegacyDN   = &AutodiscoverError{ErrorUnknownAddress, errors.New("the request has a LegacyDN, which only Exchange knows")}
)

func invalid(reason string) *AutodiscoverError {
	return &AutodiscoverError{ErrorInvalidRequest, errors.New(reason)}
}

// ParseAutodiscoverRequest reads what Outlook and similar clients send
// (MS-OXDSCLI). It is strict about structure and lenient about spelling: prefixes,
// namespaces, the order of the fields, a byte order mark and white space differ
// among clients and do not matter. Everything in the request but its fields is
// ignored.
//
// The error is always an [*AutodiscoverError] with the code to answer:
// ErrorInvalidRequest, ErrorSchema or ErrorUnknownAddress.
func ParseAutodiscoverRequest(body []byte) (AutodiscoverRequest, error) {
	r, err := readRequest(body)
	if errors.Is(err, errMalformed) {
		// Thunderbird puts the address into its request unescaped, so that
		// a&b@example.com arrives as broken XML (ExchangeAutoDiscover.sys.mjs in
		// mozilla/releases-comm-central).
		r, err = readRequest(escapeBareAmpersands(body))
	}
	if err != nil {
		return AutodiscoverRequest{}, err
	}
	// The schema comes first: a phone that asks for ActiveSync must be told that
	// there is none, whatever the address.
	if err := r.checkSchema(); err != nil {
		return AutodiscoverRequest{}, err
	}
	a, err := r.address()
	return AutodiscoverRequest{Address: a}, err
}

// checkSchema reports whether the request is for Outlook's settings. If it
// does not name a response schema, its own schema decides.
func (r *requestFields) checkSchema() error {
	switch withHTTP(r.schema.trimmed()) {
	case outlookResponseNamespace:
		return nil
	case "":
	default:
		return errSchema
	}
	switch withHTTP(r.namespace) {
	case outlookRequestNamespace, "":
		return nil
	case mobileRequestNamespace:
		return errSchema
	}
	return errNamespace
}

// address returns the address asked about. If there is also a LegacyDN,
// MS-OXDSCLI 3.2.5.1 puts that first; it means nothing outside an Exchange
// organisation, so the address is used.
func (r *requestFields) address() (provider.Address, error) {
	email := r.email.trimmed()
	switch {
	case email != "":
	case r.legacyDN.trimmed() != "":
		return provider.Address{}, errLegacyDN
	default:
		return provider.Address{}, errNoAddress
	}
	a, err := provider.ParseAddress(email)
	if err != nil {
		return provider.Address{}, &AutodiscoverError{ErrorInvalidRequest, err}
	}
	return a, nil
}

// withHTTP undoes the https that some clients copied from Microsoft's pages.
func withHTTP(namespace string) string {
	if rest, ok := strings.CutPrefix(namespace, "https://"); ok {
		return "http://" + rest
	}
	return namespace
}

// A requestReader reads a request token by token and keeps only the text of
// three fields. etree would not do: it reads an empty body without an error,
// accepts a second root, a declared UTF-16 and a document type, and has no
// limit for the width of a document.
type requestReader struct {
	requestFields
	path     []string // local names of the open elements
	roots    int
	requests int
	open     *field // the field being read, or nil
}

// requestFields are the parts of a request that matter.
type requestFields struct {
	namespace               string // of the root element
	email, legacyDN, schema field
}

// field returns the field of an element in Request; nil if it is not a field.
func (r *requestFields) field(name []byte) *field {
	switch string(name) {
	case "EMailAddress":
		return &r.email
	case "LegacyDN":
		return &r.legacyDN
	case "AcceptableResponseSchema":
		return &r.schema
	}
	return nil
}

type field struct {
	seen bool
	text []byte
}

// trimmed returns the text without the XML white space around it, which even
// Microsoft's own sample has (MS-ASCMD, section 4.2).
func (f *field) trimmed() string { return strings.Trim(string(f.text), " \t\r\n") }

func readRequest(body []byte) (requestFields, error) {
	if len(body) > maxRequest {
		return requestFields{}, errTooLong
	}
	if r, ok := readPlain(body); ok {
		return r, nil
	}
	return readXML(body)
}

func readXML(body []byte) (none requestFields, err error) {
	body, wasUTF16, err := decodeUTF16(body)
	if err != nil {
		return none, errMalformed
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	// The decoder never reads external entities, and knows no declared ones.
	dec := xml.NewDecoder(bytes.NewReader(body))
	dec.CharsetReader = charsetReader(wasUTF16)
	r := &requestReader{}
	for range maxTokens {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			if r.roots != 1 || r.requests != 1 {
				return none, errNoRequest
			}
			return r.requestFields, nil
		}
		if err != nil {
			return none, errMalformed
		}
		if err := r.take(token); err != nil {
			return none, err
		}
	}
	return none, errTooComplex
}

func (r *requestReader) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		r.path = append(r.path, t.Name.Local)
		return r.start(t.Name)
	case xml.EndElement:
		r.path = r.path[:len(r.path)-1]
		r.open = nil // a field has no children, so this ends it if anything
	case xml.CharData:
		if len(r.path) == 0 && len(bytes.Trim(t, " \t\r\n")) > 0 {
			return errStray
		}
		if r.open != nil {
			r.open.text = append(r.open.text, t...)
		}
	case xml.Directive:
		return errDirective
	case xml.Comment, xml.ProcInst:
	}
	return nil
}

// start opens an element, which is the last in the path already.
func (r *requestReader) start(name xml.Name) error {
	switch {
	case len(r.path) > maxDepth:
		return errTooComplex
	case r.open != nil:
		return errField
	case len(r.path) == 1:
		if r.roots++; r.roots > 1 {
			return errStray
		}
		if name.Local != "Autodiscover" {
			return errNoRequest
		}
		r.namespace = name.Space
	case len(r.path) == 2 && name.Local == "Request":
		if r.requests++; r.requests > 1 {
			return errNoRequest
		}
	case len(r.path) == 3 && r.path[1] == "Request":
		return r.openField(name.Local)
	}
	return nil
}

func (r *requestReader) openField(name string) error {
	if r.open = r.field([]byte(name)); r.open == nil {
		return nil
	}
	if r.open.seen {
		return errField
	}
	r.open.seen = true
	return nil
}
