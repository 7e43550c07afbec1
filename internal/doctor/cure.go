package doctor

import (
	"fmt"
	"strings"

	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/provider"
)

// placeholder stands for the server in records when nothing tells its name. It is
// a name that DNS cannot have, so that nobody publishes it unread.
const placeholder = "NAME-OF-YOUR-SERVER"

const placeholderName = "name-of-your-server.invalid"

// wanted are the records that the domain should have, from the one model that
// mailsetup dns prints. Names that work already tell where the server is.
func (d *diagnosis) wanted() (set dnsrecords.Set, hasServer bool) {
	targets := []dnsrecords.Target{d.c.Server}
	for _, n := range d.working {
		var s dnsrecords.Target
		if len(n.aliases) > 0 {
			s.Name, _ = provider.ParseDomain(n.aliases[0])
		} else {
			s.Addresses = append(append(s.Addresses, n.v4...), n.v6...)
		}
		targets = append(targets, s)
	}
	name, _ := provider.ParseDomain(placeholderName)
	for i, target := range append(targets, dnsrecords.Target{Name: name}) {
		set, err := dnsrecords.Records(dnsrecords.Config{Domain: d.c.Domain, Provider: d.c.match.Provider, Server: target})
		if err == nil {
			return set, i < len(targets)
		}
	}
	return dnsrecords.Set{}, false
}

// record returns the wanted records of a name below the domain; none for a domain
// of the mail service itself, because only that can publish them.
func (d *diagnosis) record(labels string) []string {
	set, _ := d.wanted()
	var lines []string
	for _, r := range set.ToPublish() {
		if r.Name.Labels == labels {
			lines = append(lines, line(r))
		}
	}
	return lines
}

func (d *diagnosis) mxRecords() []string {
	set, _ := d.wanted()
	var lines []string
	for _, r := range set.ToCheck() {
		if r.Data.Type() == "MX" {
			lines = append(lines, line(r))
		}
	}
	return lines
}

// line is a record as it stands in a zone file.
func line(r dnsrecords.Record) string {
	text := fmt.Sprintf("%s. %d IN %s %s", r.Name, r.TTL, r.Data.Type(), r.Data)
	return strings.ReplaceAll(text, placeholderName+".", placeholder)
}

// wantedSRV is what the SRV record of a service should say; wanted is false if
// there should be none.
func (d *diagnosis) wantedSRV(service string) (srv dnsrecords.SRV, wanted bool) {
	set, _ := d.wanted()
	for _, r := range set.ToPublish() {
		if data, ok := r.Data.(dnsrecords.SRV); ok && r.Name.Labels == service {
			return data, true
		}
	}
	return dnsrecords.SRV{}, false
}

// ownDomain: only the mail service can publish records for its own domains.
func (d *diagnosis) ownDomain() bool { return d.c.match.Class == provider.ClassOwn }
