package export

import (
	"bytes"
	"fmt"

	"mailsetup/internal/document"
)

// notFoundFile returns what a static host sends for missing files. Without it, Cloudflare
// treats the site as an application and answers every path with its home page
// (https://developers.cloudflare.com/pages/configuration/serving-pages/).
func notFoundFile(folder string) file {
	return file{folder + "/404.html", []byte(document.NotFoundText)}
}

// A headerRule says at which path a format is, exactly or with a * at its end.
type headerRule struct {
	path   string
	format document.Format
}

func autoconfigHeaders() []byte {
	return headersFile(
		headerRule{document.ConfigPath, document.Autoconfig},
		headerRule{document.WellKnownPath, document.Autoconfig},
		headerRule{document.MailV1Path, document.Autoconfig},
	)
}

func autodiscoverHeaders() []byte {
	return headersFile(
		headerRule{document.AutodiscoverPath, document.Autodiscover},
		headerRule{pointerPath, document.JSON},
	)
}

func databaseHeaders() []byte {
	return headersFile(
		headerRule{document.DatabasePath + "*", document.Autoconfig},
		headerRule{document.ProfilePath + "*", document.Mobileconfig},
	)
}

// headersFile writes a _headers file as Cloudflare Pages and Netlify read it
// (https://developers.cloudflare.com/pages/configuration/headers/,
// https://docs.netlify.com/manage/routing/headers/). No path may match two rules:
// Cloudflare joins the values of both with a comma. Netlify replaces its own
// Content-Type only if the name is spelled like this.
func headersFile(rules ...headerRule) []byte {
	var b bytes.Buffer
	basis := document.Basis{Decision: document.ByPath} // a file is the same for everybody
	for _, r := range rules {
		fmt.Fprintf(&b, "%s\n  Content-Type: %s\n  Cache-Control: %s\n", r.path, r.format.MediaType(), basis.Found(r.format))
		if r.format.AnyOrigin() {
			b.WriteString("  Access-Control-Allow-Origin: *\n")
		}
		b.WriteString("  X-Content-Type-Options: nosniff\n")
	}
	return b.Bytes()
}
