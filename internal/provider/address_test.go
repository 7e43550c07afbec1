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
		{"Jane.Appleseed@ICloud.com", "Jane.Appleseed@icloud.com"}, // the local part is the owner's business
		{"jane+tag@icloud.com", "jane+tag@icloud.com"},
		{"o'neil@icloud.com", "o'neil@icloud.com"},
		{"a&b@c.d", "a&b@c.d"},
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

// crafted addresses have carried markup, other people's hosts or a client's
// unfilled template into some server's documents. All must be refused.
var crafted = []string{
	"", "@", "jane", "jane@", "@icloud.com", "jane@@icloud.com", "jane@joan@icloud.com",
	"<x/>@c.d", "]]>@c.d", `"q'"@c.d`, `"<&>"@icloud.com`, "a</string><key>b</key>@icloud.com", "jane@icloud.com</string>",
	"a\x01@c.d", "a\x00@c.d", "a\xff@c.d", "a\ufffe@c.d", "a\r\n@c.d", "a\u202e@c.d", "a\ud7ff@c.d", "a\U0001f600@c.d", "a\u200b@c.d",
	"jane@icloud.com\r\nBcc: joan@icloud.com", "jane@icloud.com\n", " jane@icloud.com", "jane@icloud.com ", "ja ne@icloud.com", "jane @icloud.com",
	"%EMAILADDRESS%@c.d", "%EMAILADDRESS%", "%40@icloud.com", "jane%40icloud.com",
	"jöan@icloud.com", "а@icloud.com",
	"jane,joan@icloud.com", "jane;joan@icloud.com", "jane:x@icloud.com", `jane\@icloud.com`, "jane(home)@icloud.com", "jane@icloud.com (home)",
	"Jane <jane@icloud.com>", "<jane@icloud.com>", "group: jane@icloud.com;", "mailto:jane@icloud.com",
	".jane@icloud.com", "jane.@icloud.com", "ja..ne@icloud.com", "jane@icloud.com.", "jane@.icloud.com",
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
			t.Errorf("the error holds the address and may reach a log: %v", err)
		}
		if !a.IsZero() || a.String() != "" {
			t.Errorf("ParseAddress(%q) returned %q beside an error", in, a)
		}
	}
	// Only looks like icloud.com: an address, but at another domain.
	if a, err := provider.ParseAddress("jane@iclоud.com"); err == nil && a.Domain().String() == "icloud.com" {
		t.Error("a Cyrillic o passes for a Latin one")
	}
}

func TestAddressFolded(t *testing.T) {
	a, b := providertest.Address(t, "Jane.Doe@Example.com"), providertest.Address(t, "jane.doe@example.com")
	if a == b || a.Folded() != b.Folded() {
		t.Error("two spellings of one mailbox do not meet")
	}
	if a.String() != "Jane.Doe@example.com" {
		t.Error("folding changed the address itself")
	}
}

// FuzzParseAddress: an accepted address survives being written and read again,
// and means the same to net/mail.
func FuzzParseAddress(f *testing.F) {
	for _, s := range crafted {
		f.Add(s)
	}
	for _, s := range []string{"a@b.c", "a&b@c.d", "Jane+tag@ICLOUD.com", "jane@bücher.example", "!#$&'*+-/=?^_`{|}~@example.com"} {
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
		if m, err := mail.ParseAddress(text); err != nil || m.Address != text || m.Name != "" {
			t.Errorf("net/mail reads %q as %v, %v", text, m, err)
		}
		if text != a.LocalPart()+"@"+a.Domain().String() || len(text) > 254 || len(a.LocalPart()) > 64 {
			t.Errorf("%q became %q", s, text)
		}
	})
}
