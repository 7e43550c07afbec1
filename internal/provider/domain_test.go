package provider_test

import (
	"errors"
	"strings"
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// TestParseDomain: two spellings of a name must find the same settings.
func TestParseDomain(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, tt := range []struct{ in, want string }{
		{"icloud.com", "icloud.com"},
		{"ICloud.COM", "icloud.com"},
		{"icloud.com.", "icloud.com"},
		{"a.b", "a.b"},
		{"r3---sn.example.com", "r3---sn.example.com"},
		{"1.example.com", "1.example.com"},
		{"163.com", "163.com"},
		{"0x.example.com", "0x.example.com"},
		{long + ".example.com", long + ".example.com"},
		{"bücher.example", "xn--bcher-kva.example"},
		{"BÜCHER.Example", "xn--bcher-kva.example"},
		{"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
		{"straße.example", "xn--strae-oqa.example"}, // not transitional: ß does not become ss
		{"ⅷ.example", "viii.example"},               // as clients fold it for a look-up
		{"ｉｃｌｏｕｄ．ｃｏｍ", "icloud.com"},                // full-width
		{"example。com", "example.com"},              // ideographic full stop
		{"пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"},
		{"مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv"},
		{"a\u00ad.example", "a.example"}, // a soft hyphen is dropped
	} {
		d, err := provider.ParseDomain(tt.in)
		if err != nil || d.String() != tt.want {
			t.Errorf("ParseDomain(%q) = %q, %v; want %q", tt.in, d, err, tt.want)
		}
	}
}

// TestParseDomainRefuses: a name that DNS, TLS or a client's parser would read as
// something else must not reach a table or a document.
func TestParseDomainRefuses(t *testing.T) {
	long := strings.Repeat("a", 63) + "."
	for _, in := range []string{
		"", ".", "..", "com", "localhost", "com.",
		".example.com", "example..com", "example.com..", "example.com。",
		"-example.com", "example-.com", "exa_mple.com", "exa mple.com", " example.com", "example.com ", "*.example.com",
		"example.com:443", "https://example.com", "example.com/", "example.com?x", "jane@example.com", "<b>.example.com", `"example".com`, "%EMAILDOMAIN%.com",
		"example.com\n", "exam\x00ple.com", "exa\u202emple.com", "exam\ufffeple.com", "exam\xffple.com", "a\u200bb\u2028.com",
		"192.0.2.1", "192.0.2.1.", "[192.0.2.1]", "127.1", "1.2.3.4.5", "１９２.0.2.1", "example.123", "example.0x1f", "example.0x",
		"2001:db8::1", "[2001:db8::1]", "fe80::1%eth0",
		strings.Repeat("a", 64) + ".com", long + long + long + long + "com", strings.Repeat("a.", 600) + "com", strings.Repeat("ü.", 200) + "com",
		"xn--.com", "xn--a.com", "xn--icloud-.com", "xn--0.com",
		"אa.example", // writing directions mixed in one label
	} {
		d, err := provider.ParseDomain(in)
		if err == nil {
			t.Errorf("ParseDomain(%q) = %q", in, d)
			continue
		}
		if !errors.Is(err, provider.ErrDomain) {
			t.Errorf("ParseDomain(%q): %v does not wrap ErrDomain", in, err)
		}
		if len(in) > 8 && strings.Contains(err.Error(), in) {
			t.Errorf("the error contains the input, which may be an address, and may reach a log: %v", err)
		}
		if !d.IsZero() || d.String() != "" {
			t.Errorf("ParseDomain(%q) returned %q with an error", in, d)
		}
	}
}

// TestLookAlikes: a name that only looks like a served one is a different name.
func TestLookAlikes(t *testing.T) {
	icloud := providertest.Domain(t, "icloud.com")
	for _, in := range []string{"іcloud.com", "iclοud.com", "icIoud.com", "1cloud.com", "icloud.com.example", "ìcloud.com", "icloud.соm"} {
		if d, err := provider.ParseDomain(in); err == nil && d == icloud {
			t.Errorf("%q counts as %s", in, icloud)
		}
	}
}

func TestDomainUnicode(t *testing.T) {
	for in, want := range map[string]string{"xn--bcher-kva.example": "bücher.example", "icloud.com": "icloud.com"} {
		if got := providertest.Domain(t, in).Unicode(); got != want {
			t.Errorf("%s reads %q, want %q", in, got, want)
		}
	}
}

// TestDomainWithin: somebody who registers notmail.icloud.com.example, or an MX
// that merely ends in the same letters, must not count as iCloud.
func TestDomainWithin(t *testing.T) {
	for _, tt := range []struct {
		name, parent string
		want         bool
	}{
		{"mail.icloud.com", "mail.icloud.com", true},
		{"mx01.mail.icloud.com", "mail.icloud.com", true},
		{"a.b.mail.icloud.com", "mail.icloud.com", true},
		{"notmail.icloud.com", "mail.icloud.com", false},
		{"icloud.com", "mail.icloud.com", false},
		{"mail.icloud.com.example.com", "mail.icloud.com", false},
	} {
		if got := providertest.Domain(t, tt.name).Within(providertest.Domain(t, tt.parent)); got != tt.want {
			t.Errorf("%s within %s: %v", tt.name, tt.parent, got)
		}
	}
	if providertest.Domain(t, "icloud.com").Within(provider.Domain{}) {
		t.Error("every domain is within the zero one")
	}
}

func TestDomainLabels(t *testing.T) {
	d := providertest.Domain(t, "example.com")
	child := d.Child("autodiscover")
	if child.String() != "autodiscover.example.com" {
		t.Errorf("Child gives %q", child)
	}
	if rest, ok := child.CutLabel("autodiscover"); !ok || rest != d {
		t.Errorf("CutLabel gives %q, %v", rest, ok)
	}
	if rest, ok := child.CutLabel("auto"); ok || rest != child {
		t.Errorf("half a label was cut: %q", rest)
	}
	// No client asks for the settings of a top-level domain.
	if rest, ok := providertest.Domain(t, "autodiscover.com").CutLabel("autodiscover"); ok {
		t.Errorf("autodiscover.com lost its label: %q", rest)
	}
	long := providertest.Domain(t, strings.Repeat(strings.Repeat("a", 60)+".", 4)+"example")
	if c := long.Child("autodiscover"); !c.IsZero() {
		t.Errorf("a name of %d octets was made", len(c.String()))
	}
	if c := (provider.Domain{}).Child("autodiscover"); !c.IsZero() {
		t.Errorf("the child of nothing is %q", c)
	}
}

// FuzzParseDomain: an accepted name is canonical, and reads back as itself in
// either spelling.
func FuzzParseDomain(f *testing.F) {
	for _, s := range []string{
		"icloud.com", "ICLOUD.com.", "bücher.example", "xn--bcher-kva.example", "192.0.2.1", "[::1]", "0x7f.1", "a..b", "ｉｃｌｏｕｄ．ｃｏｍ",
		"אb.com", "a\u200db.com", "xn--a.com", "a.xn--", "faß.de", "example。com", "\xff.com", "%EMAILDOMAIN%",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := provider.ParseDomain(s)
		if err != nil {
			return
		}
		name := d.String()
		for _, again := range []string{name, name + ".", strings.ToUpper(name), d.Unicode()} {
			if back, err := provider.ParseDomain(again); err != nil || back != d {
				t.Errorf("%q is %q, and that is %q, %v", s, again, back, err)
			}
		}
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || len(name) > 253 || !strings.Contains(name, ".") {
			t.Errorf("%q became %q", s, name)
		}
	})
}

func BenchmarkParseDomain(b *testing.B) {
	for _, s := range []string{"icloud.com", "Example.COM", "bücher.example", "xn--bcher-kva.example"} {
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				if _, err := provider.ParseDomain(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
