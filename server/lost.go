package server

import (
	"mime"
	"net/http"
	"strings"
)

// machineFolders are where clients of mail servers look for something: ours, Exchange's and
// those of DAV. Some of them read markup whatever the status says, so nothing there gets a
// page.
var machineFolders = []string{
	"mail", ".well-known", "v1.1", "autodiscover", "profile", "profile.mobileconfig",
	"ews", "microsoft-server-activesync", "mapi", "rpc", "oab", "owa", "powershell", "api",
	"dav", "caldav", "carddav", "webdav", "principals", "calendars", "addressbooks", "remote.php", "sogo", "groupdav",
}

// isLostBrowser reports whether a request for a path that is none of ours comes from a
// browser, whose person should see a page. A browser names text/html; who accepts anything
// is a machine.
func isLostBrowser(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimLeft(r.URL.Path, "/")), "/")
	for _, folder := range machineFolders {
		if first == folder || strings.HasPrefix(first, "autodiscover") {
			return false
		}
	}
	for _, accept := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(accept, ",") {
			if kind, _, err := mime.ParseMediaType(part); err == nil && kind == "text/html" {
				return true
			}
		}
	}
	return false
}
