package judge

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"mailsetup/internal/clients"
	"mailsetup/internal/doctor/probe"
)

// hosts judges names, connections and certificates: for each name only the first
// fault, because the rest follows from it.
func (j *judge) hosts() {
	for _, label := range j.Labels {
		h := j.Hosts[label+"."+j.domain()]
		f, bad := hostFault(h)
		if f.ID != PrivateAddress {
			j.privateAddresses(h, Problem)
		}
		if bad {
			j.down[h.Name.Name] = true
			j.addHost(h, label, f)
			continue
		}
		if !j.Zone.IsWildcard(h.Name) || j.leadsToServer(h.Name) {
			j.working = append(j.working, h.Name)
		}
		leaf := h.HTTPS.Best().Leaf()
		j.pass(Passed{ID: HasAddresses, Host: h.Name.Name})
		j.pass(Passed{ID: CertificateGood, Host: h.Name.Name, Date: leaf.NotAfter})
		j.addresses(h)
		if probe.EndsSoon(leaf, j.Time) {
			j.add(Fault{Kind: Kind{ID: CertificateExpiring, Severity: Warning}, Host: h.Name.Name, Date: leaf.NotAfter})
		}
	}
	j.webSite()
}

// webSite judges the domain's own web site. It is only a second place to ask, so it
// is not a fault if it does not answer. But a client that asks there before it asks
// us shows its user a warning if the certificate is for another name
// (https://support.microsoft.com/kb/2772058).
func (j *judge) webSite() {
	h := j.Hosts[j.domain()]
	if h.Name.Failure.Failed() {
		j.unknownDNS(h.Name.Name, h.Name.Failure)
	}
	j.privateAddresses(h, Warning)
	f, bad := hostFault(h)
	if !bad {
		return
	}
	j.down[h.Name.Name] = true
	switch f.ID {
	case CertificateName, CertificateExpired, CertificateUntrusted:
		f.Severity, f.Clients = Warning, j.firstAtWebSite()
		if len(f.Clients) > 0 {
			j.add(f)
		}
	}
}

// firstAtWebSite returns the clients that ask the domain's own web site by https before
// they ask a name of ours.
func (j *judge) firstAtWebSite() []string {
	return named(func(c clients.Client) bool {
		if c.Requests == nil {
			return false
		}
		for _, r := range c.Requests(j.Address) {
			f := probe.Fetch{Request: r}
			switch host := f.URL().Hostname(); {
			case host == j.domain() && f.URL().Scheme == "https":
				return true
			case host == probe.Autoconfig+"."+j.domain(), host == probe.Autodiscover+"."+j.domain():
				return false
			}
		}
		return false
	})
}

func (j *judge) addHost(h *probe.Host, label string, f Fault) {
	f.Clients = j.askers(h.Name.Name)
	switch {
	case f.ID == DNSUnknown:
		j.unknownDNS(h.Name.Name, h.Name.Failure)
		return
	case f.Severity == Unknown:
	case f.ID == NoRecord && j.explained(h.Name.Name):
		return
	case j.Zone.IsWildcard(h.Name) && !j.leadsToServer(h.Name):
		f = Fault{Kind: Kind{ID: Wildcard}, Host: f.Host, Clients: f.Clients}
	}
	switch f.ID {
	case NoRecord, DanglingAlias, Wildcard, Microsoft365:
		f.Records = j.record(label)
	}
	j.add(f)
}

// hostFault names the first thing that is wrong with a host.
func hostFault(h *probe.Host) (f Fault, bad bool) {
	f.Host = h.Name.Name
	a := h.HTTPS.Best()
	switch {
	case h.Name.LeadsTo(probe.IsMicrosoft365):
		f.ID = Microsoft365
	case h.Name.State == probe.NameUnknown:
		f.ID = DNSUnknown
	case h.Name.State == probe.NameMissing:
		f.ID = NoRecord
	case h.Name.State == probe.NameDangling:
		f.ID, f.Target = DanglingAlias, h.Name.Aliases[len(h.Name.Aliases)-1]
	case a.Failure.Kind == probe.OutOfTime:
		f.ID, f.Severity = OutOfTime, Unknown
	case a.Failure.Kind == probe.NoIPv6:
		// People with IPv6 may be able to reach it.
		f.ID, f.Severity, f.Failure = Unreachable, Unknown, a.Failure
	case a.Failure.Kind == probe.NotPublic:
		f.ID, f.Failure = PrivateAddress, a.Failure
	case a.Failure.Failed() && !h.HTTP.Best().Failure.Failed():
		f.ID, f.Failure = HTTPOnly, a.Failure
	case a.Failure.Failed():
		f.ID, f.Failure = Unreachable, a.Failure
	case a.TLS.Failed():
		f.ID, f.Failure = TLSFailed, a.TLS
	case a.Flaw.Kind != probe.NoFlaw:
		f.ID, f.Flaw = flawID(a.Flaw.Kind), a.Flaw
	default:
		return f, false
	}
	return f, true
}

