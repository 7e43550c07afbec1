package doctor

import "strings"

func (d *diagnosis) describeConnection(f *Finding, t faultGroup) bool {
	f.Topic = Connection
	const getCertificate = "Get one for these names. With built-in or a proxy's ACME, name them there; the authority must reach the server on port 80 or 443."
	switch f.ID {
	case Unreachable:
		f.because = "nothing answers at " + t.names() + " on port 443 or 80 (" + t.detail() + ")"
		if f.Severity == Unknown {
			f.because = t.names() + t.verb(" has", " have") + " IPv6 addresses only, and this machine has no IPv6"
			f.Cure = []string{"Run the check on a machine with IPv6. Many people have none either: publish an IPv4 address (A), too."}
			break
		}
		f.Cure = []string{"Start the server or the proxy in front of it, and open ports 443 and 80 in the firewall. If the address is wrong, correct the record."}
	case HTTPOnly:
		f.because = t.names() + t.verb(" answers", " answer") + " on port 80 only, not by https (" + t.detail() + ")"
		f.Cure = []string{"Serve https on port 443, with a certificate for " + t.names() + ". Many clients ask nothing else."}
	case AddressDead:
		f.because = "one address of " + t.names() + " does not work: " + t.detail()
		f.What = capital(f.because) + ". Clients that take it wait or fail; the other address works."
		f.Cure = []string{"Let the server listen on that address too, with the same certificate, or delete its record (A or AAAA)."}
	case NoIPv6Here:
		f.What = "This machine has no IPv6, so the IPv6 addresses of " + t.names() + " were not tried."
	case TLSFailed:
		f.Topic = Certificate
		f.because = t.names() + t.verb(" does", " do") + " not complete the TLS handshake (" + t.detail() + ")"
		f.Cure = []string{"Let the server speak TLS 1.2 or newer on port 443. An alert instead of a certificate often means that it has none for the name. " + getCertificate}
	case CertificateName:
		f.Topic = Certificate
		f.because = "the certificate that " + t.names() + t.verb(" shows", " show") + " is for another name: " + t.detail()
		f.Cure = []string{getCertificate}
	case CertificateExpired:
		f.Topic = Certificate
		f.because = "the certificate of " + t.names() + " is not valid today: " + t.detail()
		f.Cure = []string{"Renew it, and see why that did not happen by itself: the log of the ACME client says so."}
	case CertificateUntrusted:
		f.Topic = Certificate
		f.because = "the certificate of " + t.names() + " is not trusted: " + t.detail()
		f.Cure = []string{"Use one of a public authority and send its whole chain (fullchain.pem). If all your clients trust a private authority, name its certificate with --ca."}
	case CertificateExpiring:
		f.Topic = Certificate
		f.What = "The certificate of " + t.names() + " ends on " + t.detail() + ", and was not renewed yet."
		f.Cure = []string{"See in the log of the ACME client why."}
	default:
		return false
	}
	return true
}

