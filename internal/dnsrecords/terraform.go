package dnsrecords

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// terraformCloudflare writes resources of the provider cloudflare/cloudflare,
// version 5 (https://registry.terraform.io/providers/cloudflare/cloudflare/latest/docs/resources/dns_record).
func (s Set) terraformCloudflare() ([]byte, error) {
	var b bytes.Buffer
	s.terraformHead(&b, "cloudflare/cloudflare, version 5", "The id of the zone at Cloudflare.")
	count := make(map[string]int)
	for _, r := range s.ToPublish() {
		id := resourceID(r)
		if count[id]++; count[id] > 1 {
			id += "_" + strconv.Itoa(count[id])
		}
		var attributes []attribute
		switch d := r.Data.(type) {
		case Address:
			attributes = []attribute{{"content", quoteHCL(d.String())}, {"proxied", "false"}}
		case CNAME:
			attributes = []attribute{{"content", quoteHCL(d.Target.String())}, {"proxied", "false"}}
		case MX:
			attributes = []attribute{{"content", quoteHCL(d.Host.String())}, {"priority", strconv.Itoa(int(d.Preference))}}
		case SRV:
			// The priority is only inside data: as an attribute of the
			// resource it is on its way out (cloudflare/terraform-provider-cloudflare,
			// pull request 7269).
			attributes = []attribute{{"data", fmt.Sprintf("{ priority = %d, weight = %d, port = %d, target = %s }",
				d.Priority, d.Weight, d.Port, quoteHCL(d.target()))}}
		case TXT:
			// Cloudflare requires the quotes of a zone file around the text
			// (https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/#txt).
			attributes = []attribute{{"content", quoteHCL(d.String())}}
		default:
			return nil, fmt.Errorf("%s: no way to write a %s record for Terraform", r.Name, r.Data.Type())
		}
		s.resource(&b, "cloudflare_dns_record", id, r, attributes)
	}
	s.checkList(&b, "#")
	return b.Bytes(), nil
}

// terraformRoute53 writes resources of the provider hashicorp/aws
// (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record).
func (s Set) terraformRoute53() []byte {
	var b bytes.Buffer
	s.terraformHead(&b, "hashicorp/aws", "The id of the hosted zone at Route 53.")
	for _, set := range recordSets(s.ToPublish()) {
		var values []string
		for _, r := range set {
			value := r.Data.String()
			if t, ok := r.Data.(TXT); ok {
				// The provider adds the outer quotes, and requires those between
				// two strings without a space.
				value = strings.Join(t.quoted(), "")
				value = value[1 : len(value)-1]
			}
			values = append(values, quoteHCL(value))
		}
		r := set[0]
		s.resource(&b, "aws_route53_record", resourceID(r), r, []attribute{{"records", "[" + strings.Join(values, ", ") + "]"}})
	}
	s.checkList(&b, "#")
	return b.Bytes()
}

func (s Set) terraformHead(b *bytes.Buffer, provider, zoneID string) {
	s.head(b, "#", append([]string{"Needs the provider " + provider + "."}, s.Remarks...))
	fmt.Fprintf(b, "\nvariable %s {\n  description = %s\n  type        = string\n}\n", quoteHCL(s.zoneVariable()), quoteHCL(zoneID))
}

// zoneVariable names the variable for the zone's id. It differs for each domain,
// so that the files of several domains can be in one module.
func (s Set) zoneVariable() string { return identifier(s.Domain.String()) + "_zone_id" }

// An attribute of a resource: its name and the expression of its value.
type attribute struct{ name, value string }

// resource writes a record's resource: the attributes that all have, and those
// given. The columns are those of terraform fmt.
func (s Set) resource(b *bytes.Buffer, kind, id string, r Record, more []attribute) {
	attributes := append([]attribute{
		{"zone_id", "var." + s.zoneVariable()},
		{"name", quoteHCL(r.Name.String())},
		{"type", quoteHCL(r.Data.Type())},
		{"ttl", strconv.Itoa(int(r.TTL))},
	}, more...)
	longest := 0
	for _, a := range attributes {
		longest = max(longest, len(a.name))
	}
	b.WriteByte('\n')
	comment(b, "#", r.Necessity.String()+": "+r.Purpose)
	fmt.Fprintf(b, "resource %s %s {\n", quoteHCL(kind), quoteHCL(id))
	for _, a := range attributes {
		fmt.Fprintf(b, "  %-*s = %s\n", longest, a.name, a.value)
	}
	b.WriteString("}\n")
}

// resourceID names a record's resource, such as example_com_imaps_tcp_srv.
func resourceID(r Record) string {
	return identifier(r.Name.Domain.String() + "." + strings.ReplaceAll(r.Name.Labels, "_", "") + "." + strings.ToLower(r.Data.Type()))
}

// identifier makes a Terraform identifier of a name. Hyphens may stay; a digit at
// the beginning may not.
func identifier(name string) string {
	id := strings.ReplaceAll(strings.ReplaceAll(name, "..", "."), ".", "_")
	if '0' <= id[0] && id[0] <= '9' {
		id = "_" + id
	}
	return id
}

// quoteHCL writes a string in printable ASCII as HCL has it; ${ and %{ would
// begin a template.
func quoteHCL(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{").Replace(s) + `"`
}

// recordSets groups records by name and type; those of a group are adjacent
// already.
func recordSets(records []Record) [][]Record {
	var sets [][]Record
	for i, r := range records {
		if i > 0 && records[i-1].Name == r.Name && records[i-1].Data.Type() == r.Data.Type() {
			sets[len(sets)-1] = append(sets[len(sets)-1], r)
			continue
		}
		sets = append(sets, []Record{r})
	}
	return sets
}
