package report

import (
	"slices"
	"strings"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/probe"
)

var dnsEntries = map[judge.ID]entry{
	judge.CutOff: {DNS,
		func(*group) string { return "this resolver seems cut off from the internet" },
		func(g *group) string {
			return "This resolver seems cut off from the internet: it denies " + g.Domain.String() + " and the servers of " + g.service() + ", too. Nothing can be said about the domain."
		},
		always("Sign in to the network if it wants that, or ask another resolver: --resolver 9.9.9.9:53."), nil},
	judge.NoRecord: {DNS,
		func(g *group) string { return g.names() + g.verb(" has", " have") + " no address in DNS" },
		nil, func(g *group) []string { return g.publish("Publish:") }, nil},
	judge.DanglingAlias: {DNS,
		func(g *group) string {
			return g.names() + g.verb(" is an alias", " are aliases") + " of " + g.targets() + ", which has no address"
		},
		nil, func(g *group) []string { return g.publish("Give that name an address, or publish instead:") }, nil},
	judge.Wildcard: {DNS,
		func(g *group) string {
			return g.names() + g.verb(" has no record of its own", " have no records of their own") + ", and the wildcard record *." + g.Domain.String() + " leads elsewhere"
		},
		nil, func(g *group) []string {
			return g.publish("Publish a record for each name. It takes precedence over the wildcard:")
		}, nil},
	judge.Microsoft365: {DNS,
		func(g *group) string { return g.names() + g.verb(" leads", " lead") + " to Microsoft 365" },
		func(g *group) string {
			return g.names() + g.verb(" leads", " lead") + " to Microsoft 365. Microsoft was not asked anything."
		},
		func(g *group) []string {
			steps := []string{"If anybody in the domain uses Microsoft 365 for mail, calendars or device management, leave the record as it is. Outlook needs it, and mailsetup cannot serve Outlook then."}
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
				text += " It was not tried."
			}
			return text
		},
		func(g *group) []string {
			steps := []string{"Replace the record with one that has the server's public address."}
			if g.kind.Severity == judge.Problem {
				steps = append(steps, "To check a server inside your own network, run the command there with --allow-private.")
			}
			return steps
		}, nil},
	judge.DNSSEC: {DNS,
		func(g *group) string {
			return "the DNSSEC signatures for " + g.names() + " are wrong, so resolvers refuse to answer"
		},
		nil, always("Ask your DNS provider to sign the zone again, or compare the DS record at the registrar with the zone's key. https://dnsviz.net shows where the chain breaks."), nil},
	judge.DNSUnknown: {DNS,
		func(*group) string { return "DNS did not answer" },
		func(g *group) string {
			return "DNS did not answer about " + someOf(g.hosts) + g.why() + ". Whether the records exist is not known."
		},
		always("Try again, or ask another resolver: --resolver 9.9.9.9:53. If that fails too, the domain's name servers are at fault."), nil},
	judge.NotPropagated: {DNS,
		func(g *group) string {
			return "the domain's name servers know " + g.names() + ", but this resolver does not yet"
		},
		nil, always("Wait. Resolvers remember for a while, often an hour, that a name was missing. Another one may know it already: --resolver 9.9.9.9:53."), nil},
	judge.NameServersDiffer: {DNS,
		func(g *group) string {
			return "the domain's name servers disagree: some have " + g.names() + ", and " + g.targets() + " not"
		},
		nil, always("Publish the records at every name server of the domain, or wait until they have copied the zone."), nil},
	judge.OnlyRemembered: {DNS,
		func(g *group) string {
			return "this resolver knows " + g.names() + ", but the domain's name servers do not: " + g.targets()
		},
		func(g *group) string {
			return "This resolver knows " + g.names() + ", but the domain's name servers do not: " + g.targets() + ". Either the record was deleted and caches still remember it, or only your own network has it."
		},
		func(g *group) []string { return g.publish("Publish at the domain's DNS provider:") }, nil},
	judge.SRVElsewhere: {DNS,
		func(g *group) string { return g.names() + " leads to " + g.targets() + ", another domain" },
		func(g *group) string {
			return g.names() + " leads to " + g.targets() + ", another domain. " + list(g.clients) + plural(len(g.clients), " asks", " ask") + " people whether to trust that."
		},
		func(g *group) []string {
			return []string{"Delete the SRV record. The name " + probe.Autodiscover + "." + g.Domain.String() + " does its work."}
		}, nil},
	judge.SRVAlias: {DNS,
		func(g *group) string { return g.names() + " leads to " + g.targets() + ", which is an alias (CNAME)" },
		func(g *group) string {
			return g.names() + " leads to " + g.targets() + ", which is an alias (CNAME). The standard forbids that (RFC 2782), and some clients find no address there."
		},
		func(g *group) []string {
			return []string{"Delete the SRV record: the name " + probe.Autodiscover + "." + g.Domain.String() + " does its work. Or let it lead to the name that has the address."}
		}, nil},
	judge.SRVDiffers: {DNS,
		func(g *group) string {
			says := g.each(func(f judge.Fault) string {
				if f.Target == "" {
					return "that the service is not offered"
				}
				return f.Target
			})
			return g.names() + g.verb(" says ", " say ") + strings.Join(says, "; ") + ", which is not what the table says"
		},
		nil, func(g *group) []string {
			if len(g.records) == 0 {
				return []string{"Delete the record: " + g.service() + " documents no such service."}
			}
			return g.publish("Replace it with:")
		}, nil},
	judge.SRVMissing: {DNS,
		func(g *group) string { return "there is no " + g.names() },
		func(g *group) string {
			text := "Clients that look up servers in DNS find no " + g.names() + "."
			if !g.Match.Provider().IsLogin(g.Domain) {
				text += " The record cannot carry a login, and an address at " + g.Domain.String() + " is not one. " +
					list(g.clients) + plural(len(g.clients), " prefers", " prefer") + " the record to mailsetup's answer, and would log in with the address."
			}
			return text
		},
		func(g *group) []string { return g.publish("Publish if such clients are used:") }, nil},
	judge.POPSRV: {DNS,
		func(g *group) string {
			return g.names() + g.verb(" announces", " announce") + " a POP server, " + g.targets() + ". People should not use POP, and the table has no such server"
		},
		nil, func(g *group) []string { return g.publish("Replace it with the record that says so:") }, nil},
	judge.NullSRV: {DNS,
		func(g *group) string { return "no record rules out " + g.names() },
		func(g *group) string {
			return "No record says that " + list(g.hosts) + g.verb(" is", " are") + " not offered. Clients may try in vain."
		},
		func(g *group) []string { return g.publish("Publish if your DNS provider allows it:") }, nil},
	judge.MXElsewhere: {DNS,
		func(g *group) string { return "mail for " + g.names() + " goes to " + g.targets() },
		func(g *group) string {
			return "Mail for " + g.names() + " goes to " + g.targets() + ", which does not belong to " + g.service() + "."
		},
		func(g *group) []string {
			if len(g.records) == 0 {
				return []string{"If that is no filter in front of " + g.service() + ", correct the mail exchangers at the name that " + g.names() + " is an alias of."}
			}
			return g.publish("If that is no filter in front of " + g.service() + ", the mail exchangers should be:")
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
			return "The CAA record of " + g.names() + " does not let Let's Encrypt issue a certificate. The next renewal fails."
		},
		func(g *group) []string {
			step := "Publish beside it, or name your own certificate authority instead:"
			if !slices.ContainsFunc(g.hosts, func(h string) bool { return !g.isOurs(h) }) {
				return g.publish(step)
			}
			return g.publish("Have this published at " + g.names() + ", where the record stands, or name your own certificate authority instead:")
		}, nil},
}

// isOurs reports whether a name stands in the domain's own zone.
func (g *group) isOurs(name string) bool {
	return name == g.Domain.String() || strings.HasSuffix(name, "."+g.Domain.String())
}

func privateAddress(g *group) string {
	return g.names() + g.verb(" has", " have") + " an address that is not public: " + strings.Join(g.each(func(f judge.Fault) string { return failure(f.Failure) }), "; ")
}
