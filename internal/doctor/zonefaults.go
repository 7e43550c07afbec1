package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/provider"
)

// judgeZone looks at everything in DNS but the addresses of the hosts.
func (d *diagnosis) judgeZone(z zone, views []view) {
	d.nameServers(z, views)
	for _, service := range services {
		a := z.srv[service]
		if a.err != nil {
			d.unknownDNS(canonical(a.name), a.err)
			continue
		}
		switch service {
		case "_autodiscover._tcp":
			d.autodiscoverSRV(a)
		case "_pop3._tcp", "_pop3s._tcp":
			d.popSRV(service, a)
		default:
			if !d.ownDomain() { // a service knows best what it publishes for itself
				d.mailSRV(service, a)
			}
		}
	}
	d.exchangers(z.mx)
}

// autodiscoverSRV: Thunderbird asks its user before it follows the record to
// another domain, save Microsoft's (ExchangeAutoDiscover.sys.mjs).
func (d *diagnosis) autodiscoverSRV(a answer) {
	for _, srv := range a.services() {
		target := canonical(srv.Target)
		switch {
		case target == "":
		case isMicrosoft365(target):
			d.add(fault{id: Microsoft365, host: canonical(a.name), clients: d.outlooks()})
		case baseDomain(target) != baseDomain(d.c.Domain.String()):
			f := fault{id: SRVElsewhere, host: canonical(a.name), detail: target, clients: []string{"Thunderbird"}}
			if target == d.c.Server.Name.String() {
				f.severity = Warning // as mailsetup dns --srv-only prints it
			}
			d.add(f)
		default:
			d.pass(DNS, canonical(a.name)+" leads to "+target+", which is in the same domain.")
		}
	}
}

func (d *diagnosis) outlooks() []string {
	var all []string
	for _, name := range d.askers(autodiscover + "." + d.c.Domain.String()) {
		if strings.HasPrefix(name, "Outlook") {
			all = append(all, name)
		}
	}
	return all
}

func (d *diagnosis) popSRV(service string, a answer) {
	offers := false
	for _, srv := range a.services() {
		if target := canonical(srv.Target); target != "" {
			offers = true
			d.add(fault{id: POPSRV, host: canonical(a.name), detail: target, records: d.record(service)})
		}
	}
	switch {
	case len(a.services()) == 0:
		d.add(fault{id: NullSRV, severity: Optional, host: canonical(a.name), records: d.record(service)})
	case !offers:
		d.pass(DNS, canonical(a.name)+" says that there is no POP.")
	}
}

// mailSRV holds the SRV record of a mail service against the table.
func (d *diagnosis) mailSRV(service string, a answer) {
	want, wanted := d.wantedSRV(service)
	have := a.services()
	switch {
	case len(have) == 0 && !wanted:
	case len(have) == 0 && want.Target.IsZero():
		d.add(fault{id: NullSRV, severity: Optional, host: canonical(a.name), records: d.record(service)})
	case len(have) == 0:
		d.add(fault{id: SRVMissing, severity: Optional, host: canonical(a.name), records: d.record(service)})
	default:
		for _, srv := range have {
			target := canonical(srv.Target)
			if d.isAlternative(service, target, srv.Port) {
				continue
			}
			if target != want.Target.String() || target != "" && srv.Port != want.Port {
				d.add(fault{id: SRVDiffers, host: canonical(a.name), detail: srvText(srv), records: d.record(service)})
				return
			}
		}
		d.pass(DNS, canonical(a.name)+" agrees with the table.")
	}
}

// isAlternative reports whether a record names one of the service's further
// servers, which people are shown and machines are not.
func (d *diagnosis) isAlternative(service, target string, port uint16) bool {
	for _, s := range append(slices.Clone(d.c.match.Provider.IMAP), d.c.match.Provider.SMTP...) {
		if s.Host.String() == target && s.Port == port && strings.HasPrefix(service, srvPrefix(s)+".") {
			return true
		}
	}
	return false
}

// srvPrefix is the label of a server's SRV record (RFC 6186, RFC 8314).
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

func srvText(srv *dns.SRV) string {
	if srv.Target == "." {
		return "that the service is not offered"
	}
	return fmt.Sprintf("%s, port %d", canonical(srv.Target), srv.Port)
}

