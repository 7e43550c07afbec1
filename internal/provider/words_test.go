package provider

import (
	"fmt"
	"strings"
	"testing"
)

// TestReadAsNumber: Thunderbird would send 123 for the login 0123. What it makes
// of each text was determined with its own parseText in JavaScript.
func TestReadAsNumber(t *testing.T) {
	for _, text := range []string{
		"0", "1", "123", "0123", "00", "-1", "+1", "1.5", "1.", ".5", "1e5", "1E5", "1e+5", "1e-5", "-1.5e-5", "12345678901234567890",
		"0x1F", "0X1f", "0o17", "0O17", "0b11", "0B11", "true", "false", "TRUE", "False", "1e308",
	} {
		if !readAsNumber(text) {
			t.Errorf("%q is taken for text", text)
		}
	}
	for _, text := range []string{
		"", "jane", "jane1", "1jane", "1-1", "1.2.3", "1e", "e5", "1e5.5", "0x", "0xg", "-0x1", "+0b1", "0b2", "0o8", "Infinity", "-Infinity", "NaN", "inf", "nan", "1_000", "0x1p3",
		"1e999", "truely", "yes", "null", "123@icloud.com", "2026-11-23", "+", "-", ".", "1+1",
	} {
		if readAsNumber(text) {
			t.Errorf("%q is taken for a number or a truth value", text)
		}
	}
}

// TestEnumWords: table and model use the same words, and an unset value says so.
func TestEnumWords(t *testing.T) {
	words := func(list ...fmt.Stringer) string { return strings.TrimSpace(fmt.Sprintln(anys(list)...)) }
	for got, want := range map[string]string{
		words(Protocol(0), IMAP, SMTP):                                                       "invalid protocol imap smtp",
		words(Security(0), securities[0], securities[1]):                                     "invalid security tls starttls",
		words(Auth(0), authWords[0], authWords[1], authWords[2]):                             "invalid auth password cram-md5 oauth2",
		words(Username(0), usernames[0], usernames[1]):                                       "invalid username address localpart",
		words(PasswordKind(0), passwordKinds[0], passwordKinds[1]):                           "invalid password kind account app-specific",
		words(ClassUnknown, ClassOwn, ClassHosted, Class(9)):                                 "unknown own hosted invalid class",
		words(GuideTopic(0), guideTopics[0], guideTopics[1], guideTopics[2], guideTopics[3]): "invalid guide topic apple password trouble question",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := Username(0).Of(Address{local: "jane", domain: Domain{"icloud.com"}}); !got.IsZero() {
		t.Errorf("an unset rule gives the login %q", got)
	}
}

func anys(list []fmt.Stringer) []any {
	var out []any
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

// TestParseLink: mailsetup's pages show these as links.
func TestParseLink(t *testing.T) {
	for _, ok := range []string{
		"https://support.apple.com/102525", "https://account.apple.com/", "https://example.com", "https://example.com:8443/a?b=c&d#e",
		"https://bücher.example/", "https://xn--bcher-kva.example/",
	} {
		if l, err := ParseLink(ok); err != nil || l.IsZero() || !strings.HasPrefix(l.String(), "https://") {
			t.Errorf("ParseLink(%q) = %q, %v", ok, l, err)
		}
	}
	for _, bad := range []string{
		"", "https:", "https://", "https:///path", "https:example.com", "http://example.com/", "HTTPS://example.com/", "//example.com/", "/path", "example.com",
		"javascript:alert(1)", "data:text/html,x", "mailto:jane@example.com", "ftp://example.com/",
		"https://jane@example.com/", "https://jane:secret@example.com/", "https://localhost/", "https://192.0.2.1/", "https://[2001:db8::1]/",
		"https://exa mple.com/", "https://example.com/\x00", "https://example.com/\n", " https://example.com/", "https://example.com\\@evil.test/", "https://example.com:port/",
	} {
		if l, err := ParseLink(bad); err == nil || !l.IsZero() {
			t.Errorf("ParseLink(%q) = %q", bad, l)
		} else if len(bad) > 10 && strings.Contains(err.Error(), bad) {
			t.Errorf("the error contains the input: %v", err)
		}
	}
}

// TestErrorForms: editors and terminals turn file:line:column into a link.
func TestErrorForms(t *testing.T) {
	for want, e := range map[string]Error{
		"own.yaml:12:9: providers.icloud.imap[0].port: invalid port 99999": {File: "own.yaml", Line: 12, Column: 9, Path: "providers.icloud.imap[0].port", Message: "invalid port 99999"},
		"own.yaml:12: invalid YAML":                                        {File: "own.yaml", Line: 12, Message: "invalid YAML"},
		"own.yaml: the file is empty":                                      {File: "own.yaml", Message: "the file is empty"},
	} {
		if e.Error() != want {
			t.Errorf("got %q, want %q", e.Error(), want)
		}
	}
	errs := Errors{{File: "a", Message: "x"}, {File: "b", Message: "y"}}
	if errs.Error() != "a: x\nb: y" || len(errs.Unwrap()) != 2 {
		t.Errorf("got %q", errs)
	}
}
