package report

import (
	"strings"

	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/probe"
)

// getCertificate covers both cases: certificates of a proxy, and the server's own.
func getCertificate(g *group) string {
	return "Get a certificate for " + g.names() + ". With a proxy, list " + g.verb("it", "them") + " in its ACME (Let's Encrypt) settings. Without one, start mailsetup with --acme-email, or check its log for what the " + g.verb("name is", "names are") + " waiting for. The authority must reach port 80 or 443."
}

const checkClock = "Check the clocks of this machine and of the server."

// siteCertificate returns the cure for a certificate of the domain's own web site.
func siteCertificate(g *group) []string {
	return []string{"Give the web site a valid certificate for " + g.names() + ". If the domain needs no web site, close port 443 there: mail clients then go on to the next name."}
}

// atFirst says which clients ask the web site before they ask us.
func atFirst(g *group, text string) string {
	if g.kind.Place != judge.WebSite || len(g.clients) == 0 {
		return text + "."
	}
	return text + ". Clients that ask there first may warn people: " + fewClients(g.clients) + "."
}

// certificate returns a sentence about the certificate of a host, and its cures.
func certificate(say func(*group) string, cure, atWebSite func(*group) []string) entry {
	return entry{Certificate, say, func(g *group) string { return atFirst(g, capital(say(g))) }, cure, atWebSite}
}

// unreachable: if nothing comes back, the reason may be the network that the check runs in.
func unreachable(g *group) []string {
	if g.kind.Severity == judge.Unknown {
		return []string{"Run the check on a machine with IPv6. Many people have none either: publish an IPv4 address (A), too."}
	}
	steps := []string{"Start the server or the proxy in front of it, and open ports 443 and 80 in the firewall. If the address is wrong, correct the record."}
	if g.failed(probe.Silent, probe.NoRoute) {
		steps = append(steps, "If it works from another network, this one blocks it.")
	}
	return steps
}

var connectionEntries = map[judge.ID]entry{
	judge.Unreachable: {Connection,
		func(g *group) string {
			if g.kind.Severity == judge.Unknown {
				return g.names() + g.verb(" has", " have") + " IPv6 addresses only, and this machine has no IPv6"
			}
			return "nothing answers at " + g.names() + " on port 443 or 80" + g.why()
		},
		nil, unreachable, nil},
	judge.HTTPOnly: {Connection,
		func(g *group) string {
			return g.names() + g.verb(" answers", " answer") + " on port 80 only, not by https" + g.why()
		},
		nil, func(g *group) []string {
			return []string{"Serve https on port 443, with a certificate for " + g.names() + ": at the proxy, or by mailsetup itself with --acme-email. Many clients use only https."}
		}, nil},
	judge.AddressDead: {Connection,
		func(g *group) string { return "one address of " + g.names() + " does not work: " + deadAddresses(g) },
		func(g *group) string {
			return "One address of " + g.names() + " does not work: " + deadAddresses(g) + ". Clients that use it wait or fail; the other address works."
		},
		always("Make the server listen on that address too, with the same certificate, or delete its record (A or AAAA)."), nil},
	judge.NoIPv6Here: {Connection,
		func(*group) string { return "this machine has no IPv6" },
		func(g *group) string {
			return "This machine has no IPv6, so the IPv6 addresses of " + g.names() + " were not tried."
		}, nil, nil},
	judge.TLSFailed: {Certificate,
		func(g *group) string {
			return g.names() + g.verb(" does", " do") + " not complete the TLS handshake" + g.why()
		},
		nil, func(g *group) []string {
			switch {
			case g.failed(probe.NotTLS):
				return []string{"Make the proxy serve https on port 443, with a certificate for " + g.names() + ". Or start mailsetup without a proxy, with --acme-email."}
			case g.failed(probe.OldTLS):
				return []string{"Make the server offer TLS 1.2 or newer on port 443."}
			}
			return []string{"Most often the server has no certificate for the name. " + getCertificate(g)}
		}, nil},
	judge.CertificateName: certificate(
		func(g *group) string {
			return g.names() + g.verb(" shows", " show") + " the wrong certificate: " + flaws(g)
		}, func(g *group) []string { return []string{getCertificate(g)} }, siteCertificate),
	judge.CertificateExpired: certificate(
		func(g *group) string { return "the certificate of " + g.names() + " is not valid now: " + flaws(g) },
		func(g *group) []string {
			if g.flawed(probe.NotYetValid) {
				return []string{checkClock}
			}
			return []string{"Renew it. The log of the ACME client (that of mailsetup, if it runs with --acme-email) says why that did not happen automatically."}
		}, siteCertificate),
	judge.CertificateUntrusted: certificate(
		func(g *group) string { return "the certificate of " + g.names() + " is not trusted: " + flaws(g) },
		func(g *group) []string {
			if g.flawed(probe.SelfSigned, probe.NoCertificate) {
				return []string{getCertificate(g)}
			}
			return []string{"Use a certificate from a public authority, and send its whole chain (often called fullchain.pem). If your clients trust a private authority, pass its certificate with --ca."}
		}, siteCertificate),
	judge.CertificateExpiring: {Certificate,
		func(g *group) string { return "the certificate of " + g.names() + " expires soon" },
		func(g *group) string {
			return "The certificate of " + g.names() + " expires on " + list(dates(g)) + ", and has not been renewed yet."
		},
		always("The log of the ACME client (that of mailsetup, if it runs with --acme-email) says why."), nil},
}

func flaws(g *group) string {
	return strings.Join(g.each(func(f judge.Fault) string { return flaw(f.Flaw) }), "; ")
}

func dates(g *group) []string {
	return g.each(func(f judge.Fault) string { return day(f.Date) })
}

// deadAddresses lists the addresses and what is wrong with each.
func deadAddresses(g *group) string {
	return strings.Join(g.each(func(f judge.Fault) string {
		why := failure(f.Failure)
		if why == "" {
			why = "a bad certificate: " + flaw(f.Flaw)
		}
		return f.Target + " (" + why + ")"
	}), "; ")
}
