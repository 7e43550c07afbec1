package templates

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"mailsetup/internal/fill"
	"mailsetup/internal/provider"
)

// Autodiscover v2 is a GET request, "where is protocol X for this address?".
// Microsoft does not document it; its form is known from what Outlook sends
// and Exchange answers, see
// https://github.com/mailcow/mailcow-dockerized/issues/2300.

// autodiscoverV1 is the only protocol that is answered: POX. If Outlook gets a
// URL for ActiveSync or EWS, it never tries IMAP.
const autodiscoverV1 = "AutodiscoverV1"

// IsAutodiscoverV1 reports whether a client asks where the POX document is.
// Outlook 16 writes Autodiscoverv1.
func IsAutodiscoverV1(protocol string) bool { return strings.EqualFold(protocol, autodiscoverV1) }

// AutodiscoverJSON points to the POX document. The URL must be absolute, http
// or https.
func AutodiscoverJSON(poxURL string) ([]byte, error) {
	u, err := url.Parse(poxURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return nil, fmt.Errorf("autodiscover: %q is not an absolute URL", poxURL)
	}
	return encodeJSON(struct {
		Protocol string
		URL      string `json:"Url"`
	}{autodiscoverV1, poxURL})
}

// A JSONErrorCode is what is wrong with an Autodiscover v2 request.
type JSONErrorCode uint8

// The error codes. Clients are known to check only the status sent with
// them: 400 for the first, 404 for the others.
const (
	// JSONInvalidProtocol: the request names no protocol, or one other than
	// AutodiscoverV1.
	JSONInvalidProtocol JSONErrorCode = iota + 1
	// JSONUnknownDomain: the domain is not served here.
	JSONUnknownDomain
	// JSONInvalidAddress: the address is invalid, and the host names no domain that
	// is served.
	JSONInvalidAddress
	// JSONNoSettings: the mail service has nothing for Outlook; see
	// [provider.ErrOAuth2Only].
	JSONNoSettings
)

// AutodiscoverJSONError says why there is no pointer. The protocol that was
// asked for is quoted with JSONInvalidProtocol, cut to 40 characters, and
// otherwise ignored. The fault belongs to JSONInvalidAddress.
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
		text = "The mail service of the given address takes no password from mail clients, so there are no settings to point to."
	default:
		return nil, fmt.Errorf("autodiscover: no JSON error code %d", code)
	}
	return encodeJSON(struct{ ErrorCode, ErrorMessage string }{name, text})
}

// shorten cuts a protocol's name. The longest names in Exchange Online, such as
// OutlookLocationsService, have fewer than 30 characters.
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

// encodeJSON also escapes markup, so that an answer is harmless if a
// browser is tricked into showing it as a page.
func encodeJSON(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("autodiscover: %w", err)
	}
	return append(data, '\n'), nil
}

// A PointerTemplate is [AutodiscoverJSON] compiled: the URL may contain the domain.
type PointerTemplate struct{ template fill.Template }

// CompileAutodiscoverJSON compiles the pointer. urlOf returns the URL of a domain's POX
// document.
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
