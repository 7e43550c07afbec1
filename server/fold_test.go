package server

import (
	"strings"
	"testing"
)

// A spelling that is not folded is a 404 to some client: automx2, Stalwart and
// others had this as a bug. Tokens and assets must keep their case.
func TestFold(t *testing.T) {
	for path, want := range map[string]string{
		"/autodiscover/autodiscover.xml":                       "/autodiscover/autodiscover.xml",
		"/AutoDiscover/AutoDiscover.xml":                       "/autodiscover/autodiscover.xml",
		"/AUTODISCOVER/AUTODISCOVER.XML":                       "/autodiscover/autodiscover.xml",
		"/Autodiscover/Autodiscover.xml/":                      "/autodiscover/autodiscover.xml",
		"//autodiscover///autodiscover.xml":                    "/autodiscover/autodiscover.xml",
		"/Autodiscover/Autodiscover.json/v1.0/Jane@iCloud.com": "/autodiscover/autodiscover.json/v1.0/jane@icloud.com",
		"/mail/config-v1.1.xml/":                               "/mail/config-v1.1.xml",
		"/.well-known/autoconfig/mail/config-v1.1.xml/":        "/.well-known/autoconfig/mail/config-v1.1.xml",
		"/v1.1/icloud.com//":                                   "/v1.1/icloud.com",
		"/Mail/Config-v1.1.xml":                                "/mail/config-v1.1.xml",
		"/.Well-Known/AutoConfig/Mail/Config-V1.1.XML":         "/.well-known/autoconfig/mail/config-v1.1.xml",
		"/V1.1/iCloud.com":                                     "/v1.1/icloud.com",
		"/Profile/iCloud.mobileconfig":                         "/profile/icloud.mobileconfig",
		"/Profile.mobileconfig":                                "/profile.mobileconfig",
		"/p/AbCd-_/iCloud.mobileconfig":                        "/p/AbCd-_/iCloud.mobileconfig",
		"/P/AbCd/":                                             "/P/AbCd/",
		"/assets/Style-AbC.css":                                "/assets/Style-AbC.css",
		"/":                                                    "/",
		"":                                                     "",
		"//":                                                   "/",
		"/mail/\xff":                                           "/mail/\ufffd",
		"/autodiscover/" + strings.Repeat("/", 100) + "A":         "/autodiscover/a",
		"/autodi\u017fcover/autodiscover.xml":                     "/autodi\u017fcover/autodiscover.xml", // a long s is not an s
		"/.well-\u212anown/autoconfig/mail/config-v1.1.xml\u212a": "/.well-\u212anown/autoconfig/mail/config-v1.1.xml\u212a",
	} {
		if got := fold(path); got != want {
			t.Errorf("fold(%q) = %q, want %q", path, got, want)
		}
	}
}

// FuzzFold: folding twice is the same as folding once, and an unknown path
// keeps its letters.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"/AutoDiscover/AutoDiscover.xml/", "/p/AbC/", "//", "/profile\u0130", "/mail/\xff//", "/Autodiscover//"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		once := fold(path)
		if twice := fold(once); twice != once {
			t.Errorf("fold(%q) = %q, and folded again %q", path, once, twice)
		}
		if strings.Contains(once, "//") {
			t.Errorf("fold(%q) = %q keeps a double slash", path, once)
		}
		if strings.HasPrefix(once, "/p/") && strings.ReplaceAll(path, "/", "") != strings.ReplaceAll(once, "/", "") {
			t.Errorf("fold(%q) = %q changes a token", path, once)
		}
	})
}
