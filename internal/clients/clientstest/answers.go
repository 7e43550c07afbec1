package clientstest

import (
	"strings"
	"unicode/utf16"

	"mailsetup/internal/clients"
)

// answers have an odd status or media type, or are not documents of the format
// at all.
var answers = []edit{
	{name: "status 201", status: 201},
	{name: "status 203", status: 203},
	{name: "status 206", status: 206},
	{name: "status 400", status: 400},
	{name: "status 403", status: 403},
	{name: "status 404", status: 404},
	{name: "status 410", status: 410},
	{name: "status 418", status: 418},
	{name: "status 429", status: 429},
	{name: "status 500", status: 500},
	{name: "status 503", status: 503},

	{name: "type text/xml alone", ctype: "text/xml"},
	{name: "type application/xml", ctype: "application/xml"},
	{name: "type text/rdf", ctype: "text/rdf"},
	{name: "media type in capitals", ctype: "Text/XML"},
	{name: "type application/autoconfig+xml", ctype: "application/autoconfig+xml"},
	{name: "type application/octet-stream", ctype: "application/octet-stream"},
	{name: "type text/plain", ctype: "text/plain"},
	{name: "type text/html", ctype: "text/html; charset=utf-8"},
	{name: "type application/xhtml+xml", ctype: "application/xhtml+xml"},
	{name: "type application/json", ctype: "application/json"},
	{name: "type text/xml-external-parsed-entity", ctype: "text/xml-external-parsed-entity"},
	{name: "no type", ctype: "-"},
	{name: "type with a charset of capitals", ctype: "text/xml; charset=UTF-8"},
	{name: "type with an unknown charset", ctype: "text/xml; charset=x-none"},
	{name: "type with another charset", ctype: "text/xml; charset=iso-8859-1"},

	{name: "an empty body", old: whole, new: ""},
	{name: "blanks alone", old: whole, new: " \n "},
	{name: "plain text", old: whole, new: "Not here.\n"},
	{name: "an HTML page called XML", old: whole, new: "<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Hello<br></body></html>"},
	{name: "an HTML page", old: whole, new: "<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Hello<br></body></html>", ctype: "text/html"},
	{name: "an XHTML page", old: whole, new: declaration + `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Welcome</title></head><body><p>Hello</p></body></html>`},
	{name: "an XHTML page of its type", old: whole, new: declaration + `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Welcome</title></head><body/></html>`, ctype: "application/xhtml+xml"},
	{name: "JSON", old: whole, new: `{"error":"not found"}`, ctype: "application/json"},
	{name: "broken JSON", old: whole, new: `{"error":`, ctype: "application/json"},
	{name: "JSON called XML", old: whole, new: `{"error":"not found"}`},
	{name: "another XML document", old: whole, new: `<?xml version="1.0"?><rss version="2.0"><channel/></rss>`},
	{name: "a root element alone", old: whole, new: "<a/>"},
	{name: "an error document of Microsoft", old: whole, new: `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response><Error Time="12:00:00.0000000" Id="1"><ErrorCode>600</ErrorCode><Message>Invalid Request</Message><DebugData/></Error></Response></Autodiscover>`},
	{name: "an empty clientConfig", old: whole, new: `<clientConfig version="1.1"/>`},
	{name: "an empty emailProvider", old: whole, new: `<clientConfig version="1.1"><emailProvider/></clientConfig>`},
	{name: "an error page that is the document", status: 404, ctype: "text/html"},
}