func (d *diagnosis) describeAnswer(f *Finding, t faultGroup) bool {
	f.Topic = Answers
	const proxy = "Let the proxy pass all requests for these names on to mailsetup, their paths and methods unchanged."
	switch f.ID {
	case NoAnswer:
		f.because = t.names() + t.verb(" breaks", " break") + " off without an answer: " + someDetails(t)
		f.Cure = []string{"See the log of the server, and of the proxy in front of it."}
	case Slow:
		f.because = t.names() + t.verb(" takes", " take") + " longer than " + d.c.Limits.Answer.String() + " to answer"
		f.Cure = []string{"Find out what holds it up; mailsetup itself answers at once. Clients wait three to five seconds."}
	case OutOfTime:
		f.because = "the time was up before " + t.names() + " could be asked"
		f.Cure = []string{"Try again."}
	case RedirectRelative:
		f.because = t.names() + t.verb(" redirects", " redirect") + " without naming a host"
		f.What = capital(f.because) + " (" + someDetails(t) + "). Delta Chat does not follow."
		f.Cure = []string{"Answer without a redirect, or write the Location header as a whole URL."}
	case RedirectElsewhere:
		f.because = t.names() + t.verb(" redirects", " redirect") + " to another domain, " + t.detail()
		f.What = capital(f.because) + ". Thunderbird and Outlook ask their users whether to trust that, or do not follow."
		f.Cure = []string{"Answer under the name that was asked. " + proxy}
	case RedirectPrivate:
		f.because = t.names() + t.verb(" redirects", " redirect") + " to a place that is not public: " + t.detail()
		f.What = capital(f.because) + ". Clients elsewhere cannot go there. The doctor did not either."
		f.Cure = []string{"Answer under the name that was asked, or redirect to a public name."}
	case RedirectPost:
		f.because = t.names() + t.verb(" redirects", " redirect") + " Outlook's request to " + t.detail()
		f.What = capital(f.because) + ". Autodiscover works over https, on port 443, at a path that ends in /autodiscover/autodiscover.xml. The redirect was not followed."
		f.Cure = []string{"Answer under the name that was asked, or redirect to such a URL."}
	case AsksForPassword:
		f.because = t.names() + t.verb(" wants", " want") + " a password (status 401 or 407)"
		f.What = capital(f.because) + ". Clients then ask people for it, or send the one they know."
		f.Cure = []string{"Take the password protection off for " + someDetails(t) + ". The settings are public."}
	case NotServed:
		f.because = t.names() + t.verb(" has", " have") + " no settings: " + someDetails(t)
		f.Cure = []string{"See that the server's table has the domain (mailsetup check), for instance by --domain " + d.c.Domain.String() + "=" + d.c.match.Provider.ID + ". " + proxy}
	case ServerError:
		f.because = t.names() + t.verb(" answers", " answer") + " with an error of its own: " + someDetails(t)
		f.Cure = []string{"See the log of mailsetup and of the proxy. Status 502, 503 or 504 means as a rule that the proxy does not reach mailsetup."}
	case CatchAllPage:
		f.because = t.names() + t.verb(" answers", " answer") + " with a page for people where settings belong"
		f.What = capital(f.because) + ", at status 200. Clients take it for the answer and look no further."
		f.Cure = []string{"Let unknown paths be answered with 404. " + proxy}
		if f.Severity == Warning {
			f.What = t.names() + t.verb(" answers", " answer") + " status 200 to a path that does not exist."
		}
	case ContentType:
		f.because = t.names() + t.verb(" sends", " send") + " the settings as " + t.detail() + ", not as text/xml"
		f.Cure = []string{"Send Content-Type: text/xml. A proxy or web server in between may have replaced it; static files need it configured."}
	case SettingsDiffer:
		f.because = "the settings that " + t.names() + t.verb(" serves", " serve") + " are not those of the table: " + t.detail()
		f.Cure = []string{"Give the server the table that you gave this command, and reload it (SIGHUP). If the server is right, give this command its table with --providers."}
	case UnusableDocument:
		f.because = t.names() + t.verb(" sends", " send") + " a document that clients cannot use: " + someDetails(t)
		f.Cure = []string{"See that mailsetup itself answers there, unchanged. " + proxy}
	case AnnouncesActiveSync:
		f.because = t.names() + t.verb(" answers", " answer") + " questions for ActiveSync with a success"
		f.What = capital(f.because) + ". Phones then set up ActiveSync, or nothing, and never IMAP."
		f.Cure = []string{"If it is a mail server of its own that answers there, lead autodiscover to mailsetup instead. " + proxy}
	case AnswersEverybody:
		f.What = t.names() + " gives settings to addresses of any domain."
		f.Cure = []string{"Answer 404 for domains that are not yours, or their people get your servers."}
	case Blocked:
		f.because = "something in front of " + t.names() + " blocks mail clients: " + someDetails(t)
		f.Cure = []string{"A CDN, a firewall or a proxy answers in place of mailsetup. Let it pass all requests for these names, without a challenge and without a limit that one office reaches."}
	case SettingsElsewhere:
		f.because = "the web site of " + t.names() + " serves settings for other mail servers at " + someDetails(t)
		f.What = capital(f.because) + ". Clients that ask there first take them."
		f.Cure = []string{"Let the web site answer 404 there. If it is a feature of the web hoster's panel, switch it off; if it is a file, delete it."}
	default:
		return false
	}
	if len(t.hosts) == 1 && t.hosts[0] == d.c.Domain.String() && f.ID != SettingsElsewhere {
		// That is somebody else's machine: nothing about mailsetup repairs it.
		f.Cure = []string{"Let the web site of " + t.names() + " answer 404 at the paths that mail clients ask: /.well-known/autoconfig/mail/config-v1.1.xml and /autodiscover/autodiscover.xml."}
	}
	return true
}

// someDetails are the first few; the others are like them.
func someDetails(t faultGroup) string {
	const few = 2
	if len(t.details) > few {
		return strings.Join(t.details[:few], ", ") + " and others"
	}
	return strings.Join(t.details, " and ")
}
