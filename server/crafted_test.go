package server

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mailsetup/profiles"
	"mailsetup/templates"
)

// crafted addresses try to smuggle something in. All of them contain "evil", so
// that any trace of one shows in a document for machines.
var crafted = []string{
	`a</string><key>IncomingMailServerHostName</key><string>mail.evil.example</string><key>x</key><string>@icloud.com`,
	`a</EMailAddress><evil/><EMailAddress>@icloud.com`,
	`a</username><hostname>mail.evil.example</hostname>@icloud.com`,
	`"<evil>&"@icloud.com`,
	`<evil/>@icloud.com`,
	`]]><evil>@icloud.com`,
	`"evil'q'"@icloud.com`,
	`evil"onfocus=alert(1)@icloud.com`,
	`"evil" <jane@icloud.com>`,
	`jane@icloud.com,evil@icloud.com`,
	`evil@evil@icloud.com`,
	`evil(comment)@icloud.com`,
	`evil jane@icloud.com`,
	`evil;jane@icloud.com`,
	`.evil@icloud.com`,
	`.evil..jane@icloud.com`,
	"evil\x00@icloud.com",
	"evil\x01@icloud.com",
	"evil\x1b[2J@icloud.com",
	"evil\x7f@icloud.com",
	"evil\xff\xfe@icloud.com",
	"evil\r\nX-Evil: 1\r\n\r\n@icloud.com",
	"evil\u0085@icloud.com",
	"evil\u2028@icloud.com",
	"evil\ufffe@icloud.com",
	"evil\u202e@icloud.com",
	"evil\u2066@icloud.com",
	"evil\u200b@icloud.com",
	"evil\ufeff@icloud.com",
	"evil\ud7ff@icloud.com",
	"evil\U0001f600@icloud.com",
	"evil-\u0430pple@icloud.com",
	`%EMAILADDRESS%evil@icloud.com`,
	`evil%s%n@icloud.com`,
	strings.Repeat("evil", 75) + "@icloud.com",
	"evil@" + strings.Repeat("evil.", 80) + "icloud.com",
	"evil@\u0456cloud.com",
	"evil@icl\u043eud.com",
	"evil@icloud.com.evil.example",
	"evil@icloud.com\x00.evil.example",
	"evil@icloud.com/../evil.example",
	"evil@icloud.com:25@evil.example",
	"evil@[17.57.155.34]",
	"evil@17.57.155.34",
	"evil@icloud",
	"evil@-icloud.com",
	"evil@icloud.com..",
	"evil@xn--icloud-.com",
}

// Odd as they look, these are valid addresses, and some are in use.
var odd = []string{
	`evil&jane@icloud.com`,
	`evil{{.x}}@icloud.com`,
	"evil${x}`|~!#*/?^=@icloud.com",
	`'evil'@icloud.com`,
	`evil+jane_x-y.z@icloud.com`,
}

// A probe is one way to bring an address to the server.
type probe struct {
	name, method, path, query, body string
	headers                         []string
	profile                         bool // only a valid address may get a document
	quotes                          bool // the answer quotes the request
}

