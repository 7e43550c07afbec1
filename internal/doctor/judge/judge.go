package judge

import (
	"slices"

	"mailsetup/internal/clients"
	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/provider"
)

// Config is what the observations are compared with.
type Config struct {
	// Match is what the table says about the domain.
	Match provider.Match
	// Server is where mailsetup is reached, for records. Zero: it is taken from the
	// names that point to a working server, if there are any.
	Server dnsrecords.Target
	// Right is mailsetup's config-v1.1 document for the address. An answer is good if a
	// client reads it as it reads this one.
	Right clients.Answer
}

// A Diagnosis is everything that is right and wrong with a domain.
type Diagnosis struct {
	Faults   []Fault
	Passed   []Passed
	Verdicts []Verdict
}

// A judge collects faults and what is good.
type judge struct {
	Config
	probe.Observations
	d Diagnosis
	// down are hosts without any usable answer, for a reason that is already
	// among the faults; failed requests there are not reported again.
	down map[string]bool
	// working are names whose records may serve as an example for others.
	working []probe.Name
}

// Judge names what is wrong.
func Judge(o probe.Observations, cfg Config) Diagnosis {
	j := &judge{Config: cfg, Observations: o, down: map[string]bool{}}
	if j.cutOff() {
		j.add(Fault{Kind: Kind{ID: CutOff, Severity: Unknown}})
		j.d.Verdicts = j.verdicts()
		return j.d
	}
	j.nameServers()
	j.hosts()
	j.services()
	j.exchangers()
	j.answers()
	j.authorities()
	j.mail()
	j.logins()
	j.d.Verdicts = j.verdicts()
	return j.d
}

// Unanswered returns the diagnosis of a domain about which DNS did not even say where its
// mail is.
func Unanswered(mx probe.Answer) Diagnosis {
	j := &judge{}
	j.unknownDNS(mx.Name, mx.Failure)
	return j.d
}

// cutOff reports whether the resolver denies every name: neither the domain nor the
// hosts of its mail service exist. That is a captive portal or a sandbox.
func (j *judge) cutOff() bool {
	for _, a := range j.Zone.SRV {
		if len(a.Services) > 0 {
			return false
		}
	}
	return j.Zone.Names[j.domain()].NoName && len(j.Zone.MX.Exchangers)+len(j.Zone.NameServers.Servers) == 0 && len(j.Mail) > 0 &&
		!slices.ContainsFunc(j.Mail, func(m probe.MailServer) bool { return !m.NameMissing })
}

func (j *judge) domain() string { return j.Domain.String() }

// ownDomain: only the mail service can publish records for its own domains, and only
// it can fix what answers there.
func (j *judge) ownDomain() bool { return j.Match.Class() == provider.ClassOwn }

// add completes a fault and records it.
func (j *judge) add(f Fault) {
	if f.Severity == 0 {
		f.Severity = Problem
	}
	if f.Place == 0 {
		f.Place = j.placeOf(f)
	}
	if f.Severity == Problem && f.Place != MailService && j.ownDomain() {
		f.Severity = Optional // the reader cannot fix it
	}
	j.d.Faults = append(j.d.Faults, f)
}

func (j *judge) pass(p Passed) { j.d.Passed = append(j.d.Passed, p) }

// placeOf says where a fault can be fixed.
func (j *judge) placeOf(f Fault) Place {
	switch f.ID {
	case NoRecord, DanglingAlias, Wildcard, Microsoft365, DNSSEC, DNSUnknown, NotPropagated, NameServersDiffer, OnlyRemembered,
		SRVElsewhere, SRVAlias, SRVDiffers, SRVMissing, POPSRV, NullSRV, MXElsewhere, MXMissing, ApexAlias,
		CAAForbids, PrivateAddress, CutOff:
		return ZoneFile
	case MailNoName, MailUnreachable, MailNoTLS, MailTLSFailed, MailCertificate, MailNoStartTLS, MailBadGreeting,
		MailNotTheProtocol, MailNoAuth, MailPrivateAddress, MailExpiring:
		return MailService
	}
	if f.ID == OutOfTime {
		return OurNames // requests that were not made are reported once
	}
	if f.Host != "" && f.Host == j.domain() {
		return WebSite
	}
	if slices.ContainsFunc(j.Mail, func(m probe.MailServer) bool { return m.Server.Host.String() == f.Host }) {
		return MailService
	}
	return OurNames
}

// unknownDNS adds a question that DNS did not answer.
func (j *judge) unknownDNS(host string, why probe.Failure) {
	if why.Kind == probe.DNSSEC {
		j.add(Fault{Kind: Kind{ID: DNSSEC}, Host: host, Clients: j.askers(host)})
		return
	}
	j.add(Fault{Kind: Kind{ID: DNSUnknown, Severity: Unknown}, Host: host, Failure: why, Clients: j.askers(host)})
}

// askers returns the names of the clients that ask a host.
func (j *judge) askers(host string) []string {
	return named(func(c clients.Client) bool {
		return slices.ContainsFunc(j.Fetches, func(f *probe.Fetch) bool {
			return f.URL().Hostname() == host && slices.Contains(f.Askers, c.Name)
		})
	})
}

// named returns the names of the clients for which is returns true.
func named(is func(clients.Client) bool) []string {
	var all []string
	for _, c := range clients.All {
		if is(c) {
			all = append(all, c.Name)
		}
	}
	return all
}
