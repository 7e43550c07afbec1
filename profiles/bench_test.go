package profiles

import (
	"crypto/elliptic"
	"testing"

	"mailsetup/internal/provider/providertest"
)

func BenchmarkMail(b *testing.B) {
	a := providertest.Account(b, providertest.Table(b, ""), "jane@icloud.com")
	name := personName(b, "Jane Appleseed")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Mail(a, Person{Name: name}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	profile := unsignedProfile(b)
	for _, name := range []string{"RSA-2048", "P-256", "P-384"} {
		s := newTestSigner(b, newTestCA(b), signingKeys(b)[name])
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Sign(profile); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkVerifyChain measures what Sign saves by not verifying the chain
// again for each profile.
func BenchmarkVerifyChain(b *testing.B) {
	s := newTestSigner(b, newTestCA(b), newKey(b, elliptic.P256()))
	for b.Loop() {
		if err := s.leaf.CheckSignatureFrom(s.intermediates[0]); err != nil {
			b.Fatal(err)
		}
	}
}
