package clients

import (
	"net/http"

	"mailsetup/internal/provider"
)

// Android's own Exchange client (AOSP) and the phone vendors' versions of it. It asks only
// for ActiveSync, and must be refused so that its mail client goes on to IMAP. A 200
// without ActiveSync is a hard failure, any other status is not. It sends the password with
// every POST, unasked. Rules:
// https://android.googlesource.com/platform/packages/apps/Exchange,
// .../eas/EasAutoDiscover.java.
var androidExchange = Client{
	Name:   "Android Exchange (ActiveSync)",
	Source: "https://android.googlesource.com/platform/packages/apps/Exchange/+/refs/heads/main/src/com/android/exchange/eas/EasAutoDiscover.java",
	Requests: func(a provider.Address) []Request {
		d := a.Domain().String()
		return []Request{
			mobileSyncPost("https://"+d+"/autodiscover/autodiscover.xml", a, ""),
			mobileSyncPost("https://autodiscover."+d+"/autodiscover/autodiscover.xml", a, ""),
			{Method: http.MethodGet, URL: "http://autodiscover." + d + "/autodiscover/autodiscover.xml", Format: MobileSync},
		}
	},
	Readings: []Reading{{Format: MobileSync, Read: readMobileSync, Limit: "takes no IMAP from ActiveSync's schema"}},
}

// ActiveSync's schemas, [MS-ASCMD] 2.2.3.
const (
	mobileSyncRequestSchema  = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006"
	mobileSyncResponseSchema = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
)

func mobileSyncPost(url string, a provider.Address, agent string) Request {
	header := http.Header{"Content-Type": {"text/xml"}}
	if agent != "" {
		header.Set("User-Agent", agent)
	}
	return Request{
		Method: http.MethodPost,
		URL:    url,
		Header: header,
		Body:   outlookRequest(a, mobileSyncRequestSchema, mobileSyncResponseSchema),
		Format: MobileSync,
	}
}

// readMobileSync never returns settings: ErrNext is the good outcome.
func readMobileSync(ans Answer, _ provider.Address) (Settings, error) {
	if ans.Status != http.StatusOK {
		return Settings{}, next("status %d", ans.Status)
	}
	root, err := androidPull.parse(ans)
	if err != nil {
		return Settings{}, deadEnd("%v", err)
	}
	settings := root.child("Response").child("Action").child("Settings")
	for _, s := range settings.all("Server") {
		if s.content("Type") == "MobileSync" && s.content("Url") != "" {
			return Settings{}, deadEnd("ActiveSync is announced there")
		}
	}
	return Settings{}, deadEnd("a success without ActiveSync")
}
