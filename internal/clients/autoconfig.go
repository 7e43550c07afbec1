package clients

import (
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"mailsetup/internal/provider"
)

// What the readers of config-v1.1 have in common: where the document is, and the
// placeholders. Everything else differs and is in each client's file.
// The format: https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat

// Mozilla's database, under the two names that clients use.
const (
	databaseThunderbird = "https://autoconfig.thunderbird.net/v1.1/"
	databaseISPDB       = "https://v1.ispdb.net/"
)

func mainURL(scheme string, d provider.Domain) string {
	return scheme + "://autoconfig." + d.String() + "/mail/config-v1.1.xml"
}

func wellKnownURL(scheme string, d provider.Domain) string {
	return scheme + "://" + d.String() + "/.well-known/autoconfig/mail/config-v1.1.xml"
}

// mailV1URL returns the first URL of draft-bucksch-autoconfig-00 to -02, section 4.1.
func mailV1URL(d provider.Domain) string {
	return "https://autoconfig." + d.String() + "/.well-known/mail-v1.xml"
}

// getAutoconfig returns a plain GET for config-v1.1.
func getAutoconfig(url string, timeout time.Duration) Request {
	return Request{Method: http.MethodGet, URL: url, Timeout: timeout, Format: Autoconfig}
}

// askDatabase returns a GET for the domain's file in Mozilla's database.
func askDatabase(base string, d provider.Domain, timeout time.Duration) Request {
	r := getAutoconfig(base+d.String(), timeout)
	r.Database = true
	return r
}

// fill replaces the three placeholders anywhere in the text.
func fill(s string, a provider.Address) string {
	return strings.NewReplacer(
		"%EMAILADDRESS%", a.String(),
		"%EMAILLOCALPART%", a.LocalPart(),
		"%EMAILDOMAIN%", a.Domain().String(),
	).Replace(s)
}

var hostPattern = regexp.MustCompile(`(?i)^(([a-z0-9]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])\.?$`)

// legalHost is Thunderbird's rule for host names, on the desktop
// (mailnews/base/src/hostnameUtils.sys.mjs) and on Android (HostNameUtils.kt): RFC 1123, or
// an IP address.
func legalHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	return len(s) <= 255 && hostPattern.MatchString(s)
}
