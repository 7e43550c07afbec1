package judge

import (
	"fmt"
	"strings"

	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/provider"
)

// Placeholder replaces the server in records if its name is unknown. It is not a
// valid name in DNS, so that nobody publishes it by mistake.
const Placeholder = "NAME-OF-YOUR-SERVER"

const placeholderName = "name-of-your-server.invalid"

// wanted returns the records that the domain should have, from the same model that
// mailsetup dns prints. Names that already work show where the server is.
func (j *judge) wanted() (set dnsrecords.Set, hasServer bool) {
	targets := []dnsrecords.Target{j.Server}
	for _, n := range j.working {
		var s dnsrecords.Target
		if len(n.Aliases) > 0 {
			s.Name, _ = provider.ParseDomain(n.Aliases[0])
		} else {
			s.Addresses = n.Addresses()
		}
		targets = append(targets, s)
	}
	name, _ := provider.ParseDomain(placeholderName)
	for i, target := range append(targets, dnsrecords.Target{Name: name}) {
		set, err := dnsrecords.Records(dnsrecords.Config{Domain: j.Domain, Provider: j.Match.Provider(), Server: target})
		if err == nil {
			return set, i < len(targets)
		}
	}
	return dnsrecords.Set{}, false
}

// record returns the wanted records of a name below the domain; none for a domain of the
// mail service itself, because only the service can publish them.
func (j *judge) record(labels string) []string {
	set, _ := j.wanted()
	var lines []string
	for _, r := range set.ToPublish() {
		if r.Name.Labels == labels {
			lines = append(lines, line(r))
		}
	}
	return lines
}

func (j *judge) mxRecords() []string {
	set, _ := j.wanted()
	var lines []string
	for _, r := range set.ToCheck() {
		if r.Data.Type() == "MX" {
			lines = append(lines, line(r))
		}
	}
	return lines
}

// line writes a record as a line of a zone file.
func line(r dnsrecords.Record) string {
	text := fmt.Sprintf("%s. %d IN %s %s", r.Name, r.TTL, r.Data.Type(), r.Data)
	return strings.ReplaceAll(text, placeholderName+".", Placeholder)
}

// wantedSRV returns what the SRV record of a service should say; wanted is false if there
// should be none.
func (j *judge) wantedSRV(service string) (srv dnsrecords.SRV, wanted bool) {
	set, _ := j.wanted()
	for _, r := range set.ToPublish() {
		if data, ok := r.Data.(dnsrecords.SRV); ok && r.Name.Labels == service {
			return data, true
		}
	}
	return dnsrecords.SRV{}, false
}
