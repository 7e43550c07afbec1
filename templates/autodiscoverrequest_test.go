package templates

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailsetup/internal/provider"
)

const (
	outlook2006        = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
	outlook2006a       = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
	mobile2006         = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006"
	mobileResponse2006 = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
)

// request builds Outlook's request around the fields given.
func request(fields ...string) string {
	return `<Autodiscover xmlns="` + outlook2006 + `"><Request>` + strings.Join(fields, "") + `</Request></Autodiscover>`
}

func email(address string) string { return "<EMailAddress>" + address + "</EMailAddress>" }

func legacyDN(dn string) string { return "<LegacyDN>" + dn + "</LegacyDN>" }

func accepts(schema string) string {
	return "<AcceptableResponseSchema>" + schema + "</AcceptableResponseSchema>"
}

// Some client asks in each of these ways; a refusal would leave it without
// settings.
func TestParseAutodiscoverRequest(t *testing.T) {
	usual := request(email("jane@example.com"), accepts(outlook2006a))
	for _, tt := range []struct{ name, body, want string }{
		{"Outlook", `<?xml version="1.0" encoding="utf-8"?>` + usual, "jane@example.com"},
		{"schema before address", request(accepts(outlook2006a), email("jane@example.com")), "jane@example.com"},
		{"LegacyDN and the address", request(email("jane@example.com"), legacyDN("/o=x/cn=jane"), accepts(outlook2006a)), "jane@example.com"},
		{"empty LegacyDN", request(email("jane@example.com"), "<LegacyDN/>", accepts(outlook2006a)), "jane@example.com"},
		{"elements that are not known", request("<X><Y>1</Y></X>", email("jane@example.com"), accepts(outlook2006a)), "jane@example.com"},
		{"byte order mark", "\ufeff" + `<?xml version="1.0" encoding="UTF-8"?>` + "\r\n" + usual, "jane@example.com"},
		{"declared US-ASCII", `<?xml version="1.0" encoding="us-ascii"?>` + usual, "jane@example.com"},
		{"declared Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?>` + usual + "<!-- \xe9 -->", "jane@example.com"},
		{"declared Windows-1252", `<?xml version="1.0" encoding="windows-1252"?>` + usual + "<!-- \x80 -->", "jane@example.com"},
		{"UTF-16", utf16Text("\ufeff" + `<?xml version="1.0" encoding="utf-16"?>` + usual), "jane@example.com"},
		{"UTF-16 without a mark", utf16Text(`<?xml version="1.0" encoding="utf-16"?>` + usual), "jane@example.com"},
		{"encoding in any case", `<?xml version='1.0' encoding='Utf-8' standalone="yes"?>` + usual, "jane@example.com"},
		{"no declaration", usual, "jane@example.com"},
		{"blanks around everything", "\n " + request("\n  ", email(" \t\r\njane@example.com \n"), accepts("\r\n"+outlook2006a+" ")) + "\r\n\t", "jane@example.com"},
		{"comments and instructions", "<!-- a --><?a b?>" + usual + "<!-- b --><?c?>", "jane@example.com"},
		{"CDATA", request(email("<![CDATA[a&b@example.com]]>"), accepts(outlook2006a)), "a&b@example.com"},
		{"references", request(email("a&amp;b&#x27;c&#64;example.com"), accepts(outlook2006a)), "a&b'c@example.com"},
		{"plus sign", request(email("jane+news@example.com"), accepts(outlook2006a)), "jane+news@example.com"},
		{"domain in capitals", request(email("Jane@EXAMPLE.com"), accepts(outlook2006a)), "Jane@example.com"},
		{"domain in U-labels", request(email("jane@MÜNCHEN.test"), accepts(outlook2006a)), "jane@xn--mnchen-3ya.test"},
		{"https namespaces, as on Microsoft's pages", strings.ReplaceAll(usual, "http://", "https://"), "jane@example.com"},
		{"no namespace", strings.Replace(usual, ` xmlns="`+outlook2006+`"`, "", 1), "jane@example.com"},
		{"another namespace, but the right schema", strings.Replace(usual, outlook2006, "urn:x", 1), "jane@example.com"},
		{"qualified names", `<a:Autodiscover xmlns:a="` + outlook2006 + `"><a:Request><a:EMailAddress>jane@example.com</a:EMailAddress>` +
			`<a:AcceptableResponseSchema>` + outlook2006a + `</a:AcceptableResponseSchema></a:Request></a:Autodiscover>`, "jane@example.com"},
		{"no schema, Outlook's namespace", request(email("jane@example.com")), "jane@example.com"},
		{"no schema, that namespace with https", strings.Replace(request(email("jane@example.com")), "http:", "https:", 1), "jane@example.com"},
		{"no schema, no namespace", "<Autodiscover><Request>" + email("jane@example.com") + "</Request></Autodiscover>", "jane@example.com"},
		{"empty schema", request(email("jane@example.com"), "<AcceptableResponseSchema/>"), "jane@example.com"},
		{"Thunderbird with a bare ampersand", request(email("a&b@example.com"), accepts(outlook2006a)), "a&b@example.com"},
		{"several of them, one escaped", request(email("a&b&amp;c&&d@example.com"), accepts(outlook2006a)), "a&b&c&&d@example.com"},
		{"an ampersand at the end of the local part", request(email("a&@example.com"), accepts(outlook2006a)), "a&@example.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseAutodiscoverRequest([]byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if got.Address.String() != tt.want {
				t.Errorf("read %q, want %q", got.Address, tt.want)
			}
		})
	}
}

