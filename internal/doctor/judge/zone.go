package judge

import (
	"fmt"
	"slices"
	"strings"

	"mailsetup/internal/clients"
	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/provider"
)

// services judges the SRV records.
func (j *judge) services() {
	for _, service := range probe.ServiceNames {
		a, asked := j.Zone.SRV[service]
		if !asked {
			continue
		}
		if a.Failure.Failed() {
			j.unknownDNS(a.Name, a.Failure)
			continue
		}
		switch service {
		case probe.AutodiscoverService:
			j.autodiscoverSRV(a)
		case "_pop3._tcp", "_pop3s._tcp":
			j.popSRV(service, a)
		default:
			if !j.ownDomain() { // a service knows best what it publishes for itself
				j.mailSRV(service, a)
			}
		}
	}
}

// autodiscoverSRV: Thunderbird asks its user before it follows the record to
// another domain, except Microsoft's (ExchangeAutoDiscover.sys.mjs).
func (j *judge) autodiscoverSRV(a probe.Answer) {
	for _, srv := range a.Services {
		f := Fault{Host: a.Name, Target: srv.Target, Clients: named(func(c clients.Client) bool { return c.FollowsSRV })}
		switch {
		case srv.Target == "":
			continue
		case probe.IsMicrosoft365(srv.Target):
			f.ID = Microsoft365
		case probe.BaseDomain(srv.Target) != probe.BaseDomain(j.domain()):
			f.ID, f.Clients = SRVElsewhere, named(func(c clients.Client) bool { return c.AsksAboutSRV })
			if srv.Target == j.Server.Name.String() {
				f.Severity = Warning // as mailsetup dns --srv-only prints it
			}
		case j.isAlias(srv.Target):
			f.ID, f.Severity = SRVAlias, Warning
		default:
			j.pass(Passed{ID: SRVSameDomain, Host: a.Name, Target: srv.Target})
			continue
		}
		j.add(f)
	}
}

// isAlias reports whether the target of an SRV record is an alias, which RFC 2782
// forbids: some resolvers and clients look for addresses only at the name itself.
func (j *judge) isAlias(target string) bool { return len(j.Zone.Targets[target].Aliases) > 0 }

func (j *judge) popSRV(service string, a probe.Answer) {
	offers := false
	for _, srv := range a.Services {
		if srv.Target != "" {
			offers = true
			j.add(Fault{Kind: Kind{ID: POPSRV}, Host: a.Name, Target: srv.Target, Records: j.record(service)})
		}
	}
	switch {
	case len(a.Services) == 0:
		j.add(Fault{Kind: Kind{ID: NullSRV, Severity: Optional}, Host: a.Name, Records: j.record(service)})
	case !offers:
		j.pass(Passed{ID: NoPOP, Host: a.Name})
	}
}

// mailSRV compares the SRV record of a mail service with the table.
func (j *judge) mailSRV(service string, a probe.Answer) {
	want, wanted := j.wantedSRV(service)
	f := Fault{Kind: Kind{Severity: Optional}, Host: a.Name, Records: j.record(service)}
	switch {
	case len(a.Services) == 0 && !wanted:
		return
	case len(a.Services) == 0 && want.Target.IsZero():
		f.ID = NullSRV
	case len(a.Services) == 0:
		f.ID, f.Clients = SRVMissing, named(func(c clients.Client) bool { return c.PrefersMailSRV })
	default:
		for _, srv := range a.Services {
			if j.isAlternative(service, srv) {
				continue
			}
			if srv.Target != want.Target.String() || srv.Target != "" && srv.Port != want.Port {
				f.ID, f.Severity, f.Target = SRVDiffers, Problem, srv.Target
				if srv.Target != "" {
					f.Target = fmt.Sprintf("%s, port %d", srv.Target, srv.Port)
				}
				j.add(f)
				return
			}
		}
		j.pass(Passed{ID: SRVAgrees, Host: a.Name})
		return
	}
	j.add(f)
}

// isAlternative reports whether a record names one of the service's further
// servers, which are shown to people but not to machines.
func (j *judge) isAlternative(service string, srv probe.SRV) bool {
	for _, s := range slices.Concat(j.Match.Provider().IMAP, j.Match.Provider().SMTP) {
		if s.Host.String() == srv.Target && s.Port == srv.Port && strings.HasPrefix(service, srvPrefix(s)+".") {
			return true
		}
	}
	return false
}

