package doctor

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"mailsetup/internal/clients"
	"mailsetup/internal/terminal"
)

// A fault is one observation that is not as it should be. Faults of one kind
// become one finding.
type fault struct {
	id       ID
	severity Severity
	host     string // the name that it is about; "" if it is about none
	detail   string
	records  []string
	clients  []string
	site     bool // an answer of the domain's own web site, which has cures of its own
}

// A diagnosis collects faults and what is good.
type diagnosis struct {
	c      *check
	faults []fault
	passed []Finding
	// down are hosts at which no document can be had, for a reason that is among
	// the faults; what clients ask there is not held against it again.
	down map[string]bool
	// working are hosts whose records may serve as an example for others.
	working []name
}

func newDiagnosis(c *check) *diagnosis { return &diagnosis{c: c, down: map[string]bool{}} }

func (d *diagnosis) add(f fault) {
	if f.severity == 0 {
		f.severity = Problem
	}
	d.faults = append(d.faults, f)
}

func (d *diagnosis) pass(topic Topic, what string) {
	d.passed = append(d.passed, Finding{ID: Good, Severity: Pass, Topic: topic, What: what})
}

// unknownDNS adds a question that DNS did not answer.
func (d *diagnosis) unknownDNS(host string, err error) {
	if errors.Is(err, errDNSSEC) {
		d.add(fault{id: DNSSEC, host: host, clients: d.askers(host)})
		return
	}
	d.add(fault{id: DNSUnknown, severity: Unknown, host: host, detail: err.Error(), clients: d.askers(host)})
}

// askers are the clients that ask a host.
func (d *diagnosis) askers(host string) []string {
	var all []string
	for _, client := range clients.All {
		if client.Requests == nil {
			continue
		}
		for _, r := range client.Requests(d.c.address) {
			f := fetch{request: r}
			if f.parsed().Hostname() == host {
				all = append(all, client.Name)
				break
			}
		}
	}
	return all
}

// judgeHosts looks at names, connections and certificates: of each name the first thing
// that is wrong, because the rest follows from it.
func (d *diagnosis) judgeHosts(z zone, hosts map[string]*host) {
	for _, label := range []string{autoconfig, autodiscover} {
		h := hosts[label+"."+d.c.Domain.String()]
		f, ok := hostFault(h)
		if f.id != PrivateAddress {
			d.privateAddresses(h, Problem)
		}
		if ok {
			d.down[h.name.name] = true
			d.addHost(z, h, f)
			continue
		}
		if !z.isWildcard(h.name) || d.leadsToServer(h.name) {
			d.working = append(d.working, h.name)
		}
		d.pass(DNS, h.name.name+" has addresses.")
		d.pass(Certificate, "The certificate of "+h.name.name+" is good until "+day(h.https.best().leaf().NotAfter)+".")
		d.addresses(h)
		if leaf := h.https.best().leaf(); endsSoon(leaf, d.c.Now()) {
			d.add(fault{id: CertificateExpiring, severity: Warning, host: h.name.name, detail: day(leaf.NotAfter)})
		}
	}
	// The domain's own web site is only a second place to look; that it is not
	// there is no fault.
	apex := hosts[d.c.Domain.String()]
	if apex.name.err != nil {
		d.unknownDNS(apex.name.name, apex.name.err)
	}
	d.privateAddresses(apex, Warning)
	if _, ok := hostFault(apex); ok {
		d.down[apex.name.name] = true
	}
}

func (d *diagnosis) addHost(z zone, h *host, f fault) {
	f.clients = d.askers(h.name.name)
	switch {
	case f.severity == Unknown && f.id != DNSUnknown:
	case f.id == DNSUnknown:
		d.unknownDNS(h.name.name, h.name.err)
		return
	case f.id == NoRecord && d.explained(h.name.name):
		return
	case z.isWildcard(h.name) && !d.leadsToServer(h.name):
		f.detail, f.id = "", Wildcard
	}
	label, _, _ := strings.Cut(h.name.name, ".")
	switch f.id {
	case NoRecord, DanglingAlias, Wildcard, Microsoft365:
		f.records = d.record(label)
	}
	d.add(f)
}

