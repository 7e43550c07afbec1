package doctor

import (
	"fmt"
	"slices"
	"strings"

	"mailsetup/internal/provider"
)

// describe makes one finding of the faults of a kind.
func (d *diagnosis) describe(id ID, s Severity, faults []fault) Finding {
	f := Finding{ID: id, Severity: s}
	var hosts, details []string
	for _, x := range faults {
		hosts = appendNew(hosts, x.host)
		details = appendNew(details, x.detail)
		f.Records = appendNew(f.Records, x.records...)
		f.Clients = appendNew(f.Clients, x.clients...)
	}
	t := faultGroup{hosts: hosts, details: details}
	switch {
	case d.describeDNS(&f, t), d.describeConnection(&f, t), d.describeAnswer(&f, t), d.describeMail(&f, t):
	default:
		f.What = string(id) + ": " + strings.Join(append(hosts, details...), ", ") + "."
	}
	if f.What == "" {
		f.What = capital(f.because) + "."
	}
	if d.ownDomain() && len(f.Cure) == 0 && f.Topic == DNS && s == Problem {
		f.Cure = []string{"Only " + d.c.match.Provider.Name + " itself can publish records there. People at its own domains use the server's page, or files rolled out to their computers."}
	}
	return f
}

// faultGroup is what the faults of a kind have to say.
type faultGroup struct{ hosts, details []string }

func (t faultGroup) names() string  { return list(t.hosts) }
func (t faultGroup) detail() string { return strings.Join(t.details, "; ") }

// verb picks between singular and plural.
func (t faultGroup) verb(one, several string) string {
	if len(t.hosts) == 1 {
		return one
	}
	return several
}

