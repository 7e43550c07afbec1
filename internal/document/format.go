package document

import (
	"fmt"
	"strings"

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
	AndroidQR                      // Thunderbird for Android: the text of a QR code
	AndroidFile                    // Thunderbird for Android: a settings file
)

// Formats lists every format.
var Formats = []Format{Autoconfig, Autodiscover, JSON, Mobileconfig, AndroidQR, AndroidFile}

// kinds has the properties of each format.
var kinds = [...]struct {
	name      string // on the command line
	mediaType string
	// anyOrigin: scripts of every site may read it. Mail clients in browsers ask for
	// config-v1.1 from their own origin.
	anyOrigin bool
	// unkept: no cache keeps it. In Autodiscover one URL answers GET and POST for
	// all addresses.
	unkept bool
	// personal: it is for one person, so an account without an address has none.
	personal bool
	compiler compiler
}{
	Autoconfig:   {"autoconfig", templates.XMLType, true, false, false, compileAutoconfig},
	Autodiscover: {"autodiscover", templates.XMLType, false, true, false, compileAutodiscover},
	JSON:         {"json", templates.JSONType, false, true, false, compileJSON},
	Mobileconfig: {"mobileconfig", profiles.ContentType, false, false, false, compileMobileconfig},
	AndroidQR:    {"android-qr", templates.JSONType, false, true, true, compileAndroid(templates.AndroidQR)},
	AndroidFile:  {"android-file", androidFileType, false, true, true, compileAndroid(templates.AndroidFile)},
}

// androidFileType is the media type with which the app itself saves its settings
// (SettingsExportViewModel.kt in thunderbird-android). Browsers save such a file
// instead of showing it.
const androidFileType = "application/octet-stream"

// String returns the format's name on the command line.
func (f Format) String() string { return kinds[f].name }

// ParseFormat reads a format's name.
func ParseFormat(s string) (Format, error) {
	var names []string
	for _, f := range Formats {
		if s == f.String() {
			return f, nil
		}
		names = append(names, f.String())
	}
	last := len(names) - 1
	return 0, fmt.Errorf("unknown format %q: use %s or %s", s, strings.Join(names[:last], ", "), names[last])
}

// MediaType returns the Content-Type that the document is sent with.
func (f Format) MediaType() string { return kinds[f].mediaType }

// AnyOrigin reports whether scripts of every site may read the document.
func (f Format) AnyOrigin() bool { return kinds[f].anyOrigin }

// Personal reports whether the document exists only for an account whose address and
// logins are known.
func (f Format) Personal() bool { return kinds[f].personal }