// hostFault names the first thing that is wrong with a host.
func hostFault(h *host) (fault, bool) {
	f := fault{host: h.name.name}
	a := h.https.best()
	switch {
	case h.name.leadsTo(isMicrosoft365):
		f.id = Microsoft365
	case h.name.state == nameUnknown:
		f.id = DNSUnknown
	case h.name.state == nameMissing:
		f.id = NoRecord
	case h.name.state == nameDangling:
		f.id, f.detail = DanglingAlias, h.name.aliases[len(h.name.aliases)-1]
	case errors.Is(a.err, errDeadline):
		f.id, f.severity = OutOfTime, Unknown
	case errors.Is(a.err, errNoIPv6):
		// Whoever has IPv6 may well reach it.
		f.id, f.severity, f.detail = Unreachable, Unknown, a.err.Error()
	case isNotPublic(a.err):
		f.id, f.detail = PrivateAddress, a.err.Error()
	case a.err != nil && h.http.best().err == nil:
		f.id, f.detail = HTTPOnly, a.err.Error()
	case a.err != nil:
		f.id, f.detail = Unreachable, a.err.Error()
	case a.tlsErr != nil:
		f.id, f.detail = TLSFailed, a.tlsErr.Error()
	case a.flaw.id != "":
		f.id, f.detail = a.flaw.id, a.flaw.detail
	default:
		return f, false
	}
	return f, true
}

// addresses adds what is wrong with one address of a name while another is good.
func (d *diagnosis) addresses(h *host) {
	dead, unchecked := h.https.dead()
	for _, a := range dead {
		if isNotPublic(a.err) {
			continue // privateAddresses tells it
		}
		why := cmp.Or(a.err, a.tlsErr)
		detail := a.address.Addr().String() + " "
		if why != nil {
			detail += "(" + why.Error() + ")"
		} else {
			detail += "(" + string(a.flaw.id) + ": " + a.flaw.detail + ")"
		}
		d.add(fault{id: AddressDead, host: h.name.name, detail: detail, clients: d.askers(h.name.name)})
	}
	if unchecked {
		d.add(fault{id: NoIPv6Here, severity: Optional, host: h.name.name})
	}
}

// privateAddresses tells which addresses of a name nobody outside can reach. With
// --allow-private somebody checks a network of their own, and it is a reminder.
func (d *diagnosis) privateAddresses(h *host, s Severity) {
	if d.c.AllowPrivate {
		s = Warning
	}
	for _, ip := range slices.Concat(h.name.v4, h.name.v6) {
		if kind := specialKind(ip); kind != "" {
			d.add(fault{id: PrivateAddress, severity: s, host: h.name.name, detail: notPublic{ip, kind}.Error(), clients: d.askers(h.name.name)})
		}
	}
}

// isMicrosoft365 reports whether a name is one at which Microsoft answers
// Autodiscover for its own mail service (https://learn.microsoft.com/microsoft-365/
// enterprise/external-domain-name-system-records, national clouds included).
func isMicrosoft365(host string) bool {
	for _, end := range []string{"autodiscover.outlook.com", "autodiscover-s.outlook.com", "autodiscover-s.office365.us",
		"autodiscover-dod.office365.us", "autodiscover.partner.outlook.cn", "partner.outlook.cn"} {
		if host == end || strings.HasSuffix(host, "."+end) {
			return true
		}
	}
	return false
}

// isWildcard reports whether a name has only what every name below the domain has.
func (z zone) isWildcard(n name) bool {
	return z.random.state == nameFound && n.name != z.random.name && n.sameAs(z.random)
}

// report makes findings of faults.
func (d *diagnosis) report(searches []search) Report {
	r := Report{Domain: d.c.Domain.String()}
	if d.c.match.Provider != nil {
		r.Provider = d.c.match.Provider.Name
	}
	type kind struct {
		id       ID
		severity Severity
		site     bool // the domain's own web site is somebody else's machine
	}
	var order []kind
	byKind := map[kind][]fault{}
	for _, f := range d.faults {
		k := kind{f.id, f.severity, f.site}
		if _, seen := byKind[k]; !seen {
			order = append(order, k)
		}
		byKind[k] = append(byKind[k], f)
	}
	for _, k := range order {
		if k.severity == Warning && byKind[kind{k.id, Problem, k.site}] != nil {
			continue // the problem says it already
		}
		r.Findings = append(r.Findings, d.describe(k.id, k.severity, byKind[k]))
	}
	r.Findings = append(r.Findings, d.passed...)
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Topic.order(), b.Topic.order()))
	})
	r.Verdicts = d.explain(searches, r.Findings)
	r.makeSafe()
	return r
}

// makeSafe is the one place through which all text from outside passes on its way
// to people and programs.
func (r *Report) makeSafe() {
	r.Provider = terminal.Line(r.Provider)
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		v.Text, v.reason = terminal.Line(v.Text), terminal.Line(v.reason)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.What, f.because = terminal.Line(f.What), terminal.Line(f.because)
		for j := range f.Cure {
			f.Cure[j] = terminal.Line(f.Cure[j])
		}
		for j := range f.Records {
			f.Records[j] = terminal.Line(f.Records[j])
		}
	}
}

func (t Topic) order() int {
	return slices.Index([]Topic{DNS, Connection, Certificate, Answers, MailServers, Table}, t)
}