func appendNew(all []string, more ...string) []string {
	for _, s := range more {
		if s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// list joins words as a sentence does.
func list(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

func capital(s string) string {
	if s == "" || strings.ContainsRune(strings.SplitN(s, " ", 2)[0], '.') {
		return s // a domain name keeps its case
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// create is the step that goes with records.
func (d *diagnosis) create(step string, f *Finding) {
	if d.ownDomain() || len(f.Records) == 0 {
		return
	}
	if slices.ContainsFunc(f.Records, func(r string) bool { return strings.Contains(r, placeholder) }) {
		step += " Put the name of your server in the place of " + placeholder + "; with --public-url it is filled in."
	}
	f.Cure = append(f.Cure, step)
}

func (d *diagnosis) describeDNS(f *Finding, t faultGroup) bool {
	f.Topic = DNS
	switch f.ID {
	case NoRecord:
		f.because = t.names() + t.verb(" has", " have") + " no address in DNS"
		d.create("Publish:", f)
	case DanglingAlias:
		f.because = t.names() + t.verb(" is an alias", " are aliases") + " of " + t.detail() + ", which has no address"
		d.create("Give the target an address, or publish instead:", f)
	case Wildcard:
		f.because = t.names() + t.verb(" has", " have") + " no record of " + t.verb("its", "their") + " own, and the wildcard record *." + d.c.Domain.String() + " leads elsewhere"
		d.create("Publish a record of its own for each name; it takes precedence over the wildcard:", f)
	case Microsoft365:
		f.because = t.names() + t.verb(" leads", " lead") + " to Microsoft 365"
		f.What = capital(f.because) + ". Microsoft was not asked anything."
		f.Cure = append(f.Cure, "If anybody in the domain uses Microsoft 365 for mail, calendars or device management, leave the record as it is: Outlook needs it, and is not served by mailsetup then.")
		d.create("If nobody does, it is a leftover. Replace it by:", f)
	case PrivateAddress:
		f.because = t.names() + t.verb(" has", " have") + " an address that only its own network can reach: " + t.detail()
		f.What = capital(f.because) + ". Clients elsewhere cannot connect to it."
		f.Cure = []string{"Replace the record by one with the server's public address."}
		if f.Severity == Problem {
			f.What += " It was not tried."
			f.Cure = append(f.Cure, "To check a server inside your own network, run the command there with --allow-private.")
		}
	case DNSSEC:
		f.because = "the DNSSEC signatures for " + t.names() + " are wrong, so resolvers refuse to answer"
		f.Cure = []string{"Ask your DNS provider to sign the zone anew, or compare the DS record at the registrar with the zone's key. https://dnsviz.net shows where the chain breaks."}
	case DNSUnknown:
		f.because = "DNS did not answer"
		f.What = "DNS did not answer about " + someOf(t.hosts) + " (" + t.detail() + "). Whether the records exist is not known."
		f.Cure = []string{"Try again, or ask another resolver: --resolver 9.9.9.9:53. If that fails too, the domain's name servers are at fault."}
	case NotPropagated:
		f.because = t.names() + t.verb(" is", " are") + " known to the domain's name servers, but not yet to the resolver"
		f.Cure = []string{"Wait: resolvers remember for a while that a name was missing, an hour as a rule. Asking another one with --resolver shows whether it is already there."}
	case NameServersDiffer:
		f.because = "the domain's name servers disagree about " + t.names() + ": " + t.detail() + " does not have it"
		f.Cure = []string{"Publish the records at every name server of the domain, or wait until they have copied the zone. A record that was just removed lives on in caches."}
	case SRVElsewhere:
		f.because = t.names() + " leads to " + t.detail() + ", another domain"
		f.What = capital(f.because) + ". Thunderbird asks its user whether to trust that."
		f.Cure = []string{"Delete the SRV record. The name autodiscover." + d.c.Domain.String() + " does its work."}
	case SRVDiffers:
		f.because = t.names() + t.verb(" says ", " say ") + t.detail() + ", not what the table says"
		if len(f.Records) == 0 {
			f.Cure = []string{"Delete the record: " + d.c.match.Provider.Name + " documents no such service."}
		}
		d.create("Replace it by:", f)
	case SRVMissing:
		f.What = "Clients that look servers up in DNS, such as Claws Mail, find no " + t.names() + "."
		if !d.c.match.Provider.IsLogin(d.c.Domain) {
			f.What += " The record cannot carry a login, and an address at " + d.c.Domain.String() + " is not one: with it, aerc loses the login that your table states."
		}
		d.create("Publish, if such clients are used:", f)
	case POPSRV:
		f.because = t.names() + t.verb(" announces", " announce") + " a POP server, " + t.detail() + "; there is none"
		f.What = capital(f.because) + ", or none that people should use."
		d.create("Replace it by the record that says so:", f)
	case NullSRV:
		f.What = "Nothing says that " + list(t.hosts) + t.verb(" is", " are") + " not offered. Clients may try in vain."
		d.create("Publish, if your DNS provider allows it:", f)
	case MXElsewhere:
		f.What = "Mail for " + t.names() + " goes to " + t.detail() + ", which does not belong to " + d.c.match.Provider.Name + "."
		d.create("If that is no filter in front of it, the mail exchangers should be:", f)
	case MXMissing:
		f.What = t.names() + " has no mail exchanger, so it gets no mail."
		d.create("Publish what "+d.c.match.Provider.Name+" shows you, as a rule:", f)
	case ApexAlias:
		f.What = t.names() + " is an alias (CNAME) of " + t.detail() + ", so it cannot have a mail exchanger, and gets no mail."
		f.Cure = []string{"Replace the CNAME record by address records (A, AAAA), or by your DNS provider's ALIAS record. Then publish the mail exchangers that " + d.c.match.Provider.Name + " shows you."}
	case CAAForbids:
		f.because = "the CAA record of " + t.names() + " lets Let's Encrypt issue no certificate"
		f.What = capital(f.because) + ". The next renewal fails."
		d.create("Publish beside it, or name your own certificate authority instead:", f)
	default:
		return false
	}
	return true
}

func someOf(names []string) string {
	const few = 4
	// Host names first: they matter most.
	slices.SortStableFunc(names, func(a, b string) int { return strings.Count(a, "_") - strings.Count(b, "_") })
	if len(names) > few {
		return fmt.Sprintf("%s and %d more names", strings.Join(names[:few], ", "), len(names)-few)
	}
	return list(names)
}

func (d *diagnosis) describeMail(f *Finding, t faultGroup) bool {
	f.Topic = MailServers
	if f.ID == LoginUnknown {
		f.Topic = Table
		f.What = "The table states no login for addresses in " + d.c.Domain.String() + ", and at " + d.c.match.Provider.Name + " the address is none. People must enter it by hand."
		f.Cure = []string{"State the logins in the table, for one address or for the whole domain; the documentation of the table says what that tells strangers."}
		return true
	}
	protocol, what, ok := strings.Cut(string(f.ID), "-")
	if !ok || protocol != provider.IMAP.String() && protocol != provider.SMTP.String() {
		return false
	}
	server := "the " + strings.ToUpper(protocol) + " server " + t.names()
	detail := ""
	if t.detail() != "" {
		detail = " (" + t.detail() + ")"
	}
	f.Cure = d.mailCure()
	switch what {
	case noName:
		f.because = server + " has no address in DNS"
	case unreachable:
		f.because = server + " cannot be reached from here" + detail
		f.Cure = append([]string{"Try from another network: some let no mail out."}, f.Cure...)
	case noTLS:
		f.because = server + " speaks no TLS" + detail
	case tlsFailed:
		f.because = server + " does not agree on TLS 1.2 or newer" + detail
	case string(CertificateName), string(CertificateExpired), string(CertificateUntrusted):
		f.because = "the certificate of " + server + " is not good" + detail
	case noStartTLS:
		f.because = server + " does not offer STARTTLS" + detail
	case badGreeting:
		f.because = server + " does not greet as it should" + detail
	case notTheProtocol:
		f.because = server + " is none that clients can use" + detail
	case privateAddress:
		f.because = server + " has an address that is not public: " + t.detail()
	case noAuth:
		f.because = server + " does not take the kind of login that the table states"
	case expiringSoon:
		f.What = "The certificate of " + server + " ends on " + t.detail() + "."
	default:
		return false
	}
	return true
}

// mailCure: the mail servers belong to somebody else, but the table may be wrong.
func (d *diagnosis) mailCure() []string {
	cure := "Compare the server in your table with what " + d.c.match.Provider.Name + " says."
	if page := d.c.match.Provider.Help.Status; !page.IsZero() {
		cure = "See whether " + d.c.match.Provider.Name + " has a fault, " + page.String() + ". " + cure
	}
	return []string{cure}
}
