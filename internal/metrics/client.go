package metrics

import "strings"

// A Client is a family of client programs.
type Client uint8

// The families, as programs name themselves.
const (
	// Unnamed: it sends no User-Agent, like Delta Chat and eM Client.
	Unnamed Client = iota + 1
	Thunderbird
	// Outlook is the program itself, OutlookCloud Microsoft's service that asks for
	// Outlook on phones and for new Outlook.
	Outlook
	OutlookCloud
	Apple
	Browser
	Other
)

// String returns the label's value.
func (c Client) String() string {
	switch c {
	case Unnamed:
		return "unnamed"
	case Thunderbird:
		return "thunderbird"
	case Outlook:
		return "outlook"
	case OutlookCloud:
		return "outlook_cloud"
	case Apple:
		return "apple"
	case Browser:
		return "browser"
	case Other:
		return "other"
	}
	return "invalid"
}

// families are the words that identify programs; the first match counts. Those of
// Thunderbird and Outlook were seen in requests; CFNetwork is Apple's library.
var families = []struct {
	word   string
	family Client
}{
	{"Thunderbird/", Thunderbird},
	{"OutlookMobileCloudService", OutlookCloud},
	{"Microsoft Office/", Outlook},
	{"Microsoft Outlook", Outlook},
	{"CFNetwork/", Apple},
	{"Mozilla/5.0", Browser},
}

// ClientOf returns the family of a program by its User-Agent header.
func ClientOf(userAgent string) Client {
	if userAgent == "" {
		return Unnamed
	}
	const enough = 256 // octets; no known program needs more to name itself
	userAgent = userAgent[:min(len(userAgent), enough)]
	for _, f := range families {
		if strings.Contains(userAgent, f.word) {
			return f.family
		}
	}
	return Other
}
