package dnsrecords

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// octoDNS writes a zone of octoDNS's YAML source
// (https://octodns.readthedocs.io/en/latest/records.html). By default octoDNS
// refuses names and keys that are out of order, so both are sorted.
func (s Set) octoDNS() ([]byte, error) {
	var b bytes.Buffer
	s.head(&b, "#", s.relativeRemarks())
	b.WriteString("---\n")
	byName := make(map[string][][]Record)
	var names []string
	for _, set := range recordSets(s.ToPublish()) {
		name := set[0].Name.Labels
		if len(byName[name]) == 0 {
			names = append(names, name)
		}
		byName[name] = append(byName[name], set)
	}
	slices.Sort(names)
	for _, name := range names {
		key := name
		if key == "" {
			key = "''" // the domain itself
		}
		fmt.Fprintf(&b, "%s:\n", key)
		for _, set := range byName[name] {
			if err := octoDNSSet(&b, set); err != nil {
				return nil, err
			}
		}
	}
	s.checkList(&b, "#")
	return b.Bytes(), nil
}

// octoDNSSet writes the records of one name and type as an item of a list.
func octoDNSSet(b *bytes.Buffer, set []Record) error {
	r := set[0]
	comment(b, "  #", r.Necessity.String()+": "+r.Purpose)
	fmt.Fprintf(b, "  - ttl: %d\n    type: %s\n", r.TTL, r.Data.Type())
	if alias, ok := r.Data.(CNAME); ok { // the one type that has no list
		fmt.Fprintf(b, "    value: %s\n", quoteYAML(alias.String()))
		return nil
	}
	b.WriteString("    values:\n")
	for _, r := range set {
		switch d := r.Data.(type) {
		case Address:
			fmt.Fprintf(b, "      - %s\n", quoteYAML(d.String()))
		case MX:
			fmt.Fprintf(b, "      - exchange: %s\n        preference: %d\n", quoteYAML(absolute(d.Host)), d.Preference)
		case SRV:
			fmt.Fprintf(b, "      - port: %d\n        priority: %d\n        target: %s\n        weight: %d\n",
				d.Port, d.Priority, quoteYAML(absolute(d.Target)), d.Weight)
		case TXT:
			// octoDNS takes a bare semicolon for a mistake.
			fmt.Fprintf(b, "      - %s\n", quoteYAML(strings.ReplaceAll(d.Text, ";", `\;`)))
		default:
			return fmt.Errorf("%s: no way to write a %s record for octoDNS", r.Name, r.Data.Type())
		}
	}
	return nil
}

// quoteYAML writes a string so that no reader of YAML takes it for a number, a
// time or a mapping, as some do with IPv6 addresses.
func quoteYAML(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
