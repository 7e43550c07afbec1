package ispdb

// A Reason says why a file, or a part of one, is not imported.
type Reason uint8

// The reasons. NoReason means that a file is imported.
const (
	NoReason Reason = iota

	// About the file.
	BadFileName
	IsLink
	TooLarge
	Unreadable
	BadEncoding
	HasDoctype
	InvalidXML
	NoClientConfig
	NoProvider
	SeveralProviders
	NoID
	TooManyParts

	// About the service.
	InvalidDomain
	NoDomain
	TooManyDomains
	NotForPlaceholder
	DomainTaken
	IDTaken
	TooLong
	InvalidLink
	AboutPOP
	IncompleteOAuth2
	RefusedByTable

	// About its servers.
	NoIMAP
	NoSMTP
	PlainIMAP
	PlainSMTP
	UnknownSecurity
	BadPlaceholder
	InvalidHost
	InvalidPort
	UnusualPort
	UnusualHost
	NoUsername
	UnknownUsername
	UnknownAuth
	NoAuth
)

var reasonWords = [...]string{
	NoReason: "no reason",

	BadFileName:      "unsuitable file name",
	IsLink:           "not a regular file",
	TooLarge:         "larger than 1 MiB",
	Unreadable:       "unreadable",
	BadEncoding:      "unknown character encoding",
	HasDoctype:       "document type or entity declarations",
	InvalidXML:       "invalid XML",
	NoClientConfig:   "not a clientConfig document",
	NoProvider:       "no emailProvider",
	SeveralProviders: "more than one emailProvider",
	NoID:             "emailProvider without a valid id",
	TooManyParts:     "too many domains, servers or pages",

	InvalidDomain:     "invalid domain",
	NoDomain:          "no usable domain",
	TooManyDomains:    "a placeholder for too many domains",
	NotForPlaceholder: "name of mail exchangers, not a value for a placeholder",
	DomainTaken:       "domain of another file",
	IDTaken:           "another file has the same id in the table",
	TooLong:           "too long, shortened",
	InvalidLink:       "invalid link",
	AboutPOP:          "about POP only",
	IncompleteOAuth2:  "incomplete OAuth 2 section",
	RefusedByTable:    "against the rules of the table",

	NoIMAP:          "no IMAP",
	NoSMTP:          "no SMTP",
	PlainIMAP:       "IMAP without encryption",
	PlainSMTP:       "SMTP without encryption",
	UnknownSecurity: "unknown socketType",
	BadPlaceholder:  "broken or unknown placeholder",
	InvalidHost:     "invalid host name",
	InvalidPort:     "invalid port",
	UnusualPort:     "port of another protocol or encryption",
	UnusualHost:     "host named after another protocol",
	NoUsername:      "no user name",
	UnknownUsername: "user name that is the same for everybody",
	UnknownAuth:     "unknown authentication method",
	NoAuth:          "no known authentication method",
}

// String returns the reason in words that follow a colon.
func (r Reason) String() string {
	if int(r) < len(reasonWords) {
		return reasonWords[r]
	}
	return "invalid reason"
}