func probesFor(address string) []probe {
	escaped := strings.ReplaceAll(url.QueryEscape(address), "+", "%20") // a plus would stay one
	var text bytes.Buffer
	xml.EscapeText(&text, []byte(address))
	form := "application/x-www-form-urlencoded"
	var all []probe
	get := func(path, query string, headers ...string) {
		all = append(all, probe{name: "GET " + path, method: "GET", path: path, query: query, headers: headers})
	}
	for _, host := range []string{"Host: autoconfig.icloud.com", "Host: 192.0.2.1"} {
		for _, q := range []string{"emailaddress=" + escaped, "emailaddress=" + address} {
			get("/mail/config-v1.1.xml", q, host)
			get("/.well-known/autoconfig/mail/config-v1.1.xml", q, host)
			get("/.well-known/mail-v1.xml", q, host)
			get("/v1.1/mail/config-v1.1.xml", q, host)
			get("/autodiscover/autodiscover.xml", q, host)
			get("/autodiscover/autodiscover.json", "Protocol=AutodiscoverV1&"+q, host)
		}
		get("/v1.1/"+address, "", host)
		get("/v1.1/"+address[strings.LastIndexByte(address, '@')+1:], "", host)
		get("/autodiscover/autodiscover.json/v1.0/"+address, "Protocol=AutodiscoverV1", host)
		all = append(all, probe{name: "GET protocol", method: "GET", path: "/autodiscover/autodiscover.json",
			query: "Email=jane@icloud.com&Protocol=" + escaped, headers: []string{host}, quotes: true})
		for _, body := range []string{poxRequest(address), poxRequest(text.String())} {
			all = append(all, probe{name: "POST POX", method: "POST", path: "/autodiscover/autodiscover.xml", body: body, headers: []string{host}})
		}
		for _, q := range []string{"emailaddress=" + escaped, "email=" + address} {
			all = append(all, probe{name: "GET profile", method: "GET", path: "/profile.mobileconfig", query: q, headers: []string{host}, profile: true})
		}
	}
	all = append(all,
		probe{name: "GET generic profile", method: "GET", path: "/profile/" + address + ".mobileconfig", profile: true},
		probe{name: "form address", method: "POST", path: "/", body: "emailaddress=" + escaped, headers: []string{"Content-Type: " + form}},
		probe{name: "form login", method: "POST", path: "/", body: "emailaddress=jane%40icloud.com&login=" + escaped, headers: []string{"Content-Type: " + form}},
		probe{name: "form name", method: "POST", path: "/", body: "emailaddress=jane&name=" + escaped, headers: []string{"Content-Type: " + form}},
		probe{name: "token", method: "GET", path: "/p/" + address + "/"},
		probe{name: "token's profile", method: "GET", path: "/p/" + address + "/icloud.mobileconfig", profile: true},
		probe{name: "asset", method: "GET", path: "/assets/" + address},
	)
	get("/mail/config-v1.1.xml", "", "Host: "+address)
	get("/autodiscover/autodiscover.xml", "", "Host: icloud.com", "X-Forwarded-Host: "+address, "X-Forwarded-Proto: http")
	get("/"+address, "")
	return all
}

