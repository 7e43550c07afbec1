package ispdb

import "slices"

// taken are the elements that a conversion reads, by their parent. All others are only
// counted.
var taken = map[string][]string{
	"clientConfig":  {"emailProvider", "oAuth2", "webMail"},
	"emailProvider": {"domain", "displayName", "displayShortName", "displayNameShort", "incomingServer", "outgoingServer", "documentation"},
	"server":        {"hostname", "port", "socketType", "username", "authentication"},
	"documentation": {"descr"},
	"webMail":       {"loginPage"},
	"oAuth2":        {"issuer", "scope", "authURL", "tokenURL"},
}

// countIgnored counts the elements that are not read, without those inside them.
func (c *conversion) countIgnored() {
	c.ignored = make(map[string]int)
	c.countIn(c.root, "clientConfig")
}

func (c *conversion) countIn(parent *element, kind string) {
	for _, e := range parent.children {
		name, inside := e.name, e.name
		switch e.name {
		case "incomingServer", "outgoingServer":
			inside = "server"
			if t := e.attr("type"); t != "imap" && t != "smtp" {
				c.ignored[e.name+" "+quote(t)]++
				continue
			}
		}
		if slices.Contains(taken[kind], name) {
			c.countIn(e, inside)
			continue
		}
		if name == "" {
			name = "element with a namespace"
		}
		c.ignored[name]++
	}
}
