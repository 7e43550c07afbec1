package dnsrecords_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	miekg "github.com/miekg/dns"
	"github.com/zclconf/go-cty/cty"
	"gopkg.in/yaml.v3"

	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/provider/providertest"
)

// readers read the writers' output, each with an independent parser, into one
// form: "NAME TTL TYPE DATA", with the text of TXT records unquoted.
var readers = map[dnsrecords.Format]func(t *testing.T, set dnsrecords.Set, text []byte) []string{
	dnsrecords.FormatZone:                readZone,
	dnsrecords.FormatCloudflare:          readZone,
	dnsrecords.FormatTerraformCloudflare: readCloudflare,
	dnsrecords.FormatTerraformRoute53:    readRoute53,
	dnsrecords.FormatOctoDNS:             readOctoDNS,
	dnsrecords.FormatJSON:                readJSON,
}

// TestReaders: every format contains exactly the records of the set. An owner
// who imports a file must get the records that the table shows.
func TestReaders(t *testing.T) {
	sets := cases(t)
	sets["hostile"] = hostile(t)
	for name, set := range sets {
		for format, read := range readers {
			t.Run(name+"/"+format.String(), func(t *testing.T) {
				text, err := set.Render(format)
				if err != nil {
					t.Fatal(err)
				}
				got := read(t, set, text)
				list := set.ToPublish()
				if format == dnsrecords.FormatJSON { // marks the others instead of leaving them out
					list = set.Records
				}
				var want []string
				for _, r := range list {
					want = append(want, form(r.Name.String(), r.TTL, r.Data.Type(), plain(r.Data)))
				}
				slices.Sort(want)
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("records (-want +got):\n%s\n%s", diff, text)
				}
			})
		}
	}
}

// hostile is a set that no table of ours gives: every type at once, and long
// texts with the characters that are special to the formats.
func hostile(t *testing.T) dnsrecords.Set {
	set := cases(t)["address"]
	host := providertest.Domain(t, "mx.example.net")
	for i := range set.Records {
		set.Records[i].Necessity = dnsrecords.Required
	}
	for i, text := range []string{
		`quotes " and ' and backslash \ and \" both`,
		`semicolon; hash # colon: percent %{if} dollar ${var} and $${} {a}`,
		`"`, `\`, ``, `- list`, `yes`, `0x10`, ` blanks `,
		strings.Repeat("0123456789", 25) + "fourX", // 255
		strings.Repeat("0123456789", 25) + "five#\"",
		strings.Repeat(`"\`, 400),
	} {
		set.Records = append(set.Records, dnsrecords.Record{
			Name: dnsrecords.Name{Labels: fmt.Sprintf("text%c", 'a'+i), Domain: set.Domain}, TTL: 60, Data: dnsrecords.TXT{Text: text},
			Purpose: "tries ${the} %{writer} */ -- \"hard\"", Necessity: dnsrecords.Optional,
		})
	}
	set.Records = append(set.Records, dnsrecords.Record{
		Name: dnsrecords.Name{Labels: "zero", Domain: set.Domain}, TTL: 60, Data: dnsrecords.MX{Preference: 0, Host: host}, Necessity: dnsrecords.Optional,
	})
	return set
}

func form(name string, ttl uint32, kind, data string) string {
	return fmt.Sprintf("%s %d %s %s", name, ttl, kind, data)
}

func plain(d dnsrecords.Data) string {
	if t, ok := d.(dnsrecords.TXT); ok {
		return t.Text
	}
	return d.String()
}