// markups have odd XML, whatever its contents.
var markups = []edit{
	{name: "a line break before the declaration", new: "\n"},
	{name: "a blank before the declaration", new: " "},
	{name: "a comment before the declaration", new: "<!-- made by hand -->"},
	{name: "a warning of PHP before the declaration", new: "<br />\n<b>Warning</b>: Undefined index<br />\n"},
	{name: "text before the declaration", new: "ok "},
	{name: "a byte order mark", new: "\ufeff"},
	{name: "two byte order marks", new: "\ufeff\ufeff"},
	{name: "a byte order mark and a line break", new: "\ufeff\n"},
	{name: "no declaration", old: declaration, new: ""},
	{name: "a declaration of version 1.1", old: `<?xml version="1.0"`, new: `<?xml version="1.1"`},
	{name: "a declaration of version 2.0", old: `<?xml version="1.0"`, new: `<?xml version="2.0"`},
	{name: "a declaration without a version", old: ` version="1.0"`, new: ""},
	{name: "a declaration in single quotes", old: `<?xml version="1.0"`, new: `<?xml version='1.0'`},
	{name: "a declaration that is standalone", old: `?>`, new: ` standalone="yes"?>`},
	{name: "a declaration in capitals", old: `<?xml`, new: `<?XML`},
	{name: "two declarations", old: `?>`, new: `?>` + "\n" + `<?xml version="1.0"?>`},
	{name: "a style sheet", old: "?>", new: `?><?xml-stylesheet type="text/xsl" href="a.xsl"?>`},

	{name: "encoding in lower case", old: `encoding="UTF-8"`, new: `encoding="utf-8"`},
	{name: "encoding utf8", old: `encoding="UTF-8"`, new: `encoding="utf8"`},
	{name: "encoding ISO-8859-1", old: `encoding="UTF-8"`, new: `encoding="ISO-8859-1"`},
	{name: "encoding ISO-8859-1, no charset", old: `encoding="UTF-8"`, new: `encoding="ISO-8859-1"`, ctype: "text/xml"},
	{name: "encoding windows-1252, no charset", old: `encoding="UTF-8"`, new: `encoding="windows-1252"`, ctype: "text/xml"},
	{name: "encoding US-ASCII, no charset", old: `encoding="UTF-8"`, new: `encoding="US-ASCII"`, ctype: "text/xml"},
	{name: "encoding unknown", old: `encoding="UTF-8"`, new: `encoding="x-none"`},
	{name: "encoding unknown, no charset", old: `encoding="UTF-8"`, new: `encoding="x-none"`, ctype: "text/xml"},
	{name: "encoding utf-16 in UTF-8, no charset", old: `encoding="UTF-8"`, new: `encoding="utf-16"`, ctype: "text/xml"},
	{name: "an umlaut in ISO-8859-1, declared", old: whole, new: latin1(autoconfig), ctype: "text/xml", format: clients.Autoconfig},
	{name: "an umlaut in ISO-8859-1, declared in the type", old: whole, new: strings.Replace(autoconfig, "Example Mail", "B\xfccher", 1), ctype: "text/xml; charset=iso-8859-1", format: clients.Autoconfig},
	{name: "an umlaut in ISO-8859-1, undeclared", old: "example.com<", new: "example.com</domain><displayName>B\xfccher</displayName><domain>example.com<"},
	{name: "an umlaut in UTF-8", old: "Example Mail", new: "Bücher"},
	{name: "UTF-16 with a byte order mark, no charset", old: whole, new: inUTF16(strings.Replace(autoconfig, "UTF-8", "UTF-16", 1), true), ctype: "text/xml", format: clients.Autoconfig},
	{name: "UTF-16 with a byte order mark", old: whole, new: inUTF16(strings.Replace(autoconfig, "UTF-8", "UTF-16", 1), true), format: clients.Autoconfig},
	{name: "UTF-16 without a byte order mark, no charset", old: whole, new: inUTF16(strings.Replace(autoconfig, "UTF-8", "UTF-16", 1), false), ctype: "text/xml", format: clients.Autoconfig},

	{name: "a DOCTYPE", old: "?>", new: "?><!DOCTYPE clientConfig>"},
	{name: "a DOCTYPE with a system identifier", old: "?>", new: `?><!DOCTYPE clientConfig SYSTEM "http://example.com/a.dtd">`},
	{name: "an entity of its own", old: ">993<", new: ">&p;<"},
	{name: "an entity that is declared", old: whole, new: entities(`<!ENTITY h "imap.example.com">`, "imap.example.com", "&h;"), format: clients.Autoconfig},
	{name: "an external entity", old: whole, new: entities(`<!ENTITY h SYSTEM "file:///etc/hostname">`, "imap.example.com", "&h;"), format: clients.Autoconfig},
	{name: "an entity of HTML", old: "Example Mail", new: "Example&nbsp;Mail"},
	{name: "a bare ampersand", old: "Example Mail", new: "Smith & Sons"},
	{name: "a bare ampersand in a host name", old: "imap.example.com", new: "imap.example.com&amp"},
	{name: "an escaped ampersand", old: "Example Mail", new: "Smith &amp; Sons"},
	{name: "a character reference", old: "imap.example.com", new: "imap&#46;example&#x2e;com"},
	{name: "a reference to no character", old: "Example Mail", new: "Example&#0;Mail"},
	{name: "a control character", old: "Example Mail", new: "Example\x01Mail"},
	{name: "a bare less-than", old: "Example Mail", new: "Example < Mail"},
	{name: "a bare greater-than", old: "Example Mail", new: "Example > Mail"},
	{name: "]]> in text", old: "Example Mail", new: "Example ]]> Mail"},
	{name: "a less-than in an attribute", old: `id="example.com"`, new: `id="example.com" note="a<b"`},
	{name: "CDATA for a host name", old: "imap.example.com", new: "<![CDATA[imap.example.com]]>"},
	{name: "CDATA for every host name", old: ".example.com<", new: ".<![CDATA[example.com]]><"},
	{name: "CDATA for a port", old: "993", new: "<![CDATA[993]]>"},
	{name: "CDATA for a user name", old: "%EMAILLOCALPART%", new: "<![CDATA[%EMAILLOCALPART%]]>"},
	{name: "CDATA with an ampersand", old: "Example Mail", new: "<![CDATA[Smith & Sons]]>"},
	{name: "empty CDATA in a host name", old: "imap.example.com", new: "imap.<![CDATA[]]>example.com"},
	{name: "a comment in a host name", old: "imap.example.com", new: "imap.<!-- here -->example.com"},
	{name: "a comment in a port", old: ">993<", new: "><!-- here -->993<"},
	{name: "a comment with two hyphens", old: "Example Mail", new: "Example <!-- a -- b --> Mail"},
	{name: "a processing instruction in a host name", old: "imap.example.com", new: "imap.<?php echo 1 ?>example.com"},

	{name: "cut off at the last tag", old: "</clientConfig>\n", new: ""},
	{name: "cut off in the last tag", old: "</clientConfig>\n", new: "</clientCon"},
	{name: "cut off before the outgoing server", old: whole, new: cut(autoconfig, "<outgoingServer"), format: clients.Autoconfig},
	{name: "cut off in the outgoing server", old: whole, new: cut(autoconfig, "<port>587"), format: clients.Autoconfig},
	{name: "cut off in a port", old: whole, new: cut(autoconfig, "87</port>"), format: clients.Autoconfig},
	{name: "cut off at the last tag of POX", old: "</Autodiscover>\n", new: ""},
	{name: "cut off in the last Protocol", old: whole, new: cut(pox, "<Encryption>TLS"), format: clients.Autodiscover},
	{name: "text after the end", old: "</clientConfig>\n", new: "</clientConfig>\nok"},
	{name: "markup after the end", old: "</clientConfig>\n", new: "</clientConfig>\n<br/>"},
	{name: "a comment after the end", old: "</clientConfig>\n", new: "</clientConfig>\n<!-- cached -->"},
	{name: "two documents", old: whole, new: whole + "\n" + strings.TrimPrefix(autoconfig, declaration), format: clients.Autoconfig},
	{name: "a NUL after the end", old: "</clientConfig>\n", new: "</clientConfig>\n\x00"},
	{name: "text after the end of POX", old: "</Autodiscover>\n", new: "</Autodiscover>\nok"},
	{name: "markup after the end of POX", old: "</Autodiscover>\n", new: "</Autodiscover>\n<br/>"},

	{name: "a tag that is not closed", old: "</displayShortName>", new: ""},
	{name: "a tag that is closed twice", old: "</displayShortName>", new: "</displayShortName></displayShortName>"},
	{name: "tags that overlap", old: "</port>\n      <socketType>SSL</socketType>", new: "<socketType>SSL</port></socketType>"},
	{name: "an end tag in other letters", old: "</port>", new: "</Port>"},
	{name: "an attribute without quotes", old: `type="imap"`, new: `type=imap`},
	{name: "an attribute without a value", old: `type="imap"`, new: `type="imap" ssl`},
	{name: "an attribute twice", old: `type="imap"`, new: `type="imap" type="imap"`},
	{name: "an attribute in single quotes", old: `type="imap"`, new: `type='imap'`},
	{name: "attributes without a blank", old: `id="example.com"`, new: `id="example.com"lang="en"`},
	{name: "a blank in an end tag", old: "</port>", new: "</port >"},
	{name: "a tag name that begins with a digit", old: "<displayName>", new: "<1/><displayName>"},

	{name: "a default namespace", old: `<clientConfig version="1.1"`, new: `<clientConfig version="1.1" xmlns="http://www.mozilla.org/autoconfig"`},
	{name: "a namespace that nothing uses", old: `<clientConfig version="1.1"`, new: `<clientConfig version="1.1" xmlns:x="urn:x"`},
	{name: "a prefix on everything", old: whole, new: prefixed(autoconfig, "c"), format: clients.Autoconfig},
	{name: "a prefix on the servers", old: whole, new: strings.NewReplacer(`version="1.1"`, `version="1.1" xmlns:c="urn:c"`, "incomingServer", "c:incomingServer", "outgoingServer", "c:outgoingServer").Replace(autoconfig), format: clients.Autoconfig},
	{name: "a prefix that nothing binds", old: whole, new: strings.NewReplacer("displayShortName", "c:displayShortName").Replace(autoconfig), format: clients.Autoconfig},
	{name: "a prefix on an attribute that nothing binds", old: `id="example.com"`, new: `id="example.com" c:note="x"`},
	{name: "a prefix on the host name", old: whole, new: strings.NewReplacer(`version="1.1"`, `version="1.1" xmlns:c="urn:c"`, "hostname", "c:hostname").Replace(autoconfig), format: clients.Autoconfig},
	{name: "a prefix on the Response", old: whole, new: strings.NewReplacer(`<Response xmlns=`, `<a:Response xmlns:a=`, "</Response>", "</a:Response>").Replace(pox), format: clients.Autodiscover},
	{name: "POX without namespaces", old: whole, new: strings.NewReplacer(` xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"`, "", ` xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"`, "").Replace(pox), format: clients.Autodiscover},
}

// latin1 declares ISO-8859-1 and uses one of its letters.
func latin1(s string) string {
	return strings.NewReplacer("UTF-8", "ISO-8859-1", "Example Mail", "B\xfccher").Replace(s)
}

func inUTF16(s string, mark bool) string {
	var b strings.Builder
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	for _, u := range units {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

func entities(declared, old, new string) string {
	s := strings.Replace(autoconfig, old, new, 1)
	return strings.Replace(s, "?>", "?><!DOCTYPE clientConfig ["+declared+"]>", 1)
}

func cut(s, at string) string { return s[:strings.Index(s, at)] }

// prefixed adds a prefix to every element.
func prefixed(s, prefix string) string {
	s = strings.NewReplacer("</", "</"+prefix+":", "<?", "<?", "<", "<"+prefix+":").Replace(s)
	return strings.Replace(s, `version="1.1"`, `version="1.1" xmlns:`+prefix+`="urn:c"`, 1)
}
