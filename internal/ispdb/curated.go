package ispdb

import "mailsetup/internal/provider"

// The database does not say what kind of name a domain is, and its rules are looser than
// a table's. These two lists were checked by hand.

// exchangers are names of mail exchangers that are among the domains of a file but are
// never the domain of an address. Without this list, people would read
// "@kundenserver.de" as an address.
var exchangers = map[string]bool{
	"am0.yahoodns.net":            true,
	"cloudeu.xion.oxcs.net":       true,
	"cloudus.xion.oxcs.net":       true,
	"gm0.yahoodns.net":            true,
	"ispgateway.de":               true,
	"kundenserver.de":             true,
	"mail.am0.yahoodns.net":       true,
	"mail.gm0.yahoodns.net":       true,
	"mail.protection.outlook.com": true,
	"olc.protection.outlook.com":  true,
	"rzone.de":                    true,
	"schlund.de":                  true,
	"secureserver.net":            true,
	"yahoodns.net":                true,
	"your-server.de":              true,
}

// An endpoint is what may be odd about a server.
type endpoint struct {
	protocol provider.Protocol
	host     string
	port     uint16
	security provider.Security
}

// unusual are servers whose port or name looks like a mistake but is intended. No rule
// decides that: it would also let real mistakes through, such as an IMAP server on the
// port of SMTP.
var unusual = map[endpoint]bool{
	{provider.SMTP, "mobile.charter.net", 587, provider.TLS}: true,
	{provider.IMAP, "pop.cc9.ne.jp", 993, provider.TLS}:      true,
	{provider.IMAP, "pop.kelcom.net", 993, provider.TLS}:     true,
}