// readZone reads a zone file as a name server does.
func readZone(t *testing.T, _ dnsrecords.Set, text []byte) []string {
	var list []string
	p := miekg.NewZoneParser(bytes.NewReader(text), "", "")
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		h := rr.Header()
		list = append(list, form(strings.TrimSuffix(h.Name, "."), h.Ttl, miekg.TypeToString[h.Rrtype], rdata(t, rr)))
	}
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func rdata(t *testing.T, rr miekg.RR) string {
	if _, ok := rr.(*miekg.TXT); !ok {
		return strings.TrimPrefix(rr.String(), rr.Header().String())
	}
	wire := make([]byte, 4096)
	end, err := miekg.PackRR(rr, wire, 0, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	// Before the strings: the name, type, class, TTL and length.
	start := len(rr.Header().Name) + 1 + 10
	for rest := wire[start:end]; len(rest) > 0; {
		n := 1 + int(rest[0])
		text.Write(rest[1:n])
		rest = rest[n:]
	}
	return text.String()
}

// zoneText reads the data of a TXT record in zone file syntax.
func zoneText(t *testing.T, data string) string {
	rr, err := miekg.NewRR("example.com. 60 IN TXT " + data)
	if err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return rdata(t, rr)
}

// resources reads a Terraform file and yields the attributes of its resources.
func resources(t *testing.T, set dnsrecords.Set, kind string, text []byte, yield func(map[string]cty.Value)) {
	if formatted := hclwrite.Format(text); !bytes.Equal(formatted, text) {
		t.Errorf("terraform fmt would change it (-want +got):\n%s", cmp.Diff(string(formatted), string(text)))
	}
	file, problems := hclparse.NewParser().ParseHCL(text, "records.tf")
	if problems.HasErrors() {
		t.Fatalf("%v\n%s", problems, text)
	}
	vars := make(map[string]cty.Value)
	seen := make(map[string]bool)
	for _, block := range file.Body.(*hclsyntax.Body).Blocks {
		id := strings.Join(append([]string{block.Type}, block.Labels...), " ")
		if seen[id] {
			t.Errorf("%s is there twice", id)
		}
		if seen[id] = true; !hclsyntax.ValidIdentifier(block.Labels[len(block.Labels)-1]) {
			t.Errorf("%s is not an identifier", id)
		}
		switch block.Type {
		case "variable":
			vars[block.Labels[0]] = cty.StringVal("Z0")
		case "resource":
			if block.Labels[0] != kind {
				t.Errorf("%s is not a %s", id, kind)
			}
			values := make(map[string]cty.Value)
			for name, a := range block.Body.Attributes {
				v, problems := a.Expr.Value(&hcl.EvalContext{Variables: map[string]cty.Value{"var": cty.ObjectVal(vars)}})
				if problems.HasErrors() {
					t.Fatal(problems)
				}
				values[name] = v
			}
			if values["zone_id"].AsString() != "Z0" {
				t.Errorf("%s has no zone", id)
			}
			yield(values)
		default:
			t.Errorf("a block of type %s", block.Type)
		}
	}
	if len(seen) != 1+countResources(set, kind) {
		t.Errorf("%d blocks", len(seen))
	}
}

// countResources: Route 53 has one resource for all records of a name and type.
func countResources(set dnsrecords.Set, kind string) int {
	names := make(map[string]bool)
	for i, r := range set.ToPublish() {
		key := r.Name.String() + r.Data.Type()
		if kind == "cloudflare_dns_record" {
			key = fmt.Sprint(i)
		}
		names[key] = true
	}
	return len(names)
}

func number(v cty.Value) int64 {
	n, _ := v.AsBigFloat().Int64()
	return n
}

func readCloudflare(t *testing.T, set dnsrecords.Set, text []byte) []string {
	var list []string
	resources(t, set, "cloudflare_dns_record", text, func(v map[string]cty.Value) {
		kind, data := v["type"].AsString(), ""
		proxied, said := v["proxied"]
		switch kind {
		case "A", "AAAA", "CNAME":
			if !said || proxied.True() {
				t.Errorf("%s may be proxied", v["name"].AsString())
			}
			if data = v["content"].AsString(); kind == "CNAME" {
				data += "."
			}
		case "MX":
			data = fmt.Sprintf("%d %s.", number(v["priority"]), v["content"].AsString())
		case "SRV":
			d := v["data"].AsValueMap()
			target := d["target"].AsString()
			data = fmt.Sprintf("%d %d %d %s.", number(d["priority"]), number(d["weight"]), number(d["port"]), strings.TrimSuffix(target, "."))
		case "TXT":
			data = zoneText(t, v["content"].AsString())
		}
		list = append(list, form(v["name"].AsString(), uint32(number(v["ttl"])), kind, data))
	})
	return list
}

func readRoute53(t *testing.T, set dnsrecords.Set, text []byte) []string {
	var list []string
	resources(t, set, "aws_route53_record", text, func(v map[string]cty.Value) {
		for _, value := range v["records"].AsValueSlice() {
			data := value.AsString()
			if v["type"].AsString() == "TXT" {
				data = zoneText(t, `"`+data+`"`)
			}
			list = append(list, form(v["name"].AsString(), uint32(number(v["ttl"])), v["type"].AsString(), data))
		}
	})
	return list
}

// readOctoDNS reads as octoDNS does, which refuses keys that are out of order.
func readOctoDNS(t *testing.T, set dnsrecords.Set, text []byte) []string {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	checkOrder(t, &root)
	var zone map[string][]struct {
		TTL    uint32
		Type   string
		Value  string
		Values []yaml.Node
	}
	if err := root.Decode(&zone); err != nil {
		t.Fatal(err)
	}
	var list []string
	for host, items := range zone {
		name := dnsrecords.Name{Labels: host, Domain: set.Domain}.String()
		for _, item := range items {
			if (item.Type == "CNAME") != (item.Value != "") {
				t.Errorf("%s: value is for CNAME, values for the others", name)
			}
			if item.Value != "" {
				list = append(list, form(name, item.TTL, item.Type, item.Value))
			}
			for _, v := range item.Values {
				list = append(list, form(name, item.TTL, item.Type, octoDNSData(t, item.Type, v)))
			}
		}
	}
	return list
}

func octoDNSData(t *testing.T, kind string, v yaml.Node) string {
	var fields struct {
		Priority, Weight, Port, Preference uint16
		Target, Exchange                   string
	}
	if v.Kind == yaml.MappingNode {
		if err := v.Decode(&fields); err != nil {
			t.Fatal(err)
		}
	} else if v.ShortTag() != "!!str" {
		t.Errorf("%s is not a string in YAML", v.Value)
	}
	switch kind {
	case "SRV":
		return fmt.Sprintf("%d %d %d %s", fields.Priority, fields.Weight, fields.Port, fields.Target)
	case "MX":
		return fmt.Sprintf("%d %s", fields.Preference, fields.Exchange)
	case "TXT":
		return strings.ReplaceAll(v.Value, `\;`, ";")
	}
	return v.Value
}

func checkOrder(t *testing.T, n *yaml.Node) {
	last := ""
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if child.Value < last {
				t.Errorf("%s comes after %s", child.Value, last)
			}
			last = child.Value
		}
		checkOrder(t, child)
	}
}