// The requests of Thunderbird 153, octet by octet. It inserts the address
// unescaped, so an ampersand breaks the XML.
func TestParseThunderbirdRequest(t *testing.T) {
	for file, want := range map[string]string{
		"thunderbird.xml":           "jane@icloud.com",
		"thunderbird-ampersand.xml": "a&b@example.com",
	} {
		body, err := os.ReadFile(filepath.Join("testdata", "request", file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseAutodiscoverRequest(body)
		if err != nil || got.Address.String() != want {
			t.Errorf("%s: %q %v", file, got.Address, err)
		}
	}
}

// Every refusal has the code that sends a client on to the next URL, and a text
// that may be logged: "canary" is wherever a text could quote the request.
func TestParseAutodiscoverRequestRefuses(t *testing.T) {
	usual := request(email("canary@example.com"), accepts(outlook2006a))
	const doctype = `<!DOCTYPE canary>`
	for _, tt := range []struct {
		name, body string
		code       AutodiscoverErrorCode
		cause      error
	}{
		{"empty", "", 600, errNoRequest},
		{"blanks", " \r\n\t", 600, errNoRequest},
		{"byte order mark alone", "\ufeff", 600, errNoRequest},
		{"comment alone", "<!-- canary -->", 600, errNoRequest},
		{"plain text", "canary", 600, errStray},
		{"JSON", `{"Email":"canary@example.com"}`, 600, errStray},
		{"a form", "email=canary%40example.com&password=x", 600, errStray},
		{"broken off", usual[:len(usual)-3], 600, errMalformed},
		{"tags that cross", "<Autodiscover><Request></Autodiscover></Request>", 600, errMalformed},
		{"not UTF-8", "\xff\xfe<\x00A\x00", 600, errMalformed},
		{"invalid UTF-8 in the address", request(email("canary\xff@example.com")), 600, errMalformed},
		{"declared UTF-16", `<?xml version="1.0" encoding="utf-16"?>` + usual, 600, errMalformed},
		{"declared Shift_JIS", `<?xml version="1.0" encoding="shift_jis"?>` + usual, 600, errMalformed},
		{"declared UTF-7", `<?xml version="1.0" encoding="utf-7"?>` + usual, 600, errMalformed},
		{"UTF-16 that declares Latin-1", utf16Text(`<?xml version="1.0" encoding="iso-8859-1"?>` + usual), 600, errMalformed},
		{"declared with another name", `<?xml version="1.0" encoding="canary"?>` + usual, 600, errMalformed},
		{"XML 1.1", `<?xml version="1.1"?>` + usual, 600, errMalformed},
		{"NUL reference", request(email("canary&#0;@example.com")), 600, errMalformed},
		{"prefix that closes another", "<a:Autodiscover><b:canary></c:canary></a:Autodiscover>", 600, errMalformed},
		{"document type", doctype + usual, 600, errDirective},
		{"document type after the declaration", `<?xml version="1.0"?>` + doctype + usual, 600, errDirective},
		{"document type and a bare ampersand", doctype + request(email("a&b@example.com")), 600, errDirective},
		{"own entity", `<!DOCTYPE x [<!ENTITY e "canary@example.com">]>` + request(email("&e;")), 600, errDirective},
		{"foreign entity", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///canary">]>` + request(email("&e;")), 600, errDirective},
		{"entity that is not declared", request(email("&canary;@example.com")), 600, provider.ErrAddress},
		{"another root", "<canary/>", 600, errNoRequest},
		{"root in another letter case", strings.ReplaceAll(usual, "Autodiscover", "autodiscover"), 600, errNoRequest},
		{"second root", usual + usual, 600, errStray},
		{"second root of another name", usual + "<canary/>", 600, errStray},
		{"text before", "canary" + usual, 600, errStray},
		{"text after", usual + "canary", 600, errStray},
		{"no Request", `<Autodiscover xmlns="` + outlook2006 + `"/>`, 600, errNoRequest},
		{"two Requests", "<Autodiscover><Request>" + email("a@example.com") + "</Request><Request>" + email("b@example.com") + "</Request></Autodiscover>", 600, errNoRequest},
		{"Request too deep", "<Autodiscover><X><Request>" + email("canary@example.com") + "</Request></X></Autodiscover>", 600, errNoRequest},
		{"address outside the Request", "<Autodiscover><Request/>" + email("canary@example.com") + "</Autodiscover>", 600, errNoAddress},
		{"address in another element", "<Autodiscover><Request/><X>" + email("canary@example.com") + "</X></Autodiscover>", 600, errNoAddress},
		{"address too deep", request("<X>" + email("canary@example.com") + "</X>"), 600, errNoAddress},
		{"no address", request(accepts(outlook2006a)), 600, errNoAddress},
		{"empty address", request(email(""), accepts(outlook2006a)), 600, errNoAddress},
		{"blank address", request(email(" \n"), accepts(outlook2006a)), 600, errNoAddress},
		{"two addresses", request(email("a@example.com"), email("canary@example.com")), 600, errField},
		{"the same address twice", request(email("a@example.com"), email("a@example.com")), 600, errField},
		{"two schemas", request(email("a@example.com"), accepts(outlook2006a), accepts(mobileResponse2006)), 600, errField},
		{"an element in the address", request(email("canary<b/>@example.com")), 600, errField},
		{"an address in the address", request(email(email("canary@example.com"))), 600, errField},
		{"no @", request(email("canary")), 600, provider.ErrAddress},
		{"two @", request(email("canary@canary@example.com")), 600, provider.ErrAddress},
		{"no domain", request(email("canary@")), 600, provider.ErrAddress},
		{"bad domain", request(email("jane@canary_.example.com")), 600, provider.ErrAddress},
		{"IP address", request(email("canary@[192.0.2.1]")), 600, provider.ErrAddress},
		{"display name", request(email("Canary &lt;canary@example.com&gt;")), 600, provider.ErrAddress},
		{"markup in the address", request(email("&lt;canary/&gt;@example.com")), 600, provider.ErrAddress},
		{"quoted local part", request(email(`"canary"@example.com`)), 600, provider.ErrAddress},
		{"unfilled template", request(email("%EMAILADDRESS%@example.com")), 600, provider.ErrAddress},
		{"control character", request(email("canary&#9;x@example.com")), 600, provider.ErrAddress},
		{"line break within", request(email("canary\n@example.com")), 600, provider.ErrAddress},
		{"direction override", request(email("canary\u202e@example.com")), 600, provider.ErrAddress},
		{"no-break space around", request(email("\u00a0canary@example.com")), 600, provider.ErrAddress},
		{"long local part", request(email(strings.Repeat("canary", 11) + "@example.com")), 600, provider.ErrAddress},
		{"long address", request(email("canary@" + strings.Repeat("a.", 125) + "test")), 600, provider.ErrAddress},
		{"over 16 KiB", usual + strings.Repeat(" ", maxRequest), 600, errTooLong},

		{"LegacyDN alone", request(legacyDN("/o=canary"), accepts(outlook2006a)), 500, errLegacyDN},
		{"LegacyDN and an empty address", request(email(" "), legacyDN("/o=canary")), 500, errLegacyDN},

		{"ActiveSync", `<Autodiscover xmlns="` + mobile2006 + `"><Request>` + email("canary@example.com") + accepts(mobileResponse2006) + "</Request></Autodiscover>", 601, errSchema},
		{"ActiveSync with blanks, as in Microsoft's sample", request(email("canary@example.com"), accepts("\n "+mobileResponse2006+"\n ")), 601, errSchema},
		{"ActiveSync of a bad address", request(email("canary"), accepts(mobileResponse2006)), 601, errSchema},
		{"ActiveSync without an address", request(accepts(mobileResponse2006)), 601, errSchema},
		{"ActiveSync by namespace alone", strings.Replace(request(email("canary@example.com")), outlook2006, mobile2006, 1), 601, errSchema},
		{"ActiveSync by namespace with https", strings.Replace(request(email("canary@example.com")), outlook2006, "https"+mobile2006[4:], 1), 601, errSchema},
		{"an unknown schema", request(email("a@example.com"), accepts("canary")), 601, errSchema},
		{"Outlook's older schema", request(email("a@example.com"), accepts(strings.TrimSuffix(outlook2006a, "a"))), 601, errSchema},
		{"the schema and more", request(email("a@example.com"), accepts(outlook2006a+" canary")), 601, errSchema},
		{"no schema, unknown namespace", strings.Replace(request(email("a@example.com")), outlook2006, "urn:canary", 1), 600, errNamespace},
		{"no schema, undeclared prefix", "<canary:Autodiscover><Request>" + email("a@example.com") + "</Request></canary:Autodiscover>", 600, errNamespace},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseAutodiscoverRequest([]byte(tt.body))
			refusal, ok := errors.AsType[*AutodiscoverError](err)
			if !ok {
				t.Fatalf("accepted, or not an AutodiscoverError: %v %v", got.Address, err)
			}
			if refusal.Code != tt.code || !errors.Is(err, tt.cause) {
				t.Errorf("refused by %d, %v; want %d, %v", refusal.Code, err, tt.code, tt.cause)
			}
			if strings.Contains(strings.ToLower(err.Error()), "canary") {
				t.Errorf("the error quotes the request: %v", err)
			}
			if !got.Address.IsZero() {
				t.Errorf("refused, but with the address %s", got.Address)
			}
		})
	}
}

// The bounds are exact: one token more is refused.
func TestParseAutodiscoverRequestBounds(t *testing.T) {
	nest := func(n int) string {
		inner := n - 2 // below Autodiscover and Request
		return request(email("a@example.com"), strings.Repeat("<x>", inner), strings.Repeat("</x>", inner))
	}
	wide := func(tokens int) string {
		have := 8 // three elements and the text of the address, and the end of the body
		return request(email("a@example.com"), strings.Repeat("<!---->", tokens-have))
	}
	long := func(n int) string {
		body := request(email("a@example.com"))
		return body + strings.Repeat(" ", n-len(body))
	}
	for _, tt := range []struct {
		name    string
		body    func(int) string
		most    int
		tooMuch error
	}{
		{"depth", nest, maxDepth, errTooComplex},
		{"tokens", wide, maxTokens, errTooComplex},
		{"octets", long, maxRequest, errTooLong},
	} {
		if _, err := ParseAutodiscoverRequest([]byte(tt.body(tt.most))); err != nil {
			t.Errorf("%s %d: %v", tt.name, tt.most, err)
		}
		if _, err := ParseAutodiscoverRequest([]byte(tt.body(tt.most + 1))); !errors.Is(err, tt.tooMuch) {
			t.Errorf("%s %d: %v", tt.name, tt.most+1, err)
		}
	}
}

// utf16Text returns ASCII text and a byte order mark in UTF-16LE.
func utf16Text(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}
