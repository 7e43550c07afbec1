package judge

import (
	"testing"

	"mailsetup/internal/clients"
	"mailsetup/internal/doctor/probe"
)

// RFC 8659: records of a tag allow together what each allows; one without an authority
// allows nobody; without records of the tag, everybody may issue.
func TestMayIssue(t *testing.T) {
	for _, c := range []struct {
		set             []probe.CAA
		nobody, allowed bool
	}{
		{nil, false, true},
		{[]probe.CAA{{Tag: "iodef", Value: "mailto:a@example.com"}}, false, true},
		{[]probe.CAA{{Tag: "issue", Value: ";"}}, true, false},
		{[]probe.CAA{{Tag: "issue", Value: ""}}, true, false},
		{[]probe.CAA{{Tag: "issue", Value: "ca.test"}}, false, false},
		{[]probe.CAA{{Tag: "ISSUE", Value: " LetsEncrypt.org ; validationmethods=dns-01"}}, false, true},
		{[]probe.CAA{{Tag: "issue", Value: ";"}, {Tag: "issue", Value: "letsencrypt.org"}}, false, true},
	} {
		if nobody, allowed := mayIssue(c.set, "issue"); nobody != c.nobody || allowed != c.allowed {
			t.Errorf("%v: nobody %v, allowed %v", c.set, nobody, allowed)
		}
	}
}

func TestUnusable(t *testing.T) {
	for body, want := range map[string]Unusable{
		"":                                  EmptyDocument,
		" \r\n\t":                           EmptyDocument,
		"{}":                                NotXML,
		"<clientConfig>":                    NotXML,
		"<clientConfig/>junk<":              NotXML,
		"<error/>":                          OtherXML,
		"<clientConfig/>":                   Unfit,
		"<a:Autodiscover xmlns:a='urn:x'/>": Unfit,
		"<?xml version='1.0' encoding='windows-1252'?><clientConfig/>": Unfit,
	} {
		if got := unusable([]byte(body)); got != want {
			t.Errorf("%q: %d, want %d", body, got, want)
		}
	}
}

// A page is recognised by its media type or by how it begins, since servers mislabel
// either.
func TestIsPage(t *testing.T) {
	for _, c := range []struct {
		contentType, body string
		want              bool
	}{
		{"text/html; charset=utf-8", "", true},
		{"application/xhtml+xml", "<html/>", true},
		{"text/xml", "\n<!DOCTYPE html><title>x</title>", true},
		{"", "<HTML>", true},
		{"text/xml", "<clientConfig/>", false},
		{"application/json", "{}", false},
		{"", "", false},
	} {
		if got := isPage(clients.Answer{ContentType: c.contentType, Body: []byte(c.body)}); got != c.want {
			t.Errorf("%q, %q: %v", c.contentType, c.body, got)
		}
	}
}
