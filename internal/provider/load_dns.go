package provider

import "strings"

// maxSPF is what fits into one string of a TXT record, in octets (RFC 1035,
// section 3.3).
const maxSPF = 255

// readDNS reads what the service asks the owners of hosted domains to publish. The
// mail exchangers must match the suffixes in mx, by which hosted domains are
// recognised.
func (l *loader) readDNS(v, mx value, suffixes []Domain) DNS {
	fields := l.mapping(v, "mx", "spf", "dkim")
	var dns DNS
	for _, item := range l.list(fields["mx"]) {
		dns.MX = append(dns.MX, l.readMailExchanger(item, mx, suffixes))
	}
	dns.SPF = l.readSPF(fields["spf"])
	for _, item := range l.list(fields["dkim"]) {
		dns.DKIM = append(dns.DKIM, l.readDKIM(item))
	}
	return dns
}

func (l *loader) readMailExchanger(v, suffixesAt value, suffixes []Domain) MailExchanger {
	fields := l.mapping(v, "preference", "host")
	l.require(v, fields, "preference", "the number before the host, such as 10")
	l.require(v, fields, "host", "the mail exchanger's name")
	mx := MailExchanger{
		Preference: uint16(l.number(fields["preference"], "preference", 0, 65535)),
		Host:       l.domain(fields["host"]),
	}
	for _, suffix := range suffixes {
		if mx.Host.Within(suffix) {
			return mx
		}
	}
	if !mx.Host.IsZero() && len(suffixes) > 0 {
		at := fields["host"]
		if suffixesAt.src.order > at.src.order {
			at = suffixesAt // the operator's line, and not the built-in one that it contradicts
		}
		l.reject(at, "%s matches no suffix under the provider's mx; correct one of them", mx.Host)
	}
	return mx
}

func (l *loader) readSPF(v value) string {
	spf := l.line(v, maxSPF)
	if spf == "" {
		return ""
	}
	if !strings.HasPrefix(spf, "v=spf1 ") {
		l.reject(v, `an SPF record starts with "v=spf1 "; write the whole record`)
		return ""
	}
	for _, r := range spf {
		if r > '~' || r == '"' || r == '\\' {
			l.reject(v, "invalid character %U in an SPF record; use plain ASCII without quotes and backslashes", r)
			return ""
		}
	}
	return spf
}

func (l *loader) readDKIM(v value) DKIM {
	fields := l.mapping(v, "selector", "target")
	l.require(v, fields, "selector", "the label before ._domainkey, such as sig1")
	l.require(v, fields, "target", "the target of the record, with {domain} instead of the hosted domain")
	k := DKIM{
		Selector: strings.ToLower(l.line(fields["selector"], maxLine)),
		Target:   strings.ToLower(strings.TrimSuffix(l.line(fields["target"], maxLine), ".")),
	}
	if k.Selector != "" && !plainLabel(k.Selector) {
		l.reject(fields["selector"], "invalid selector %s; use one label of letters, digits and hyphens", quote(k.Selector))
	}
	if k.Target != "" && k.TargetOf(Domain{ascii: "example.com"}).IsZero() {
		l.reject(fields["target"], "invalid host name %s; write it in ASCII, with {domain} for the hosted domain", quote(k.Target))
	}
	return k
}
