package dnsrecords

import (
	"bytes"
	"fmt"
)

// zone writes a part of a zone file (RFC 1035, section 5): it has no SOA and no
// NS records, because the zone already has them.
func (s Set) zone() []byte {
	var b bytes.Buffer
	s.head(&b, ";", s.Remarks)
	fmt.Fprintf(&b, "\n$ORIGIN %s.\n", s.Domain)
	s.zoneRecords(&b, func(r Record) string {
		return fmt.Sprintf("%-20s %d IN %-5s %s", r.Name.Relative(), r.TTL, r.Data.Type(), r.Data)
	})
	return b.Bytes()
}

// cloudflareZone writes a zone file for Cloudflare's import
// (https://developers.cloudflare.com/dns/manage-dns-records/how-to/import-and-export/).
// The tag behind a record is the one that Cloudflare's own export writes; it
// keeps Cloudflare's proxy off these names, which would answer with its own
// certificate.
func (s Set) cloudflareZone() []byte {
	var b bytes.Buffer
	s.head(&b, ";", append([]string{
		`In Cloudflare's dashboard: DNS, Records, Import and Export. Untick "Proxy imported DNS records".`,
	}, s.Remarks...))
	s.zoneRecords(&b, func(r Record) string {
		line := fmt.Sprintf("%s. %d IN %s %s", r.Name, r.TTL, r.Data.Type(), r.Data)
		if proxiable(r.Data) {
			line += " ; cf_tags=cf-proxied:false"
		}
		return line
	})
	return b.Bytes()
}

// zoneRecords writes the records under their purposes, and the check list.
func (s Set) zoneRecords(b *bytes.Buffer, line func(Record) string) {
	last := ""
	for _, r := range s.ToPublish() {
		if r.Purpose != last {
			b.WriteByte('\n')
			comment(b, ";", r.Necessity.String()+": "+r.Purpose)
			last = r.Purpose
		}
		fmt.Fprintln(b, line(r))
	}
	s.checkList(b, ";")
}

// proxiable reports whether Cloudflare can proxy a record.
func proxiable(d Data) bool {
	switch d.(type) {
	case Address, CNAME:
		return true
	}
	return false
}
