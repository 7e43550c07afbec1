package templates

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// hostile are bodies with which a client could make a parser work hard: each
// returns one of about n octets.
var hostile = []struct {
	name  string
	body  func(n int) string
	cause error // at 16 KiB; nil: it is answered
}{
	{"usual", func(int) string { return request(email("jane@example.com"), accepts(outlook2006a)) }, nil},
	{"deep nest", func(n int) string {
		return "<Autodiscover>" + filled("<a>", n/2) + filled("</a>", n/2) + "</Autodiscover>"
	}, errTooComplex},
	{"unclosed nest", func(n int) string { return "<Autodiscover>" + filled("<a>", n) }, errTooComplex},
	{"wide", func(n int) string { return around(filled("<a/>", n)) }, errTooComplex},
	{"distinct attributes", func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n-600; i++ {
			fmt.Fprintf(&b, ` a%d=""`, i)
		}
		return around("<a" + b.String() + "/>")
	}, nil},
	{"one attribute value", func(n int) string { return around(`<a b="` + filled("c", n) + `"/>`) }, nil},
	{"text", func(n int) string { return request(email(filled("a", n))) }, nil},
	{"character references", func(n int) string { return around(filled("&#97;", n)) }, nil},
	{"comments", func(n int) string { return around(filled("<!---->", n)) }, errTooComplex},
	{"entity bomb", func(n int) string {
		return `<!DOCTYPE a [<!ENTITY a "` + filled("a", n) + `"><!ENTITY b "&a;&a;&a;&a;">]>` + request(email("&b;"))
	}, errDirective},
	{"external entity", func(n int) string {
		return `<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + around(filled(" ", n)+"&a;")
	}, errDirective},
	{"declared UTF-16", func(n int) string { return `<?xml version="1.0" encoding="UTF-16"?>` + around(filled(" ", n)) }, errMalformed},
	{"declared Latin-1", func(n int) string {
		return `<?xml version="1.0" encoding="ISO-8859-1"?>` + around("<!--"+filled("\xe9", n)+"-->")
	}, nil},
	{"declared Windows-1252", func(n int) string {
		return `<?xml version="1.0" encoding="windows-1252"?>` + around(`<a b="`+filled("\x80", n)+`"/>`)
	}, nil},
	{"declared Windows-1252, wide", func(n int) string {
		return `<?xml version="1.0" encoding="windows-1252"?>` + around(filled("<a/>", n))
	}, errTooComplex},
	{"UTF-16", func(n int) string { return utf16Text("\ufeff" + around(filled(" ", n/2))) }, nil},
	{"UTF-16, wide", func(n int) string { return utf16Text("\ufeff" + around(filled("<a/>", n/2))) }, errTooComplex},
	{"byte order mark", func(n int) string {
		return "\ufeff" + request(email("jane@example.com"), accepts(outlook2006a)) + filled(" ", n)
	}, nil},
	{"two roots", func(n int) string { return around(filled(" ", n/2)) + around("") }, errStray},
	{"trailing junk", func(n int) string { return around("") + filled("x", n/2) }, errStray},
	{"NUL reference", func(n int) string { return around(filled("&#0;", n)) }, errMalformed},
	{"document type", func(n int) string { return "<!DOCTYPE " + filled("a", n) + ">" + around("") }, errDirective},
	// Specific to this parser: the limit applies to the second attempt, too.
	{"bare ampersands", func(n int) string { return around(filled("&", n)) }, errTooLong},
	{"half a reference", func(n int) string { return around(filled("&#x", n)) }, errTooLong},
}

// filled repeats s for about n octets, less what the frame around it takes.
func filled(s string, n int) string { return strings.Repeat(s, max(0, n-600)/len(s)) }

// around returns a request that would be answered but for the text in it.
func around(inner string) string {
	return request(inner, email("jane@example.com"), accepts(outlook2006a))
}

// Megabytes are refused unread. Within the limit, no body costs more than two
// megabytes, and no structure that could hide a second meaning is accepted.
func TestHostileRequests(t *testing.T) {
	const most = 2 << 20 // octets allocated in all
	for _, tt := range hostile {
		for _, size := range []int{maxRequest, 1 << 20} {
			body := []byte(tt.body(size))
			want := tt.cause
			if len(body) > maxRequest {
				want = errTooLong
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, err := ParseAutodiscoverRequest(body)
			runtime.ReadMemStats(&after)
			if spent := after.TotalAlloc - before.TotalAlloc; spent > most {
				t.Errorf("%s, %d octets: %d octets allocated", tt.name, len(body), spent)
			}
			if tt.name == "text" && want == nil { // the address is wrong
				if refusal, ok := errors.AsType[*AutodiscoverError](err); !ok || refusal.Code != ErrorInvalidRequest {
					t.Errorf("%s: %v", tt.name, err)
				}
				continue
			}
			if !errors.Is(err, want) {
				t.Errorf("%s, %d octets: %v, want %v", tt.name, len(body), err, want)
			}
			if want == nil && got.Address.String() != "jane@example.com" {
				t.Errorf("%s: read %q", tt.name, got.Address)
			}
		}
	}
}
