package dnsrecords_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/dnsrecords"
)

var update = flag.Bool("update", false, "write what the writers write into testdata")

// TestGolden compares every set in every format with testdata: what owners copy
// into their zones must not change by accident.
func TestGolden(t *testing.T) {
	for name, set := range cases(t) {
		for _, format := range dnsrecords.Formats {
			t.Run(name+"/"+format.String(), func(t *testing.T) {
				got, err := set.Render(format)
				if err != nil {
					t.Fatal(err)
				}
				file := filepath.Join("testdata", name, fileNames[format])
				if *update {
					if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file, got, 0o666); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", file, diff)
				}
			})
		}
	}
}

// fileNames are the names that the tools expect.
var fileNames = map[dnsrecords.Format]string{
	dnsrecords.FormatTable:               "table.txt",
	dnsrecords.FormatZone:                "example.zone",
	dnsrecords.FormatCloudflare:          "cloudflare.zone",
	dnsrecords.FormatTerraformCloudflare: "cloudflare.tf",
	dnsrecords.FormatTerraformRoute53:    "route53.tf",
	dnsrecords.FormatOctoDNS:             "octodns.yaml",
	dnsrecords.FormatJSON:                "records.json",
}

func TestParseFormat(t *testing.T) {
	for _, f := range dnsrecords.Formats {
		if got, err := dnsrecords.ParseFormat(f.String()); got != f || err != nil {
			t.Errorf("%s became %s, %v", f, got, err)
		}
	}
	for _, name := range []string{"", "bind", "Zone", "invalid format"} {
		if got, err := dnsrecords.ParseFormat(name); err == nil {
			t.Errorf("%q became %s", name, got)
		}
	}
	if text, err := cases(t)["alias"].Render(0); err == nil {
		t.Errorf("no format at all gave %q", text)
	}
}
