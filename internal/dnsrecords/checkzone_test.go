package dnsrecords_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mailsetup/internal/dnsrecords"
)

// TestCheckZone has BIND check the zone files as if to load them: an owner's
// name server must accept the whole zone without a complaint.
func TestCheckZone(t *testing.T) {
	for name, set := range cases(t) {
		// Owners copy the check list by hand, so it must load, too.
		for i := range set.Records {
			set.Records[i].Necessity = dnsrecords.Required
		}
		for _, format := range []dnsrecords.Format{dnsrecords.FormatZone, dnsrecords.FormatCloudflare} {
			t.Run(name+"/"+format.String(), func(t *testing.T) {
				text, err := set.Render(format)
				if err != nil {
					t.Fatal(err)
				}
				words, err := checkZone(t, set.Domain.String(), string(text))
				if err != nil {
					t.Errorf("%v\n%s", err, words)
				}
				if strings.Contains(words, "illegal") {
					t.Errorf("named-checkzone says:\n%s", words)
				}
			})
		}
	}
}

// TestCheckZoneSees makes sure that the test above can fail, with the mistake
// that the address form and its SRV record must not make.
func TestCheckZoneSees(t *testing.T) {
	words, _ := checkZone(t, "example.com", `
autodiscover       3600 IN CNAME www.example.com.
www                3600 IN A     192.0.2.10
_autodiscover._tcp 3600 IN SRV   0 0 443 autodiscover.example.com.
`)
	if !strings.Contains(words, "illegal") {
		t.Errorf("named-checkzone does not object to an SRV record to an alias:\n%s", words)
	}
}

// checkZone runs named-checkzone on records, with the SOA and NS records that a
// zone already has.
func checkZone(t *testing.T, domain, records string) (words string, err error) {
	t.Helper()
	program, err := exec.LookPath("named-checkzone")
	if err != nil {
		const missing = "named-checkzone is missing: install bind9-utils (Debian)"
		if os.Getenv("MAILSETUP_E2E") == "require" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	file := filepath.Join(t.TempDir(), "zone")
	zone := "$ORIGIN " + domain + ".\n$TTL 3600\n" +
		"@ IN SOA ns.invalid. root.invalid. 1 3600 600 86400 300\n@ IN NS ns.invalid.\n" + records
	if err := os.WriteFile(file, []byte(zone), 0o666); err != nil {
		t.Fatal(err)
	}
	// Local: nothing outside the zone is looked up.
	out, err := exec.Command(program, "-i", "local", domain, file).CombinedOutput()
	return string(out), err
}