// flawID returns the fault for a certificate's flaw: flaws with the same cure are the same
// fault.
func flawID(k probe.FlawKind) ID {
	switch k {
	case probe.Expired, probe.NotYetValid:
		return CertificateExpired
	case probe.OtherName:
		return CertificateName
	case probe.NoFlaw, probe.NoCertificate, probe.SelfSigned, probe.NoIntermediate, probe.UnknownAuthority:
	}
	return CertificateUntrusted
}

// addresses adds faults of one address of a name while another is good.
func (j *judge) addresses(h *probe.Host) {
	dead, untried := h.HTTPS.Dead()
	for _, a := range dead {
		if a.Failure.Kind == probe.NotPublic {
			continue // privateAddresses reports it
		}
		j.add(Fault{Kind: Kind{ID: AddressDead}, Host: h.Name.Name, Target: a.Address.Addr().String(),
			Failure: cmp.Or(a.Failure, a.TLS), Flaw: a.Flaw, Clients: j.askers(h.Name.Name)})
	}
	if untried {
		j.add(Fault{Kind: Kind{ID: NoIPv6Here, Severity: Optional}, Host: h.Name.Name})
	}
}

// privateAddresses reports which addresses of a name are not publicly reachable.
// With --allow-private, for a check of one's own network, it is only a reminder.
func (j *judge) privateAddresses(h *probe.Host, s Severity) {
	if j.AllowPrivate {
		s = Warning
	}
	for _, ip := range h.Name.Addresses() {
		if why := probe.NotPublicOf(ip); why.Failed() {
			j.add(Fault{Kind: Kind{ID: PrivateAddress, Severity: s}, Host: h.Name.Name, Failure: why, Clients: j.askers(h.Name.Name)})
		}
	}
}

// leadsToServer reports whether a name points to mailsetup's address as configured.
func (j *judge) leadsToServer(n probe.Name) bool {
	return n.LeadsTo(func(alias string) bool { return alias == j.Server.Name.String() }) ||
		slices.ContainsFunc(n.Addresses(), func(ip netip.Addr) bool { return slices.Contains(j.Server.Addresses, ip) })
}

// nameServers compares what the domain's own name servers say. It replaces a
// missing record with the reason why it is missing here.
func (j *judge) nameServers() {
	for _, label := range j.Labels {
		host := label + "." + j.domain()
		var with, without []string
		for _, v := range j.Views {
			if has, answered := v.Has[host]; answered && has {
				with = append(with, v.Server)
			} else if answered {
				without = append(without, v.Server)
			}
		}
		n := j.Zone.Names[host]
		f := Fault{Host: host, Clients: j.askers(host)}
		switch {
		case len(without) > 0 && len(with) > 0:
			f.ID, f.Target = NameServersDiffer, strings.Join(without, ", ")
		case len(without) > 0 && n.State == probe.NameFound && !j.Zone.IsWildcard(n):
			f.ID, f.Target, f.Records = OnlyRemembered, strings.Join(without, ", "), j.record(label)
		case len(with) > 0 && n.State == probe.NameMissing:
			f.ID = NotPropagated
		default:
			continue
		}
		j.add(f)
	}
}

// explained reports whether the name servers explain why a name is missing.
func (j *judge) explained(host string) bool {
	return slices.ContainsFunc(j.d.Faults, func(f Fault) bool {
		return f.Host == host && (f.ID == NotPropagated || f.ID == NameServersDiffer || f.ID == OnlyRemembered)
	})
}
