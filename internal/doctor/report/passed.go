package report

import (
	"fmt"
	"strings"

	"mailsetup/internal/doctor/judge"
)

// passed says what is good.
func passed(p judge.Passed, cfg Config) (Topic, string) {
	switch p.ID {
	case judge.HasAddresses:
		return DNS, p.Host + " has an address."
	case judge.SRVAgrees:
		return DNS, p.Host + " agrees with the table."
	case judge.SRVSameDomain:
		return DNS, p.Host + " points to " + p.Target + ", which is in the same domain."
	case judge.NoPOP:
		return DNS, p.Host + " says that there is no POP."
	case judge.MXBelongs:
		return DNS, "The mail exchanger of " + p.Host + " belongs to " + cfg.Match.Provider().Name + "."
	case judge.CAAAllows:
		return DNS, "The CAA records of " + p.Host + " allow Let's Encrypt."
	case judge.CertificateGood:
		return Certificate, "The certificate of " + p.Host + " is valid until " + day(p.Date) + "."
	case judge.AnswerGood:
		return Answers, p.Method + " " + p.URL + " is answered correctly."
	case judge.MailServerGood:
		return MailServers, fmt.Sprintf("The %s server %s (port %d) has a valid certificate and accepts logins over TLS.",
			strings.ToUpper(p.Protocol.String()), p.Host, p.Port)
	}
	return Table, ""
}
