package templates

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"mailsetup/internal/fill"
	"mailsetup/internal/provider"
)

// Autodiscover v2 is a question by GET, "where is protocol X for this
// address?". Microsoft's documents leave it out; its form is known from what
// Outlook asks and Exchange answers, see
// https://github.com/mailcow/mailcow-dockerized/issues/2300.

// autodiscoverV1 is the one protocol that is answered: POX. Outlook takes a URL
// for ActiveSync or EWS at its word and then never tries IMAP.
const autodiscoverV1 = "AutodiscoverV1"

// IsAutodiscoverV1 reports whether a client asks where the POX document is.
// Outlook 16 writes Autodiscoverv1.
func IsAutodiscoverV1(protocol string) bool { return strings.EqualFold(protocol, autodiscoverV1) }

// AutodiscoverJSON points to the POX document. The URL must be absolute, http
// or https.
func AutodiscoverJSON(poxURL string) ([]byte, error) {
	u, err := url.Parse(poxURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return nil, fmt.Errorf("autodiscover: %q is no absolute URL to point to", poxURL)
	}
	return encodeJSON(struct {
		Protocol string
		URL      string `json:"Url"`
	}{autodiscoverV1, poxURL})
}

// A JSONErrorCode is what is wrong with an Autodiscover v2 request.
type JSONErrorCode uint8

// The error codes. Clients are known to look only at the status beside them:
// 400 for the first, 404 for the others.
const (
	// JSONInvalidProtocol: no protocol is named, or another than AutodiscoverV1.
	JSONInvalidProtocol JSONErrorCode = iota + 1
	// JSONUnknownDomain: the domain is not served here.
	JSONUnknownDomain
	// JSONInvalidAddress: what was given is no address, and the host names no domain
	// that is served.
	JSONInvalidAddress
	// JSONNoSettings: the mail service has nothing for Outlook; see
	// [provider.ErrOAuth2Only].
	JSONNoSettings
)

// AutodiscoverJSONError says why there is no pointer. The protocol that was
// asked for is quoted with JSONInvalidProtocol, cut to 40 characters, and not
// looked at otherwise. The fault is that of JSONInvalidAddress.
func AutodiscoverJSONError(code JSONErrorCode, protocol string, fault provider.AddressFault) ([]byte, error) {
	var name, text string
	switch code {
	case JSONInvalidProtocol:
		name = "InvalidProtocol"
		text = "The given protocol value '" + shorten(protocol) + "' is invalid. Supported values are '" + autodiscoverV1 + "'"
	case JSONUnknownDomain:
		name = "UnknownDomain"
		text = "The domain of the given address is not served here."
	case JSONInvalidAddress:
		name = "InvalidAddress"
		text = "The given address cannot be used: " + fault.Words() + "."
	case JSONNoSettings:
		name = "NoSettings"
		text = "The mail service of the given address takes no password from mail programs, so there are no settings to point to."
	default:
		return nil, fmt.Errorf("autodiscover: no JSON error code %d", code)
	}
	return encodeJSON(struct{ ErrorCode, ErrorMessage string }{name, text})
}

// shorten cuts a protocol's name. The longest that Exchange Online knows,
// OutlookLocationsService and its like, have less than 30 characters.
func shorten(protocol string) string {
	const most = 40
	count := 0
	for i := range protocol {
		if count == most {
			return protocol[:i] + "..."
		}
		count++
	}
	return protocol
}

// encodeJSON escapes markup, too: an answer that a browser is talked into
// showing as a page stays inert.
func encodeJSON(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("autodiscover: %w", err)
	}
	return append(data, '\n'), nil
}

// A PointerTemplate is [AutodiscoverJSON] compiled: the URL may hold the domain.
type PointerTemplate struct{ template fill.Template }

// CompileAutodiscoverJSON compiles the pointer. urlOf gives the URL of the POX document
// of a domain.
func CompileAutodiscoverJSON(urlOf func(provider.Domain) string) (*PointerTemplate, error) {
	tmpl, err := fill.Compile(fill.Escape{}, func(word string) (body []byte, marks fill.Values, err error) {
		d, err := provider.ParseDomain(word + "-domain.invalid")
		if err != nil {
			return nil, marks, err
		}
		marks[slotDomain] = d.String()
		body, err = AutodiscoverJSON(urlOf(d))
		return body, marks, err
	})
	return &PointerTemplate{tmpl}, err
}

// Append appends the pointer for a domain, whose characters JSON leaves as they are.
func (t *PointerTemplate) Append(dst []byte, d provider.Domain) []byte {
	return t.template.Append(dst, &fill.Values{slotDomain: d.String()})
}
