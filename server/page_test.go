package server

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Some programs drop the slash at the end of a link. The page is the same then, and an
// unknown link still gets a page that leads on, not the empty 404 that probing clients
// get.
func TestLinkWithoutSlash(t *testing.T) {
	s := newTestServer(t, "")
	w := ask(s.Public(), "POST", "/", "emailaddress=jane@icloud.com", "Content-Type: application/x-www-form-urlencoded")
	location := w.Header().Get("Location")
	w = ask(s.Public(), "GET", strings.TrimSuffix(location, "/"), "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `href="`+location+`icloud.mobileconfig"`) {
		t.Errorf("status %d, links to the profile: %v", w.Code, strings.Contains(w.Body.String(), location))
	}
	for _, path := range []string{"/p/nonsense", "/p/nonsense/", "/p/nonsense/icloud.mobileconfig"} {
		if w := ask(s.Public(), "GET", path, ""); w.Code != 404 || !strings.Contains(w.Body.String(), `name="emailaddress"`) {
			t.Errorf("%s: status %d without the form to start again", path, w.Code)
		}
	}
}

// An address copied from a web page may contain invisible characters. It is refused,
// and the field then shows it without them: sent again, it works.
func TestRefusedAddressIsShownClean(t *testing.T) {
	s := newTestServer(t, "")
	for _, typed := range []string{"jane@icloud.com\u200b", "ja\u00adne@icloud.com", "\u202ejane@icloud.com", "jane\x1b@icloud.com"} {
		form := url.Values{"emailaddress": {typed}}.Encode()
		w := ask(s.Public(), "POST", "/", form, "Content-Type: application/x-www-form-urlencoded")
		if w.Code != 400 || !strings.Contains(w.Body.String(), `value="jane@icloud.com"`) {
			t.Errorf("%q: status %d\n%s", typed, w.Code, w.Body)
		}
	}
}

// Where a service takes any account name, people may type theirs, digits included. The
// page and the profile carry it; autoconfig, which is not for one person, never does.
func TestAccountNameOnPage(t *testing.T) {
	s := newTestServer(t, `
providers:
  hoster:
    name: Hoster
    domains: [hoster.test]
    password: {kind: account}
    imap: [{host: imap.hoster.test, port: 993, security: tls, username: address}]
    smtp: [{host: smtp.hoster.test, port: 465, security: tls, username: address}]
    login: {domains: [hoster.test], any: true}
domains: {d.test: hoster}
`)
	post := func(login string) *httptest.ResponseRecorder {
		form := url.Values{"emailaddress": {"camille@d.test"}, "login": {login}}.Encode()
		return ask(s.Public(), "POST", "/", form, "Content-Type: application/x-www-form-urlencoded")
	}
	// The last is the address itself, which people of this domain log in with only if they
	// say so.
	for _, login := range []string{"m050a11d", "00123", "camille@elsewhere.test", "camille@d.test"} {
		w := post(login)
		path := w.Header().Get("Location")
		if w.Code != 303 {
			t.Fatalf("%s: status %d\n%s", login, w.Code, w.Body)
		}
		shown := strings.ReplaceAll(ask(s.Public(), "GET", path, "").Body.String(), "<wbr>", "")
		if !strings.Contains(shown, login) {
			t.Errorf("the page does not show %s", login)
		}
		profile := ask(s.Public(), "GET", path+"hoster.mobileconfig", "").Body.String()
		for _, key := range []string{"IncomingMailServerUsername", "OutgoingMailServerUsername"} {
			_, value, _ := strings.Cut(profile, "<key>"+key+"</key>")
			if !strings.HasPrefix(strings.TrimSpace(value), "<string>"+login+"</string>") {
				t.Errorf("%s is not %s in the profile:\n%s", key, login, profile)
			}
		}
	}
	for _, login := range []string{"a b", "%u", `DOMAIN\c`} {
		if w := post(login); w.Code != 400 || !strings.Contains(w.Body.String(), "the name you use to sign in there") {
			t.Errorf("%q: status %d\n%s", login, w.Code, w.Body)
		}
	}
	if w := ask(s.Public(), "GET", "/mail/config-v1.1.xml?emailaddress=camille@d.test", "", "Host: autoconfig.d.test"); strings.Contains(w.Body.String(), "m050a11d") || !strings.Contains(w.Body.String(), "%EMAILADDRESS%") {
		t.Errorf("autoconfig: %s", w.Body)
	}
}

// Where an address is refused, the answer to a machine also says what is wrong with it.
// Only people who try things out read that, and no status changes because of it.
func TestRefusedAddressIsTold(t *testing.T) {
	s := newTestServer(t, "")
	for address, want := range map[string]string{
		".jane@icloud.com": "begins with a dot", "ja ne@icloud.com": "contains a space", "jane@@icloud.com": "more than one @", "jane@icloud": "missing dot after the @",
	} {
		w := ask(s.Public(), "POST", "/autodiscover/autodiscover.xml", poxRequest(address))
		if w.Code != 400 || !strings.Contains(w.Body.String(), want) || strings.Contains(w.Body.String(), address) {
			t.Errorf("POX, %s: status %d\n%s", address, w.Code, w.Body)
		}
		w = ask(s.Public(), "GET", "/autodiscover/autodiscover.json?Protocol=AutodiscoverV1&Email="+url.PathEscape(address), "", "Host: setup.example.net")
		if w.Code != 404 || !strings.Contains(w.Body.String(), want) || strings.Contains(w.Body.String(), address) {
			t.Errorf("JSON, %s: status %d\n%s", address, w.Code, w.Body)
		}
		w = ask(s.Public(), "GET", "/profile.mobileconfig?emailaddress="+url.PathEscape(address), "")
		if w.Code != 400 || strings.Contains(w.Header().Get("Location"), "jane") {
			t.Errorf("profile, %s: status %d", address, w.Code)
		}
	}
}