// exchangers: settings for one service are of no use where another takes the mail.
// A filter in between may be the reason, so it is no more than a warning.
func (d *diagnosis) exchangers(mx answer) {
	suffixes := d.c.match.Provider.MX
	if len(suffixes) == 0 || d.c.match.Class != provider.ClassHosted {
		return
	}
	if mx.err != nil {
		d.unknownDNS(canonical(mx.name), mx.err)
		return
	}
	hosts := mx.exchangers()
	if aliases, _ := mx.chase(); len(hosts) == 0 && len(aliases) > 0 {
		d.add(fault{id: ApexAlias, severity: Warning, host: canonical(mx.name), detail: aliases[0]})
		return
	}
	if len(hosts) == 0 {
		d.add(fault{id: MXMissing, severity: Warning, host: canonical(mx.name), records: d.mxRecords()})
		return
	}
	for _, h := range hosts {
		host, err := provider.ParseDomain(h)
		if err == nil && slices.ContainsFunc(suffixes, host.Within) {
			d.pass(DNS, "The mail exchanger of "+canonical(mx.name)+" belongs to "+d.c.match.Provider.Name+".")
			return
		}
	}
	d.add(fault{id: MXElsewhere, severity: Warning, host: canonical(mx.name), detail: hosts[0], records: d.mxRecords()})
}

// nameServers compares what the domain's own name servers say. It replaces a
// missing record by the reason why it is missing here.
func (d *diagnosis) nameServers(z zone, views []view) {
	for _, label := range []string{autoconfig, autodiscover} {
		host := label + "." + d.c.Domain.String()
		var with, without []string
		for _, v := range views {
			if has, answered := v.has[host]; answered && has {
				with = append(with, v.server)
			} else if answered {
				without = append(without, v.server)
			}
		}
		switch n := z.names[host]; {
		case len(with) > 0 && len(without) > 0:
			d.add(fault{id: NameServersDiffer, host: host, detail: strings.Join(without, ", "), clients: d.askers(host)})
		case len(without) > 0 && n.state == nameFound && !z.isWildcard(n):
			d.add(fault{id: NameServersDiffer, host: host, detail: strings.Join(without, ", "), clients: d.askers(host)})
		case len(with) > 0 && n.state == nameMissing:
			d.add(fault{id: NotPropagated, host: host, clients: d.askers(host)})
		}
	}
}

// explained reports whether the name servers explain why a name is missing.
func (d *diagnosis) explained(host string) bool {
	return slices.ContainsFunc(d.faults, func(f fault) bool {
		return f.host == host && (f.id == NotPropagated || f.id == NameServersDiffer)
	})
}

// certificateAuthorities holds the CAA records against the authority that Let's
// Encrypt's clients use, built-in ACME among them (RFC 8659).
func (d *diagnosis) certificateAuthorities(z zone, hosts map[string]*host) {
	const ours = "letsencrypt.org"
	for _, label := range []string{autoconfig, autodiscover} {
		h := hosts[label+"."+d.c.Domain.String()]
		set, at, known := z.caaOf(h.name.name)
		if !known || len(set) == 0 {
			continue
		}
		issue := slices.DeleteFunc(slices.Clone(set), func(c *dns.CAA) bool { return !strings.EqualFold(c.Tag, "issue") })
		nobody, allowed := len(issue) > 0, len(issue) == 0
		for _, c := range issue {
			authority, _, _ := strings.Cut(c.Value, ";")
			authority = strings.TrimSpace(authority)
			nobody = nobody && authority == ""
			allowed = allowed || strings.EqualFold(authority, ours)
		}
		_, needsOne := hostFault(h)
		needsOne = needsOne && h.name.state == nameFound
		if leaf := h.https.best().leaf(); leaf != nil && strings.Contains(leaf.Issuer.String(), "Let's Encrypt") {
			needsOne = true
		}
		if nobody || !allowed && needsOne {
			f := fault{id: CAAForbids, host: at, records: []string{fmt.Sprintf("%s. %d IN CAA 0 issue %q", at, dnsrecords.TTL, ours)}}
			f.clients = d.askers(h.name.name)
			d.add(f)
		} else {
			d.pass(DNS, "The CAA records of "+at+" are no hindrance.")
		}
	}
}
