package document

import "testing"

func TestParsePublicURL(t *testing.T) {
	for s, want := range map[string]string{
		"https://setup.example.com":      "https://setup.example.com",
		"https://setup.example.com/":     "https://setup.example.com",
		"https://setup.example.com:8443": "https://setup.example.com:8443",
		"http://localhost:8080":          "http://localhost:8080",
		"http://192.0.2.1":               "http://192.0.2.1",
		"http://[2001:db8::1]:8080":      "http://[2001:db8::1]:8080",
		"http://mailserver":              "http://mailserver",
	} {
		u, err := ParsePublicURL(s)
		if err != nil || u.String() != want || u.IsZero() {
			t.Errorf("ParsePublicURL(%q) = %q, %v; want %q", s, u, err, want)
		}
	}
	// Each of these would end up in links, QR codes and Outlook's JSON.
	for _, s := range []string{
		"", "setup.example.com", "//setup.example.com", "ftp://setup.example.com", "https://",
		"https://setup.example.com/path", "https://setup.example.com?x=1", "https://setup.example.com#x",
		"https://jane@setup.example.com", "https://a b.example.com", "https://\"><x>", "https://exa\nmple.com",
		"https://-bad-.example.com", "https://setup..example.com", "javascript:alert(1)", "https://:8080",
		"https://setup.example.com:99999", "https://setup.example.com:0", "https://setup.example.com:x",
	} {
		if u, err := ParsePublicURL(s); err == nil {
			t.Errorf("ParsePublicURL(%q) = %q without an error", s, u)
		}
	}
}
