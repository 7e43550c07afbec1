package dnsrecords

import (
	"fmt"
	"strings"
)

// A Format is a form in which records are written.
type Format uint8

// The formats, by who reads them.
const (
	FormatTable               Format = iota + 1 // people
	FormatZone                                  // name servers, and most providers' import
	FormatCloudflare                            // Cloudflare's import of zone files
	FormatTerraformCloudflare                   // Terraform, cloudflare/cloudflare 5
	FormatTerraformRoute53                      // Terraform, hashicorp/aws
	FormatOctoDNS                               // octoDNS, as a YAML source
	FormatJSON                                  // programs
)

// Formats lists every format.
var Formats = []Format{
	FormatTable, FormatZone, FormatCloudflare, FormatTerraformCloudflare, FormatTerraformRoute53, FormatOctoDNS, FormatJSON,
}

// String returns the name by which the command line knows the format.
func (f Format) String() string {
	switch f {
	case FormatTable:
		return "table"
	case FormatZone:
		return "zone"
	case FormatCloudflare:
		return "cloudflare"
	case FormatTerraformCloudflare:
		return "terraform-cloudflare"
	case FormatTerraformRoute53:
		return "terraform-route53"
	case FormatOctoDNS:
		return "octodns"
	case FormatJSON:
		return "json"
	}
	return "invalid format"
}

// ParseFormat reads a format's name.
func ParseFormat(s string) (Format, error) {
	var names []string
	for _, f := range Formats {
		if s == f.String() {
			return f, nil
		}
		names = append(names, f.String())
	}
	return 0, fmt.Errorf("unknown format %q; use %s", s, strings.Join(names, ", "))
}

// Render writes the records. The same set gives the same bytes.
func (s Set) Render(f Format) ([]byte, error) {
	switch f {
	case FormatTable:
		return s.table(), nil
	case FormatZone:
		return s.zone(), nil
	case FormatCloudflare:
		return s.cloudflareZone(), nil
	case FormatTerraformCloudflare:
		return s.terraformCloudflare()
	case FormatTerraformRoute53:
		return s.terraformRoute53(), nil
	case FormatOctoDNS:
		return s.octoDNS()
	case FormatJSON:
		return s.json()
	}
	return nil, fmt.Errorf("no such format: %d", f)
}
