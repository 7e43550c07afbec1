package templates

import (
	"testing"
	"time"
)

func BenchmarkAutoconfig(b *testing.B) {
	a := account(b, table(b), "icloud.com")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Autoconfig(a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAutodiscover(b *testing.B) {
	a := account(b, table(b), "jane@icloud.com")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Autodiscover(a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseAutodiscoverRequest(b *testing.B) {
	body := []byte(request(email("jane@icloud.com"), accepts(outlook2006a)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseAutodiscoverRequest(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHostileRequest(b *testing.B) {
	for _, h := range hostile {
		body := []byte(h.body(maxRequest))
		b.Run(h.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = ParseAutodiscoverRequest(body) // mostly refused; the cost counts
			}
		})
	}
}

func BenchmarkAutodiscoverErrorDocument(b *testing.B) {
	at := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := AutodiscoverErrorDocument(ErrorUnknownAddress, at, 0); err != nil {
			b.Fatal(err)
		}
	}
}
