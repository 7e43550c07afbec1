package templates

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// Outlook 16 asks for Autodiscoverv1; ActiveSync and EWS must never be mistaken
// for it, because their answer would end the search for IMAP.
func TestIsAutodiscoverV1(t *testing.T) {
	for protocol, want := range map[string]bool{
		"AutodiscoverV1": true, "Autodiscoverv1": true, "autodiscoverv1": true, "AUTODISCOVERV1": true,
		"": false, "Autodiscover": false, "AutodiscoverV2": false, "ActiveSync": false, "Ews": false, " AutodiscoverV1": false,
	} {
		if got := IsAutodiscoverV1(protocol); got != want {
			t.Errorf("%q: %v", protocol, got)
		}
	}
}

func TestAutodiscoverJSON(t *testing.T) {
	got, err := AutodiscoverJSON("https://autodiscover.example.com/autodiscover/autodiscover.xml")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Protocol":"AutodiscoverV1","Url":"https://autodiscover.example.com/autodiscover/autodiscover.xml"}` + "\n"
	if string(got) != want {
		t.Errorf("got %s want %s", got, want)
	}
	for _, ok := range []string{"http://localhost:8080/x", "http://192.0.2.1/x", "https://[2001:db8::1]:8443/x"} {
		if _, err := AutodiscoverJSON(ok); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
	for _, bad := range []string{"", "/autodiscover/autodiscover.xml", "//example.com/x", "https:///x", "https://:443/x", "ftp://example.com/x", "%"} {
		if doc, err := AutodiscoverJSON(bad); err == nil {
			t.Errorf("%q: a pointer to an unusable URL: %s", bad, doc)
		}
	}
}

func TestAutodiscoverJSONError(t *testing.T) {
	const invalid = "The given protocol value '%' is invalid. Supported values are 'AutodiscoverV1'"
	for _, tt := range []struct {
		name, protocol, quoted string
	}{
		{"ActiveSync", "ActiveSync", "ActiveSync"},
		{"none", "", ""},
		{"markup", `<script>"'\`, `<script>"'\`},
		{"control characters", "a\x00\n\u202e", "a\x00\n\u202e"},
		{"longest", strings.Repeat("a", 40), strings.Repeat("a", 40)},
		{"too long", strings.Repeat("a", 41), strings.Repeat("a", 40) + "..."},
		{"too long in UTF-8", strings.Repeat("ü", 1000), strings.Repeat("ü", 40) + "..."},
		{"not UTF-8", "\xff\xfe", "\ufffd\ufffd"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := AutodiscoverJSONError(JSONInvalidProtocol, tt.protocol, 0)
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ ErrorCode, ErrorMessage string }
			if err := json.Unmarshal(doc, &got); err != nil {
				t.Fatalf("%v: %s", err, doc)
			}
			if want := strings.Replace(invalid, "%", tt.quoted, 1); got.ErrorCode != "InvalidProtocol" || got.ErrorMessage != want {
				t.Errorf("%+v", got)
			}
			if strings.ContainsAny(string(doc), "<>") || !utf8.Valid(doc) || len(doc) > 600 {
				t.Errorf("not inert or too long: %s", doc)
			}
		})
	}
	doc, err := AutodiscoverJSONError(JSONUnknownDomain, "", 0)
	if want := `{"ErrorCode":"UnknownDomain","ErrorMessage":"The domain of the given address is not served here."}` + "\n"; err != nil || string(doc) != want {
		t.Errorf("%s %v", doc, err)
	}
	if doc, err := AutodiscoverJSONError(0, "", 0); err == nil {
		t.Errorf("code 0: %s", doc)
	}
}
