package report

import (
	"slices"
	"strings"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/probe"
)

var dnsEntries = map[judge.ID]entry{
	judge.CutOff: {DNS,
		func(*group) string { return "this resolver seems to be cut off from the internet" },
		func(g *group) string {
			return "This resolver seems to be cut off from the internet: it says that neither " + g.Domain.String() + " nor the servers of " + g.service() + " exist. So the domain could not be checked."
		},
		always("Sign in to the network if it asks for that, or ask another resolver: --resolver 9.9.9.9."), nil},
	judge.NoRecord: {DNS,
		func(g *group) string { return g.names() + g.verb(" has", " have") + " no address in DNS" },
		nil, func(g *group) []string { return g.publish("Publish at your DNS provider:") }, nil},
	judge.DanglingAlias: {DNS,
		func(g *group) string {
			if loop(g) {
				return "the alias (CNAME) " + g.names() + " points back to itself"
			}
			return g.names() + g.verb(" is an alias", " are aliases") + " (CNAME) of " + g.targets() + ", which has no address"
		},
		nil, func(g *group) []string {
			if loop(g) {
				return g.publish("Publish instead, at your DNS provider:")
			}
			return g.publish("Give that name an address, or publish instead, at your DNS provider:")
		}, nil},
	judge.Wildcard: {DNS,
		func(g *group) string {
			return g.names() + g.verb(" has no record of its own", " have no records of their own") + ", and the wildcard record *." + g.Domain.String() + " points elsewhere"
		},
		nil, func(g *group) []string {
			return g.publish("Publish a record for each name at your DNS provider. It takes precedence over the wildcard:")
		}, nil},
	judge.Microsoft365: {DNS,
		func(g *group) string { return g.names() + g.verb(" points", " point") + " to Microsoft 365" },
		func(g *group) string {
			return g.names() + g.verb(" points", " point") + " to Microsoft 365. This check did not ask Microsoft."
		},
		func(g *group) []string {
			steps := []string{"If anybody in the domain uses Microsoft 365 for mail, calendars or device management, leave the record as it is. Outlook needs it, and mailsetup then cannot serve Outlook."}
			if len(g.records) == 0 {
				return append(steps, "If nobody does, it is a leftover. Delete it.")
			}
			return append(steps, g.publish("If nobody does, it is a leftover. Replace it with:")...)
		}, nil},
	judge.PrivateAddress: {DNS,
		privateAddress,
		func(g *group) string {
			text := privateAddress(g) + ". Clients outside that network cannot connect to it."
			if g.kind.Severity == judge.Problem {
				text += " This check did not try."
			}
			return text
		},
		func(g *group) []string {
			steps := []string{"Replace the record with one that has the public address."}
			if g.kind.Severity == judge.Problem {
				steps = append(steps, checkPrivate)
			}
			return steps
		}, nil},
	judge.DNSSEC: {DNS,
		func(g *group) string {
			return "the DNSSEC signatures for " + someOf(g.hosts) + " are wrong, so resolvers refuse to answer"
		},
		nil, always("Ask your DNS provider to sign the zone again. If you changed DNS providers, delete the old DS record at the registrar, or replace it with the one of the new provider. https://dnsviz.net shows what is wrong."), nil},
	judge.DNSUnknown: {DNS,
		func(*group) string { return "DNS did not answer" },
		func(g *group) string {
			return "DNS did not answer about " + someOf(g.hosts) + g.why() + ". The records may or may not exist."
		},
		afterDNSUnknown, nil},
	judge.NotPropagated: {DNS,
		func(g *group) string {
			return "the domain's name servers know " + g.names() + ", but this resolver does not yet"
		},
		nil, always("Wait. Resolvers remember for a while, often an hour, that a name was missing. Another resolver may know it already: --resolver 9.9.9.9."), nil},
	judge.NameServersDiffer: {DNS,
		func(g *group) string {
			return "the domain's name servers disagree: " + g.names() + g.verb(" is", " are") + " missing at " + g.targets() + ", but not at the others"
		},
		nil, always("Wait an hour: the servers may not have copied the zone yet. If they still disagree then, publish the records at every DNS provider that the domain uses."), nil},
	judge.OnlyRemembered: {DNS,
		func(g *group) string {
			return "this resolver knows " + g.names() + ", but the domain's name servers (" + g.targets() + ") do not"
		},
		func(g *group) string {
			return "This resolver knows " + g.names() + ", but the domain's name servers (" + g.targets() + ") do not. Either the record was deleted and caches still remember it, or only your own network has it."
		},
		func(g *group) []string { return g.publish("Publish at the domain's DNS provider:") }, nil},
	judge.SRVElsewhere: {DNS,
		func(g *group) string { return g.names() + " points to " + g.targets() + ", another domain" },
		func(g *group) string {
			return g.names() + " points to " + g.targets() + ", another domain. " + fewClients(g.clients) + plural(len(g.clients), " asks", " ask") + " people whether to trust that."
		},
		func(g *group) []string {
			if g.kind.Severity == judge.Warning {
				return []string{"If you published it for that server (mailsetup dns --srv-only), leave it. Otherwise delete it: " + doesItsWork(g)}
			}
			return []string{"Delete the SRV record: " + doesItsWork(g)}
		}, nil},
	judge.SRVAlias: {DNS,
		func(g *group) string { return g.names() + " points to " + g.targets() + ", which is an alias (CNAME)" },
		func(g *group) string {
			return g.names() + " points to " + g.targets() + ", which is an alias (CNAME). The standard forbids that (RFC 2782), and some clients find no address there."
		},
		func(g *group) []string {
			return []string{"Delete the SRV record: " + doesItsWork(g) + " Or point it to the name that has the address."}
		}, nil},
	judge.SRVDiffers: {DNS,
		func(g *group) string {
			says := g.each(func(f judge.Fault) string {
				if f.Target == "" {
					return "says that there is no such service"
				}
				return "names " + f.Target
			})
			return g.names() + g.verb(" differs", " differ") + " from the table: the record " + list(says)
		},
		nil, func(g *group) []string {
			steps := g.publish("Replace it with:")
			wrong := g.each(func(f judge.Fault) string {
				if len(f.Records) > 0 {
					return ""
				}
				return f.Host
			})
			if len(wrong) > 0 { // the records are listed after the last step
				steps = append([]string{"Delete " + list(wrong) + ": " + g.service() + " documents no such service."}, steps...)
			}
			return steps
		}, nil},
	judge.SRVMissing: {DNS,
		func(g *group) string { return "there is no " + g.names() },
		func(g *group) string {
			text := "Clients that look up servers in DNS find no " + g.names() + "."
			if !g.Match.Provider().IsLogin(g.Domain) && len(g.clients) > 0 {
				text += " The record cannot carry a login, and an address at " + g.Domain.String() + " is not one. " +
					fewClients(g.clients) + plural(len(g.clients), " prefers", " prefer") + " the record to mailsetup's answer, and would log in with the address."
			}
			return text
		},
		func(g *group) []string { return g.publish("Publish only if people use clients that need it:") }, nil},
	judge.POPSRV: {DNS,
		func(g *group) string {
			return g.names() + g.verb(" announces", " announce") + " a POP server, " + g.targets() + ", but the table has none"
		},
		nil, func(g *group) []string {
			return g.publish("Replace it with the record that says that there is no POP:")
		}, nil},
	judge.NullSRV: {DNS,
		func(g *group) string { return "no record rules out " + g.names() },
		func(g *group) string {
			return "No record says that " + list(g.hosts) + g.verb(" is", " are") + " not offered. Clients may try anyway."
		},
		func(g *group) []string { return g.publish("Publish if your DNS provider allows it:") }, nil},
	judge.MXElsewhere: {DNS,
		func(g *group) string { return "mail for " + g.names() + " goes to " + g.targets() },
		func(g *group) string {
			return "Mail for " + g.names() + " goes to " + g.targets() + ", not to " + g.service() + "."
		},
		func(g *group) []string {
			if len(g.records) == 0 {
				return []string{"If that is not a mail filter in front of " + g.service() + ", correct the mail exchangers at the name that " + g.names() + " is an alias of."}
			}
			return g.publish("If that is not a mail filter in front of " + g.service() + ", publish these mail exchangers instead:")
		}, nil},
	judge.MXMissing: {DNS,
		func(g *group) string { return g.names() + " has no mail exchanger" },
		func(g *group) string { return g.names() + " has no mail exchanger (MX record), so it gets no mail." },
		func(g *group) []string {
			return g.publish("Publish the mail exchangers that " + g.service() + " shows you. Usually these are:")
		}, nil},
	judge.ApexAlias: {DNS,
		func(g *group) string { return g.names() + " is an alias (CNAME) of " + g.targets() },
		func(g *group) string {
			return g.names() + " is an alias (CNAME) of " + g.targets() + ", so it cannot have a mail exchanger, and gets no mail."
		},
		func(g *group) []string {
			return []string{"Replace the CNAME record with address records (A, AAAA), or with your DNS provider's ALIAS record. Then publish the mail exchangers that " + g.service() + " shows you."}
		}, nil},
	judge.CAAForbids: {DNS,
		func(g *group) string {
			return "the CAA record of " + g.names() + " does not let Let's Encrypt issue a certificate"
		},
		func(g *group) string {
			return "The CAA record of " + g.names() + " does not let Let's Encrypt issue a certificate, so the next request for one fails."
		},
		func(g *group) []string {
			if !slices.ContainsFunc(g.hosts, func(h string) bool { return !g.isOurs(h) }) {
				return g.publish("Add this record, or one that names your own certificate authority:")
			}
			return g.publish("Add this record at " + g.names() + ", or one that names your own certificate authority:")
		}, nil},
}