// send passes a probe to the handler as net/http would, without the parsing
// that would reject some bytes.
func (p probe) send(s *Server) *httptest.ResponseRecorder {
	r := httptest.NewRequest(p.method, "/", strings.NewReader(p.body))
	r.RemoteAddr = "127.0.0.1:1"
	r.Host = "setup.example.com"
	r.URL.Path, r.URL.RawQuery = p.path, p.query
	for _, line := range p.headers {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			r.Host = value
		} else {
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	s.Public().ServeHTTP(w, r)
	return w
}

// If an attacker could fill a document that a trusted name serves, mail and
// password would go to the attacker's server. Other servers of this kind have
// been abused in this way.
func TestCraftedAddresses(t *testing.T) {
	s := newTestServer(t, "", func(cfg *Config) {
		cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	for _, address := range crafted {
		for _, p := range probesFor(address) {
			w := p.send(s)
			what := fmt.Sprintf("%s with %.60q", p.name, address)
			if p.profile && w.Code != 400 && w.Code != 404 {
				t.Errorf("%s: status %d", what, w.Code)
			}
			checkInert(t, what, address, w)
			if isMachine(w) && !p.quotes && bytes.Contains(bytes.ToLower(w.Body.Bytes()), []byte("evil")) {
				t.Errorf("%s: the document contains part of it:\n%s", what, w.Body)
			}
		}
	}
}

// An odd address comes back whole, and nothing around it changes.
func TestOddAddresses(t *testing.T) {
	s := newTestServer(t, "")
	for _, address := range odd {
		for _, p := range probesFor(address) {
			checkInert(t, fmt.Sprintf("%s with %q", p.name, address), address, p.send(s))
		}
		w := ask(s.Public(), "GET", "/profile.mobileconfig?emailaddress="+url.QueryEscape(address), "")
		if got := leaves(t, w.Body.Bytes())["string"]; w.Code != 200 || !slices.Contains(got, address) {
			t.Errorf("profile for %q: status %d, strings %q", address, w.Code, got)
		}
		w = ask(s.Public(), "GET", "/autodiscover/autodiscover.xml?Email="+url.QueryEscape(address), "")
		if got := leaves(t, w.Body.Bytes())["LoginName"]; w.Code != 200 || !slices.Contains(got, address) {
			t.Errorf("POX for %q: status %d, logins %q", address, w.Code, got)
		}
	}
}

// A name may be in any script and contain any character; it ends up in one
// value of the profile and nowhere else.
func TestOddNames(t *testing.T) {
	s := newTestServer(t, "")
	plain := ask(s.Public(), "GET", "/profile.mobileconfig?emailaddress=jane@icloud.com&name=Jane", "")
	for _, name := range []string{
		`</string><key>IncomingMailServerHostName</key><string>mail.evil.example`, `Jane "J" <jane@example.com>`,
		"Jane & Søn; 'x'", "%EMAILADDRESS% {{.x}} ]]>", "\U0001f468\u200d\U0001f469", "یاسمین\u200cها", "+1",
	} {
		escaped := strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
		w := ask(s.Public(), "GET", "/profile.mobileconfig?emailaddress=jane@icloud.com&name="+escaped, "")
		checkInert(t, "name "+name, name, w)
		got, want := leaves(t, w.Body.Bytes()), leaves(t, plain.Body.Bytes())
		if w.Code != 200 || !slices.Equal(got["key"], want["key"]) || !slices.Contains(got["string"], name) {
			t.Errorf("name %q: status %d, keys %q, strings %q", name, w.Code, got["key"], got["string"])
		}
	}
	for _, name := range []string{"a\x00", "a\nb", "\u202eevil", "\ufeff", "\xff", strings.Repeat("a", 257)} {
		w := ask(s.Public(), "GET", "/profile.mobileconfig?emailaddress=jane@icloud.com&name="+url.QueryEscape(name), "")
		if w.Code != 400 {
			t.Errorf("name %.20q: status %d, want 400", name, w.Code)
		}
	}
}

var sealedLink = regexp.MustCompile(`^/p/[A-Za-z0-9_-]+/$`)

func isMachine(w *httptest.ResponseRecorder) bool {
	return !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html")
}

// checkInert checks what no address may change: headers stay ours, documents
// are well formed and name only the table's hosts, pages contain no markup from
// the address.
func checkInert(t *testing.T, what, address string, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code >= 500 || w.Code == 401 {
		t.Errorf("%s: status %d", what, w.Code)
	}
	for name, values := range w.Header() {
		if name == "Location" && len(values) == 1 && sealedLink.MatchString(values[0]) {
			continue // random letters, which can spell anything
		}
		if got := strings.ToLower(name + ": " + strings.Join(values, ", ")); strings.Contains(got, "evil") || strings.ContainsAny(got, "\r\n\x00") {
			t.Errorf("%s: header %q", what, got)
		}
	}
	body := w.Body.Bytes()
	switch w.Header().Get("Content-Type") {
	case htmlType:
		if strings.ContainsAny(address, `<>"`) && bytes.Contains(body, []byte(address)) || bytes.Contains(body, []byte("<evil")) {
			t.Errorf("%s: the page contains the address unescaped", what)
		}
	case templates.JSONType:
		var answer struct {
			URL string `json:"Url"`
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Errorf("%s: %v in %s", what, err, body)
		}
		u, err := url.Parse(answer.URL)
		if err != nil || answer.URL != "" && u.Host != "autodiscover.icloud.com" {
			t.Errorf("%s: points to %q", what, answer.URL)
		}
	case templates.XMLType, profiles.ContentType:
		found := leaves(t, body)
		hosts := slices.Concat(found["hostname"], found["Server"], found["host values"])
		for _, host := range hosts {
			if host != "imap.mail.me.com" && host != "smtp.mail.me.com" {
				t.Errorf("%s: names the host %q", what, host)
			}
		}
		if w.Code == 200 && len(hosts) != 2 {
			t.Errorf("%s: 200 with %d hosts", what, len(hosts))
		}
	case "text/plain; charset=utf-8", "":
		if bytes.ContainsAny(body, "<>&@") {
			t.Errorf("%s: text body %q", what, body)
		}
	default:
		t.Errorf("%s: Content-Type %q", what, w.Header().Get("Content-Type"))
	}
}

// leaves reads an XML document or property list whole and returns the texts of
// its elements by name; a property list's values of HostName keys are under
// "host values".
func leaves(t *testing.T, document []byte) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	dec := xml.NewDecoder(bytes.NewReader(document))
	var open []string
	var text, key string
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Errorf("the document is not well formed: %v\n%s", err, document)
			return found
		}
		switch token := token.(type) {
		case xml.StartElement:
			open, text = append(open, token.Name.Local), ""
		case xml.CharData:
			text += string(token)
		case xml.EndElement:
			name := open[len(open)-1]
			open = open[:len(open)-1]
			found[name] = append(found[name], text)
			if name == "string" && strings.HasSuffix(key, "HostName") {
				found["host values"] = append(found["host values"], text)
			}
			if key = ""; name == "key" {
				key = text
			}
		}
	}
}