// srvPrefix returns the label of a server's SRV record (RFC 6186, RFC 8314).
func srvPrefix(s provider.MailServer) string {
	label := "_imap"
	if s.Protocol == provider.SMTP {
		label = "_submission"
	}
	if s.Security == provider.TLS {
		label += "s"
	}
	return label
}

// exchangers: settings for one service are useless if another receives the mail.
// The reason may be a filter in between, so it is only a warning.
func (j *judge) exchangers() {
	suffixes := j.Match.Provider().MX
	if len(suffixes) == 0 || j.Match.Class() != provider.ClassHosted {
		return
	}
	mx := j.Zone.MX
	f := Fault{Kind: Kind{Severity: Warning}, Host: mx.Name}
	switch {
	case mx.Failure.Failed():
		j.unknownDNS(mx.Name, mx.Failure)
		return
	case len(mx.Exchangers) == 0 && len(mx.Aliases) > 0:
		f.ID, f.Target = ApexAlias, mx.Aliases[0]
	case len(mx.Exchangers) == 0:
		f.ID, f.Records = MXMissing, j.mxRecords()
	default:
		for _, h := range mx.Exchangers {
			host, err := provider.ParseDomain(h)
			if err == nil && slices.ContainsFunc(suffixes, host.Within) {
				j.pass(Passed{ID: MXBelongs, Host: mx.Name})
				return
			}
		}
		f.ID = MXElsewhere
		if len(mx.Aliases) == 0 { // there are no other records next to an alias
			f.Records = j.mxRecords()
		}
		for _, f.Target = range mx.Exchangers {
			j.add(f)
		}
		return
	}
	j.add(f)
}

// ourAuthority is Let's Encrypt, the default of ACME clients, including the built-in one.
const ourAuthority = "letsencrypt.org"

// authorities checks the CAA records for that authority (RFC 8659). If the server
// has a wildcard certificate, issuewild overrides issue (section 4.3).
func (j *judge) authorities() {
	for _, label := range j.Labels {
		h := j.Hosts[label+"."+j.domain()]
		set, known := j.Zone.CAAOf(h.Name.Name)
		if !known || len(set) == 0 {
			continue
		}
		owner, leaf := set[0].Owner, h.HTTPS.Best().Leaf()
		tag := "issue"
		if leaf != nil && !slices.Contains(leaf.DNSNames, h.Name.Name) && leaf.VerifyHostname(h.Name.Name) == nil && has(set, "issuewild") {
			tag = "issuewild"
		}
		nobody, allowed := mayIssue(set, tag)
		_, needsOne := hostFault(h)
		needsOne = needsOne && h.Name.State == probe.NameFound
		if leaf != nil && strings.Contains(leaf.Issuer.String(), "Let's Encrypt") {
			needsOne = true
		}
		if nobody || !allowed && needsOne {
			j.add(Fault{Kind: Kind{ID: CAAForbids}, Host: owner, Clients: j.askers(h.Name.Name),
				Records: []string{fmt.Sprintf("%s. %d IN CAA 0 %s %q", owner, dnsrecords.TTL, tag, ourAuthority)}})
		} else {
			j.pass(Passed{ID: CAAAllows, Host: owner})
		}
	}
}

func has(set []probe.CAA, tag string) bool {
	return slices.ContainsFunc(set, func(c probe.CAA) bool { return strings.EqualFold(c.Tag, tag) })
}

// mayIssue reports whether the records of a tag forbid everybody to issue, and whether
// they allow our authority.
func mayIssue(set []probe.CAA, tag string) (nobody, allowed bool) {
	if !has(set, tag) {
		return false, true
	}
	nobody = true
	for _, c := range set {
		if !strings.EqualFold(c.Tag, tag) {
			continue
		}
		authority, _, _ := strings.Cut(c.Value, ";")
		authority = strings.TrimSpace(authority)
		nobody = nobody && authority == ""
		allowed = allowed || strings.EqualFold(authority, ourAuthority)
	}
	return nobody, allowed
}
