package clients

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"mailsetup/internal/provider"
)

// Microsoft's AutoDetect service, which asks for new Outlook and the mobile ones. How it
// handles a POX answer is unknown; these are the steps that server logs show: JSON for
// ActiveSync, JSON for the XML, then a POST in ActiveSync's schema. All must be refused in
// a way that leaves IMAP open: once a server announces an ActiveSync URL, no IMAP is set
// up. Sources: https://github.com/gronke/email-autodiscover/issues/4,
// https://github.com/Thorarin/MailClientAutoConfig/issues/3,
// https://github.com/Mailu/Mailu/issues/3961
var outlookCloud = Client{
	Name:       "Outlook (Microsoft's cloud)",
	FollowsSRV: true,
	Source:     "https://github.com/Mailu/Mailu/issues/3961",
	Evidence:   "by what server logs show, ",
	Requests: func(a provider.Address) []Request {
		d := a.Domain().String()
		inPath := jsonRequest(a, "Autodiscoverv1", cloudAgent)
		inPath.URL = "https://autodiscover." + d + "/autodiscover/autodiscover.json/v1.0/" +
			url.PathEscape(a.String()) + "?Protocol=Autodiscoverv1&RedirectCount=1"
		return []Request{
			jsonRequest(a, "ActiveSync", cloudAgent),
			jsonRequest(a, "Autodiscoverv1", cloudAgent),
			inPath,
			mobileSyncPost("https://autodiscover."+d+"/autodiscover/autodiscover.xml", a, cloudAgent),
		}
	},
	Readings: []Reading{
		{Format: AutodiscoverJSON, Read: func(ans Answer, a provider.Address) (Settings, error) {
			url, err := ReadAutodiscoverJSON(ans)
			if err != nil {
				return Settings{}, err
			}
			return Settings{}, &FollowUp{mobileSyncPost(url, a, cloudAgent)}
		}},
		{Format: MobileSync, Read: readMobileSync, Limit: "takes no IMAP from ActiveSync's schema"},
	},
}

const cloudAgent = "OutlookMobileCloudService-Autodetect/1.0.0"

// ReadAutodiscoverJSON returns the URL of the XML that a JSON answer (Autodiscover
// v2) contains. An answer for another protocol is a dead end: the client goes
// there and finds no IMAP.
func ReadAutodiscoverJSON(ans Answer) (string, error) {
	if ans.Status != http.StatusOK {
		return "", next("status %d", ans.Status)
	}
	// A map, because Go would match a struct's keys in any letter case.
	var doc map[string]any
	if json.Unmarshal(ans.Body, &doc) != nil {
		return "", next("no JSON object")
	}
	protocol, ok1 := doc["Protocol"].(string)
	where, ok2 := doc["Url"].(string)
	if !ok1 || !ok2 {
		return "", next("no Protocol or no Url")
	}
	if !strings.EqualFold(protocol, "AutodiscoverV1") {
		return "", deadEnd("it points to a protocol other than the XML's")
	}
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return "", next("the URL is not an absolute one of https")
	}
	return where, nil
}
