package profiles

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"mailsetup/internal/clients/appleprofile"
	"mailsetup/internal/provider/providertest"
)

func TestParsePersonName(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{" \t\n\u00a0\u3000", ""},
		{"  Jane Appleseed\n", "Jane Appleseed"},
		{"J", "J"},
		{"Jane  O'Neil, Jr. <jane>", "Jane  O'Neil, Jr. <jane>"},
	} {
		got, err := ParsePersonName(tt.in)
		if err != nil || got.String() != tt.want || got.IsZero() != (tt.want == "") {
			t.Errorf("ParsePersonName(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
	for _, name := range roundTripNames {
		if got, err := ParsePersonName(name); err != nil || got.String() != name {
			t.Errorf("ParsePersonName(%q) = %q, %v", name, got, err)
		}
	}
}

func TestParsePersonNameRefuses(t *testing.T) {
	for why, in := range map[string]string{
		"257 characters":      strings.Repeat("ü", 257),
		"invalid UTF-8":       "Jane\xff",
		"invalid UTF-8 alone": "\xc3",
		"NUL":                 "Jane\x00",
		"line end":            "Jane\r\nBcc: x",
		"tab":                 "Jane\tA",
		"DEL":                 "Jane\x7f",
		"C1 control":          "Jane\u0085A",
		"line separator":      "Jane\u2028A",
		"paragraph separator": "Jane\u2029A",
		"bidi override":       "Jane\u202egro.elpmaxe",
		"bidi embedding":      "Jane\u202aA",
		"bidi isolate":        "Jane\u2066A",
		"replacement":         "J\ufffdne",
		"byte order mark":     "\ufeffJane",
		"noncharacter":        "Jane\ufffe",
		"noncharacter high":   "Jane\U0001ffff",
		"nothing to see":      "\u200d\u200e",
	} {
		got, err := ParsePersonName(in)
		if !errors.Is(err, ErrPersonName) || !got.IsZero() {
			t.Errorf("%s: got %q, %v; want ErrPersonName", why, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "Jane") {
			t.Errorf("%s: the error repeats the input: %v", why, err)
		}
	}
}

// An accepted name must come back unchanged from a profile and from its own
// text: tokens carry names as text.
func FuzzParsePersonName(f *testing.F) {
	for _, name := range roundTripNames {
		f.Add(name)
	}
	for _, s := range []string{"", " a ", "a\x00", "\xff", "a\u202eb", "\ufeff", "\u200d", strings.Repeat("a", 300)} {
		f.Add(s)
	}
	a := providertest.Account(f, providertest.Table(f, ""), "jane@icloud.com")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParsePersonName(s)
		if err != nil {
			if !n.IsZero() || !errors.Is(err, ErrPersonName) {
				t.Fatalf("%q with error %v", n, err)
			}
			return
		}
		if again, err := ParsePersonName(n.String()); err != nil || again != n {
			t.Fatalf("%q parses to %q, %v", n, again, err)
		}
		if utf8.RuneCountInString(n.String()) > 256 || strings.ContainsFunc(n.String(), unicode.IsControl) {
			t.Fatalf("accepted %q", n)
		}
		out := render(t, a, n)
		if found := appleprofile.Check(out); found != nil {
			t.Fatalf("%q: %v", n, found)
		}
		got, present := decodeMail(t, out)["EmailAccountName"]
		if present == n.IsZero() || present && got != n.String() {
			t.Fatalf("%q came back as %q", n, got)
		}
	})
}