// readJSON reads the format as a script would, by the documented names.
func readJSON(t *testing.T, set dnsrecords.Set, text []byte) []string {
	var doc struct {
		Domain, Provider string
		Remarks          []string
		Records          []struct {
			Name, Host, Type, Data, Necessity, Purpose string
			TTL                                        uint32
			Address, Target, Text                      string
			Preference, Priority, Weight, Port         *uint16
		}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if doc.Domain != set.Domain.String() || doc.Provider != set.Provider.ID || len(doc.Remarks) != len(set.Remarks) {
		t.Errorf("the head is %s, %s, %q", doc.Domain, doc.Provider, doc.Remarks)
	}
	var list []string
	for i, r := range doc.Records {
		if r.Necessity != set.Records[i].Necessity.String() || r.Host != set.Records[i].Name.Relative() || r.Data != set.Records[i].Data.String() {
			t.Errorf("record %d is %+v", i, r)
		}
		data := r.Address + r.Text
		switch r.Type {
		case "CNAME":
			data = r.Target + "."
		case "MX":
			data = fmt.Sprintf("%d %s.", *r.Preference, r.Target)
		case "SRV":
			data = fmt.Sprintf("%d %d %d %s.", *r.Priority, *r.Weight, *r.Port, strings.TrimSuffix(r.Target, "."))
		}
		list = append(list, form(r.Name, r.TTL, r.Type, data))
	}
	return list
}
