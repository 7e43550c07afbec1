package server

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"mailsetup/internal/document"
)

// machineFolders are the paths that clients request: ours, Exchange's and DAV's. Some
// clients read markup whatever the status, so no answer there is a page.
var machineFolders = []string{
	".well-known", "v1.1", "autodiscover", "profile", "profile.mobileconfig",
	"ews", "microsoft-server-activesync", "mapi", "rpc", "oab", "owa", "powershell", "api",
	"dav", "caldav", "carddav", "webdav", "principals", "calendars", "addressbooks", "remote.php", "sogo", "groupdav",
}

// answerNotFound answers with a page if a lost browser asks. A machine, such as a device
// that asks for a profile, gets no body.
func answerNotFound(x *exchange) {
	x.w.Header().Set("Vary", "Accept")
	if isLostBrowser(x.r) {
		answerErrorPage(x, http.StatusNotFound, errNotFound)
	} else {
		x.write(answer{status: http.StatusNotFound, cache: document.CacheNoStore})
	}
}

// isLostBrowser reports whether a request for an unknown path comes from a browser, so
// that a person should see a page. A browser names text/html; a client that accepts
// anything is a machine.
func isLostBrowser(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	first, rest, _ := strings.Cut(strings.ToLower(strings.TrimLeft(r.URL.Path, "/")), "/")
	if first == "mail" && strings.HasPrefix(rest, "config") {
		return false // people ask for /mail/ as well
	}
	for _, folder := range machineFolders {
		if first == folder || strings.HasPrefix(first, "autodiscover") {
			return false
		}
	}
	return acceptsHTML(r)
}

// acceptsHTML reports whether a client names text/html. One that accepts anything is a
// machine.
func acceptsHTML(r *http.Request) bool {
	for _, accept := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(accept, ",") {
			kind, params, err := mime.ParseMediaType(part)
			if err != nil || kind != "text/html" {
				continue
			}
			weight, err := strconv.ParseFloat(params["q"], 64)
			return err != nil || weight > 0 // a weight of 0 refuses it
		}
	}
	return false
}
