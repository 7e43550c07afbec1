package export

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"mailsetup/internal/provider/providertest"
	"mailsetup/profiles"
)

// manyPeople is what a spreadsheet gives for a large organisation.
func manyPeople(count int) []byte {
	var list strings.Builder
	list.WriteString("E-Mail;Login;Name\r\n")
	for i := range count {
		fmt.Fprintf(&list, "person.%d@example.com;person.%d@icloud.com;Person Number %d\r\n", i, i, i)
	}
	return []byte(list.String())
}

// testSigner signs with a certificate of its own, and asks now for the time at each
// profile.
func testSigner(t testing.TB, now func() time.Time) *profiles.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := profiles.NewSigner(profiles.SignerConfig{
		Pair: &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// TestManyPeopleInLittleMemory: profiles pass through memory one after the other. All of
// these would be 10 MB.
func TestManyPeopleInLittleMemory(t *testing.T) {
	const count, early, late, allowed = 3_000, 500, 2_900, 2 << 20
	var heap [count + 1]uint64
	signed := 0
	signer := testSigner(t, func() time.Time {
		if signed++; signed == early || signed == late {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heap[signed] = m.HeapAlloc
		}
		return time.Now()
	})
	people, err := ParsePeople(manyPeople(count), providertest.Table(t, customDomain))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "people")
	if err := WriteProfiles(t.Context(), dir, people, ProfilesConfig{Signer: signer}); err != nil {
		t.Fatal(err)
	}
	if heap[early] == 0 || heap[late] > heap[early]+allowed {
		t.Errorf("the heap was %d KiB at profile %d and %d KiB at profile %d", heap[early]>>10, early, heap[late]>>10, late)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != count+2 {
		t.Errorf("%d files, %v", len(entries), err)
	}
	for _, name := range []string{"0001.mobileconfig", "3000.mobileconfig"} {
		if profile, err := os.ReadFile(filepath.Join(dir, name)); err != nil || len(profile) == 0 || profile[0] != 0x30 {
			t.Errorf("%s is not signed: %v", name, err)
		}
	}
}

// BenchmarkManyPeople reads a list of 10,000 people and writes their profiles.
func BenchmarkManyPeople(b *testing.B) {
	const count = 10_000
	list, table := manyPeople(count), providertest.Table(b, customDomain)
	for name, signer := range map[string]*profiles.Signer{"unsigned": nil, "signed": testSigner(b, nil)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				people, err := ParsePeople(list, table)
				if err != nil {
					b.Fatal(err)
				}
				if err := WriteProfiles(b.Context(), filepath.Join(b.TempDir(), "people"), people, ProfilesConfig{Signer: signer}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
