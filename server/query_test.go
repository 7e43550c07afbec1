package server

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Each of these is a query as some client writes it.
func TestParam(t *testing.T) {
	for _, c := range []struct {
		query, name string
		want        []string
	}{
		{"emailaddress=jane%40icloud.com", "emailaddress", []string{"jane@icloud.com"}},
		{"emailaddress=jane+news@icloud.com", "emailaddress", []string{"jane+news@icloud.com"}}, // GNOME Online Accounts
		{"emailaddress=jane%2Bnews%40icloud%2Ecom", "emailaddress", []string{"jane+news@icloud.com"}},
		{"emailaddress=jane%20news", "emailaddress", []string{"jane news"}},
		{"Email=a&EMAIL=b&email=c", "email", []string{"a", "b", "c"}}, // Outlook
		{"e%6Dail=a", "email", []string{"a"}},
		{"a=1&b=2", "email", nil},
		{"emailaddress=a", "email", nil},
		{"", "email", nil},
		{"&&&", "email", nil},
		{"email", "email", []string{""}},
		{"email=", "email", []string{""}},
		{"email=a=b", "email", []string{"a=b"}},
		{"email=a;email=b", "email", []string{"a;email=b"}},
		{"email=%", "email", nil},
		{"email=%zz&email=a", "email", []string{"a"}},
		{"%zz=a&email=b", "email", []string{"b"}},
		{"email=%00%0d%0a", "email", []string{"\x00\r\n"}},
	} {
		if got := param(c.query, c.name); !slices.Equal(got, c.want) {
			t.Errorf("param(%q, %q) = %q, want %q", c.query, c.name, got, c.want)
		}
	}
}

// A query that is not exactly one well-formed address counts as none:
// autoconfig routes go by the Host, and a profile route refuses it.
func TestQueryAddress(t *testing.T) {
	for query, want := range map[string]string{
		"emailaddress=jane%40icloud.com":                               "jane@icloud.com",
		"emailaddress=jane@icloud.com":                                 "jane@icloud.com",
		"emailaddress=jane+a@icloud.com":                               "jane+a@icloud.com",
		"emailaddress=jane%2Ba%40icloud.com":                           "jane+a@icloud.com",
		"emailaddress=jane%2540icloud.com":                             "jane@icloud.com", // old Thunderbirds
		"emailaddress=%20jane%40icloud.com%0a":                         "jane@icloud.com",
		"emailaddress=Jane@iCloud.com":                                 "Jane@icloud.com",
		"emailaddress=a..b@mobile.test":                                "a..b@mobile.test",
		"emailaddress=a.%40mobile.test":                                "a.@mobile.test",
		"Email=jane@icloud.com":                                        "jane@icloud.com",
		"x=1&EMAILADDRESS=jane@icloud.com&y=2":                         "jane@icloud.com",
		"emailaddress=jane@b%C3%BCcher.example":                        "jane@xn--bcher-kva.example",
		"emailaddress=a@icloud.com&email=b@me.com":                     "",
		"emailaddress=a@icloud.com&emailaddress=a@icloud.com":          "",
		"emailaddress=":                                                "",
		"emailaddress":                                                 "",
		"":                                                             "",
		"emailaddress=jane":                                            "",
		"emailaddress=@icloud.com":                                     "",
		"emailaddress=jane@":                                           "",
		"emailaddress=jane%252540icloud.com":                           "", // no client escapes three times
		"emailaddress=%EMAILADDRESS%":                                  "",
		"emailaddress=jane%40icloud.com,john%40me.com":                 "",
		"emailaddress=%22a%22@icloud.com":                              "",
		"emailaddress=a%3Cb%3E@icloud.com":                             "",
		"emailaddress=a@icloud.com%00":                                 "",
		"emailaddress=a%E2%80%AEb@icloud.com":                          "",
		"emailaddress=" + strings.Repeat("a", 65) + "@icloud.com":      "",
		"emailaddress=a@" + strings.Repeat("a.", 130) + "icloud.com":   "",
		"emailaddress=" + strings.Repeat("%25", 50_000) + "40icloud.c": "",
	} {
		a, err := queryAddress(query, "emailaddress", "email")
		if a.String() != want || (err == nil) != (want != "") {
			t.Errorf("queryAddress(%.80q) = %q, %v; want %q", query, a, err, want)
		}
	}
}

// FuzzParam: a value comes back as it was before escaping, and no query can
// crash the parser or be read twice.
func FuzzParam(f *testing.F) {
	for _, s := range []string{"emailaddress=jane%40icloud.com", "email=a+b&EMAIL=%2B", "%zz", "&=&", "é=%ff"} {
		f.Add(s, "jane+news@icloud.com")
	}
	f.Fuzz(func(t *testing.T, query, value string) {
		if got := param(query, "email"); len(got) > strings.Count(query, "&")+1 {
			t.Errorf("param(%q) has %d values", query, len(got))
		}
		escaped := strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
		if got := param("a=b&Email="+escaped+"&c", "email"); len(got) != 1 || got[0] != value {
			t.Errorf("%q came back as %q", value, got)
		}
		a, err := queryAddress(query, "email", "emailaddress")
		if again, failed := clientAddress(a.String()); err == nil && (failed != nil || again != a) {
			t.Errorf("%q is an address, but it does not read back", a)
		}
	})
}
