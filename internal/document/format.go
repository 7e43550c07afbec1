package document

import (
	"fmt"

	"mailsetup/profiles"
	"mailsetup/templates"
)

// A Format is a document that mail clients read.
type Format uint8

// The formats, by the client that reads them.
const (
	Autoconfig   Format = iota + 1 // Thunderbird and similar clients: config-v1.1
	Autodiscover                   // Outlook: the POX response
	JSON                           // Outlook: Autodiscover v2, the pointer to POX
	Mobileconfig                   // Apple devices: the configuration profile
)

// Formats lists every format.
var Formats = []Format{Autoconfig, Autodiscover, JSON, Mobileconfig}

// String returns the name by which the command line knows the format.
func (f Format) String() string {
	switch f {
	case Autoconfig:
		return "autoconfig"
	case Autodiscover:
		return "autodiscover"
	case JSON:
		return "json"
	case Mobileconfig:
		return "mobileconfig"
	}
	return "invalid format"
}

// ParseFormat reads a format's name.
func ParseFormat(s string) (Format, error) {
	for _, f := range Formats {
		if s == f.String() {
			return f, nil
		}
	}
	return 0, fmt.Errorf("unknown format %q: use autoconfig, autodiscover, json or mobileconfig", s)
}

// MediaType returns the Content-Type that the document is sent with.
func (f Format) MediaType() string {
	switch f {
	case Autoconfig, Autodiscover:
		return templates.XMLType
	case JSON:
		return templates.JSONType
	case Mobileconfig:
		return profiles.ContentType
	}
	return "application/octet-stream"
}

// AnyOrigin reports whether scripts of every site may read the document. Mail
// clients in browsers ask for config-v1.1 from their own origin.
func (f Format) AnyOrigin() bool { return f == Autoconfig }
