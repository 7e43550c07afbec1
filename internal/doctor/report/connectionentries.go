package report

import (
	"strings"

	"mailsetup/internal/doctor/judge"
)

const getCertificate = "Get one for these names: list them in the ACME settings of the proxy, and let the authority reach it on port 80 or 443."

// siteCertificate is the cure for a certificate of the domain's own web site.
func siteCertificate(g *group) []string {
	return []string{"Give the web site a certificate for " + g.names() + ". If it has none to show, let it refuse connections on port 443: that is harmless."}
}

// atFirst says which clients ask the web site before they ask us.
func atFirst(g *group, text string) string {
	if g.kind.Place != judge.WebSite || len(g.clients) == 0 {
		return text + "."
	}
	return text + ". Clients that ask there first may warn people: " + list(g.clients) + "."
}

var connectionEntries = map[judge.ID]entry{
	judge.Unreachable: {Connection,
		func(g *group) string {
			if g.kind.Severity == judge.Unknown {
				return g.names() + g.verb(" has", " have") + " IPv6 addresses only, and this machine has no IPv6"
			}
			return "nothing answers at " + g.names() + " on port 443 or 80" + g.why()
		},
		nil, func(g *group) []string {
			if g.kind.Severity == judge.Unknown {
				return []string{"Run the check on a machine with IPv6. Many people have none either: publish an IPv4 address (A), too."}
			}
			return []string{"Start the server or the proxy in front of it, and open ports 443 and 80 in the firewall. If the address is wrong, correct the record."}
		}, nil},
	judge.HTTPOnly: {Connection,
		func(g *group) string {
			return g.names() + g.verb(" answers", " answer") + " on port 80 only, not by https" + g.why()
		},
		nil, func(g *group) []string {
			return []string{"Serve https on port 443, with a certificate for " + g.names() + ". Many clients ask nothing else."}
		}, nil},
	judge.AddressDead: {Connection,
		func(g *group) string { return "one address of " + g.names() + " does not work: " + deadAddresses(g) },
		func(g *group) string {
			return "One address of " + g.names() + " does not work: " + deadAddresses(g) + ". Clients that take it wait or fail; the other address works."
		},
		always("Let the server listen on that address too, with the same certificate, or delete its record (A or AAAA)."), nil},
	judge.NoIPv6Here: {Connection,
		func(*group) string { return "this machine has no IPv6" },
		func(g *group) string {
			return "This machine has no IPv6, so the IPv6 addresses of " + g.names() + " were not tried."
		}, nil, nil},
	judge.TLSFailed: {Certificate,
		func(g *group) string {
			return g.names() + g.verb(" does", " do") + " not complete the TLS handshake" + g.why()
		},
		nil, always("Let the server offer TLS 1.2 or newer on port 443. A handshake that fails often means that the server has no certificate for the name. " + getCertificate), nil},
	judge.CertificateName: {Certificate,
		func(g *group) string {
			return "the certificate that " + g.names() + g.verb(" shows", " show") + " is for another name: " + flaws(g)
		},
		func(g *group) string {
			return atFirst(g, "The certificate that "+g.names()+g.verb(" shows", " show")+" is for another name: "+flaws(g))
		},
		always(getCertificate), siteCertificate},
	judge.CertificateExpired: {Certificate,
		func(g *group) string { return "the certificate of " + g.names() + " is not valid today: " + flaws(g) },
		func(g *group) string {
			return atFirst(g, "The certificate of "+g.names()+" is not valid today: "+flaws(g))
		},
		always("Renew it, and find out why that did not happen by itself: the log of the ACME client says so."), siteCertificate},
	judge.CertificateUntrusted: {Certificate,
		func(g *group) string { return "the certificate of " + g.names() + " is not trusted: " + flaws(g) },
		func(g *group) string {
			return atFirst(g, "The certificate of "+g.names()+" is not trusted: "+flaws(g))
		},
		always("Use one of a public authority and send its whole chain (fullchain.pem). If all your clients trust a private authority, name its certificate with --ca."), siteCertificate},
	judge.CertificateExpiring: {Certificate,
		func(g *group) string { return "the certificate of " + g.names() + " ends soon" },
		func(g *group) string {
			return "The certificate of " + g.names() + " ends on " + strings.Join(dates(g), "; ") + ", and has not been renewed yet."
		},
		always("Find out why in the log of the ACME client."), nil},
}

func flaws(g *group) string {
	return strings.Join(g.each(func(f judge.Fault) string { return flaw(f.Flaw) }), "; ")
}

func dates(g *group) []string {
	return g.each(func(f judge.Fault) string { return day(f.Date) })
}

// deadAddresses are addresses with what is wrong with each.
func deadAddresses(g *group) string {
	return strings.Join(g.each(func(f judge.Fault) string {
		why := failure(f.Failure)
		if why == "" {
			why = "its certificate: " + flaw(f.Flaw)
		}
		return f.Target + " (" + why + ")"
	}), "; ")
}