const checkPrivate = "To check a server inside your own network, run the command there with --allow-private."

// loop reports whether an alias points back to itself.
func loop(g *group) bool {
	return g.any(func(f judge.Fault) bool { return f.Target == f.Host })
}

// doesItsWork is why Outlook's SRV record is not needed.
func doesItsWork(g *group) string {
	return "the name " + probe.Autodiscover + "." + g.Domain.String() + " makes it unnecessary."
}

// afterDNSUnknown: only an answer shows that a name server is at fault. Silence may be
// caused by this machine's own network.
func afterDNSUnknown(g *group) []string {
	switch {
	case g.failed(probe.DNSUnreachable, probe.DNSSilent):
		return []string{"Check the network of this machine, and try again, or ask another resolver: --resolver 9.9.9.9."}
	case g.failed(probe.DNSBudget):
		return []string{"Try again. If that does not help, the domain's records form too long a chain of names."}
	}
	return []string{"Try again, or ask another resolver: --resolver 9.9.9.9. If that one fails too, the name servers are at fault: for your own domain, tell your DNS provider."}
}

// isOurs reports whether a name is in the domain's own zone.
func (g *group) isOurs(name string) bool {
	return name == g.Domain.String() || strings.HasSuffix(name, "."+g.Domain.String())
}

func privateAddress(g *group) string { return g.names() + notPublic(g) }

// notPublic returns the predicate for names whose addresses are not public.
func notPublic(g *group) string {
	return g.verb(" has", " have") + " an address that is not public: " + list(g.each(failed))
}
