package provider

import "strings"

// DNS are the records that a mail service asks the owner of a hosted domain to
// publish. They are for comparison only: what the service shows the owner takes
// precedence.
type DNS struct {
	// MX are the mail exchangers, in the service's order.
	MX []MailExchanger
	// SPF is the text of the TXT record at the domain, "v=spf1 ..." (RFC 7208);
	// "" if the service names none.
	SPF string
	// DKIM are the records that point to the service's signing keys.
	DKIM []DKIM
}

// A MailExchanger is an MX record of a hosted domain (RFC 5321, section 5.1).
type MailExchanger struct {
	// Preference is 0 to 65535; lower ones are tried first.
	Preference uint16
	Host       Domain
}

// DKIM is a CNAME record from SELECTOR._domainkey below a hosted domain to a key
// that the service keeps (RFC 6376, section 3.6.2.1).
type DKIM struct {
	// Selector is one label.
	Selector string
	// Target is a host name in which {domain} stands for the hosted domain; see
	// TargetOf.
	Target string
}

// domainPlace is where the hosted domain goes in the target of a DKIM record.
const domainPlace = "{domain}"

// TargetOf returns the target of a hosted domain's record; the zero Domain if
// that name would be too long.
func (k DKIM) TargetOf(d Domain) Domain {
	target, ok := parsePlainDomain(strings.ReplaceAll(k.Target, domainPlace, d.String()))
	if !ok {
		return Domain{}
	}
	return target
}
