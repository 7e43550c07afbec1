package dns_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/dns"
)

var update = flag.Bool("update", false, "write what the writers write into testdata")

// TestGolden holds every set in every format against testdata: what owners copy
// into their zones must not change by accident.
func TestGolden(t *testing.T) {
	for name, set := range cases(t) {
		for _, format := range dns.Formats {
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

// fileNames are those that the tools expect.
var fileNames = map[dns.Format]string{
	dns.FormatTable:               "table.txt",
	dns.FormatZone:                "example.zone",
	dns.FormatCloudflare:          "cloudflare.zone",
	dns.FormatTerraformCloudflare: "cloudflare.tf",
	dns.FormatTerraformRoute53:    "route53.tf",
	dns.FormatOctoDNS:             "octodns.yaml",
	dns.FormatJSON:                "records.json",
}

func TestParseFormat(t *testing.T) {
	for _, f := range dns.Formats {
		if got, err := dns.ParseFormat(f.String()); got != f || err != nil {
			t.Errorf("%s became %s, %v", f, got, err)
		}
	}
	for _, name := range []string{"", "bind", "Zone", "invalid format"} {
		if got, err := dns.ParseFormat(name); err == nil {
			t.Errorf("%q became %s", name, got)
		}
	}
	if text, err := cases(t)["alias"].Render(0); err == nil {
		t.Errorf("no format at all gave %q", text)
	}
}
