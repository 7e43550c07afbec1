package export

import (
	"bytes"
	"fmt"

	"mailsetup/profiles"
	"mailsetup/templates"
)

// notFound is the body for whatever is not there, the same as the server's. Pages
// hosts send it from 404.html; without that file Cloudflare takes the site for an
// application and answers every path with its first page
// (https://developers.cloudflare.com/pages/configuration/serving-pages/).
const notFound = "No mail settings are known here for this domain.\n"

// A headerRule says what one path is sent with.
type headerRule struct {
	path      string // exact, or with a * at its end
	mediaType string
	cache     string
	anyOrigin bool
}

const (
	shared = "public, max-age=3600" // as the server has it
	never  = "private, no-store"
)

func autoconfigHeaders() []byte {
	var rules []headerRule
	for _, path := range []string{mainPath, wellKnownPath, mailV1Path} {
		rules = append(rules, headerRule{path, templates.XMLType, shared, true})
	}
	return headersFile(rules...)
}

func autodiscoverHeaders() []byte {
	return headersFile(
		headerRule{poxPath, templates.XMLType, never, false},
		headerRule{pointerPath, templates.JSONType, never, false},
	)
}

func databaseHeaders() []byte {
	return headersFile(
		headerRule{"/v1.1/*", templates.XMLType, shared, true},
		headerRule{"/profile/*", profiles.ContentType, shared, false},
	)
}

// headersFile writes a _headers file as Cloudflare Pages and Netlify read it
// (https://developers.cloudflare.com/pages/configuration/headers/,
// https://docs.netlify.com/manage/routing/headers/). No path may match two rules:
// Cloudflare joins the values of both with a comma. Netlify replaces its own
// Content-Type only if the name is spelled like this.
func headersFile(rules ...headerRule) []byte {
	var b bytes.Buffer
	for _, r := range rules {
		fmt.Fprintf(&b, "%s\n  Content-Type: %s\n  Cache-Control: %s\n", r.path, r.mediaType, r.cache)
		if r.anyOrigin {
			b.WriteString("  Access-Control-Allow-Origin: *\n")
		}
		b.WriteString("  X-Content-Type-Options: nosniff\n")
	}
	return b.Bytes()
}
