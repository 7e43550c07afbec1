package provider_test

import (
	"errors"
	"net/mail"
	"strings"
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

func TestParseAddress(t *testing.T) {
	local64 := strings.Repeat("x", 64)
	for _, tt := range []struct{ in, want string }{
		{"jane@icloud.com", "jane@icloud.com"},
		{"Jane.Appleseed@ICloud.com", "Jane.Appleseed@icloud.com"}, // the local part keeps its case
		{"jane+tag@icloud.com", "jane+tag@icloud.com"},
		{"o'neil@icloud.com", "o'neil@icloud.com"},
		{"a&b@c.d", "a&b@c.d"},
		{"a..b@mobile.test", "a..b@mobile.test"}, // phone companies gave these out
		{"a.@mobile.test", "a.@mobile.test"},
		{"a...@icloud.com", "a...@icloud.com"},
		{"!#$&'*+-/=?^_`{|}~@example.com", "!#$&'*+-/=?^_`{|}~@example.com"},
		{"jane@bücher.example", "jane@xn--bcher-kva.example"},
		{"jane@نامه\u200cای.example", "jane@xn--mgba3gch31f060k.example"}, // the joiner is part of the Persian word
		{local64 + "@example.com", local64 + "@example.com"},
		{local64 + "@" + strings.Repeat("a.", 91) + "example", local64 + "@" + strings.Repeat("a.", 91) + "example"},
	} {
		a, err := provider.ParseAddress(tt.in)
		if err != nil || a.String() != tt.want {
			t.Errorf("ParseAddress(%q) = %q, %v; want %q", tt.in, a, err, tt.want)
		}
	}
}

// crafted addresses have smuggled markup, other people's hosts or a client's unfilled
// template into some server's documents. All must be refused.
var crafted = []string{
	"", "@", "jane", "jane@", "@icloud.com", "jane@@icloud.com", "jane@joan@icloud.com",
	"<x/>@c.d", "]]>@c.d", `"q'"@c.d`, `"<&>"@icloud.com`, "a</string><key>b</key>@icloud.com", "jane@icloud.com</string>",
	"a\x01@c.d", "a\x00@c.d", "a\xff@c.d", "a\ufffe@c.d", "a\r\n@c.d", "a\u202e@c.d", "a\ud7ff@c.d", "a\U0001f600@c.d", "a\u200b@c.d",
	"jane@icloud.com\r\nBcc: joan@icloud.com", "jane@icloud.com\n", " jane@icloud.com", "jane@icloud.com ", "ja ne@icloud.com", "jane @icloud.com",
	"%EMAILADDRESS%@c.d", "%EMAILADDRESS%", "%40@icloud.com", "jane%40icloud.com",
	"jöan@icloud.com", "а@icloud.com",
	"jane,joan@icloud.com", "jane;joan@icloud.com", "jane:x@icloud.com", `jane\@icloud.com`, "jane(home)@icloud.com", "jane@icloud.com (home)",
	"Jane <jane@icloud.com>", "<jane@icloud.com>", "group: jane@icloud.com;", "mailto:jane@icloud.com",
	".jane@icloud.com", ".@icloud.com", "..jane@icloud.com", "jane@icloud.com.", "jane@.icloud.com",
	"jane@icloud.com\u200b", "jane@ic\u00adloud.com", "jane@\ufefficloud.com", "jane@icloud\u2060.com", "jane@icloud.c\ufe0fom", "jane@iclo\u034fud.com", "jane@icloud\u200c.com",
	"jane@localhost", "jane@192.0.2.1", "jane@[192.0.2.1]", "jane@[IPv6:2001:db8::1]", "jane@ic_loud.com", "jane@-icloud.com",
	strings.Repeat("x", 65) + "@example.com", strings.Repeat("x", 300), strings.Repeat("x", 64) + "@" + strings.Repeat("a.", 91) + "examples",
}

func TestParseAddressRefuses(t *testing.T) {
	for _, in := range crafted {
		a, err := provider.ParseAddress(in)
		if err == nil {
			t.Errorf("ParseAddress(%q) = %q", in, a)
			continue
		}
		if !errors.Is(err, provider.ErrAddress) {
			t.Errorf("ParseAddress(%q): %v does not wrap ErrAddress", in, err)
		}
		if len(in) > 3 && strings.Contains(err.Error(), in) || strings.Contains(err.Error(), "jane") {
			t.Errorf("the error contains the address and may reach a log: %v", err)
		}
		if !a.IsZero() || a.String() != "" {
			t.Errorf("ParseAddress(%q) returned %q with an error", in, a)
		}
	}
	// Only looks like icloud.com: a valid address, but at another domain.
	if a, err := provider.ParseAddress("jane@iclоud.com"); err == nil && a.Domain().String() == "icloud.com" {
		t.Error("a Cyrillic o counts as a Latin one")
	}
}

// TestAddressFaults: the error says what is wrong with the typed address.
func TestAddressFaults(t *testing.T) {
	for in, want := range map[string]provider.AddressFault{
		"":                                       provider.AddressMissingAt,
		"jane":                                   provider.AddressMissingAt,
		"jane.icloud.com":                        provider.AddressMissingAt,
		"jane@joan@icloud.com":                   provider.AddressTwoAts,
		"jane@@icloud.com":                       provider.AddressTwoAts,
		"ja ne@icloud.com":                       provider.AddressSpace,
		"jane@icloud.com ":                       provider.AddressSpace,
		"jane\u00a0@icloud.com":                  provider.AddressSpace,
		"jane,joan@icloud.com":                   provider.AddressSeparator,
		"jane@icloud,com":                        provider.AddressSeparator,
		"a@icloud.com; b@me.com":                 provider.AddressSeparator,
		"Jane <jane@icloud.com>":                 provider.AddressBracket,
		"jane@icloud.com (home)":                 provider.AddressBracket,
		`"jane"@icloud.com`:                      provider.AddressQuote,
		`jane\@icloud.com`:                       provider.AddressQuote,
		"jane%40icloud.com":                      provider.AddressPercent,
		"%EMAILADDRESS%@c.d":                     provider.AddressPercent,
		"jane@icloud.com\u200b":                  provider.AddressInvisible,
		"a\x00@c.d":                              provider.AddressInvisible,
		"jöan@icloud.com":                        provider.AddressNotASCII,
		"mailto:jane@icloud.com":                 provider.AddressCharacter,
		"@icloud.com":                            provider.AddressMissingLocal,
		".jane@icloud.com":                       provider.AddressLeadingDot,
		strings.Repeat("x", 65) + "@example.com": provider.AddressLongLocal,
		"jane@":                                  provider.AddressMissingDomain,
		"jane@icloud":                            provider.AddressDotlessDomain,
		"jane@icloud.com.":                       provider.AddressTrailingDot,
		"jane@ic_loud.com":                       provider.AddressInvalidDomain,
		"jane@icloud..com":                       provider.AddressInvalidDomain,
		strings.Repeat("x", 64) + "@" + strings.Repeat("a.", 91) + "examples": provider.AddressTooLong,
	} {
		_, err := provider.ParseAddress(in)
		fault, ok := errors.AsType[*provider.AddressError](err)
		if !ok {
			t.Errorf("ParseAddress(%q): %v is not an AddressError", in, err)
			continue
		}
		if fault.Fault != want {
			t.Errorf("ParseAddress(%q) finds %v, want %v", in, fault.Fault, want)
		}
	}
}

func TestAddressFolded(t *testing.T) {
	a, b := providertest.Address(t, "Jane.Doe@Example.com"), providertest.Address(t, "jane.doe@example.com")
	if a == b || a.Folded() != b.Folded() {
		t.Error("two spellings of one mailbox fold differently")
	}
	if a.String() != "Jane.Doe@example.com" {
		t.Error("folding changed the address itself")
	}
}

// FuzzParseAddress: an accepted address is unchanged after being written and read again,
// and means the same to net/mail.
func FuzzParseAddress(f *testing.F) {
	for _, s := range crafted {
		f.Add(s)
	}
	for _, s := range []string{"a..b@c.d", "a.@c.d", "a@b.c", "a&b@c.d", "Jane+tag@ICLOUD.com", "jane@bücher.example", "!#$&'*+-/=?^_`{|}~@example.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := provider.ParseAddress(s)
		if err != nil {
			return
		}
		text := a.String()
		if back, err := provider.ParseAddress(text); err != nil || back != a {
			t.Errorf("%q is %q, and that is %q, %v", s, text, back, err)
		}
		// net/mail, like other readers of RFC 5322, allows no dots in a row or at the end.
		plainDots := !strings.Contains(text, "..") && !strings.Contains(text, ".@")
		if m, err := mail.ParseAddress(text); plainDots && (err != nil || m.Address != text || m.Name != "") {
			t.Errorf("net/mail reads %q as %v, %v", text, m, err)
		}
		if text != a.LocalPart()+"@"+a.Domain().String() || len(text) > 254 || len(a.LocalPart()) > 64 {
			t.Errorf("%q became %q", s, text)
		}
	})
}
