package judge

import (
	"time"

	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/provider"
)

// A Severity says what a fault means for the domain.
type Severity uint8

// The severities, the most serious first.
const (
	// Problem: some client does not set itself up, or people cannot log in.
	Problem Severity = iota + 1
	// Unknown: it could not be checked.
	Unknown
	// Warning: it works now, or for most people.
	Warning
	// Optional: fixing it would be a small improvement.
	Optional
	// Pass: it was checked and is good.
	Pass
)

// String returns the word that reports use.
func (s Severity) String() string {
	switch s {
	case Problem:
		return "problem"
	case Unknown:
		return "unknown"
	case Warning:
		return "warning"
	case Optional:
		return "optional"
	case Pass:
		return "pass"
	}
	return "invalid severity"
}

// A Place is where, and by whom, a fault can be fixed.
type Place uint8

// The places.
const (
	// OurNames: the names autoconfig and autodiscover of the domain, with mailsetup
	// and the proxy behind them.
	OurNames Place = iota + 1
	// WebSite: the domain's own web site, which is usually another machine.
	WebSite
	// ZoneFile: the records of the domain in DNS.
	ZoneFile
	// MailService: the servers of the mail service, or what the table says of them.
	MailService
)

// String returns the word that reports use.
func (p Place) String() string {
	switch p {
	case OurNames:
		return "mailsetup"
	case WebSite:
		return "web-site"
	case ZoneFile:
		return "dns"
	case MailService:
		return "mail-service"
	}
	return "invalid place"
}

// An ID names a kind of fault. IDs are stable: scripts may rely on them.
type ID string

// The faults. Those of mail servers also differ by [Kind.Protocol].
const (
	CutOff               ID = "resolver-cut-off"
	NoRecord             ID = "no-record"
	DanglingAlias        ID = "dangling-alias"
	Wildcard             ID = "wildcard"
	Microsoft365         ID = "microsoft-365"
	DNSSEC               ID = "dnssec"
	DNSUnknown           ID = "dns-unknown"
	NotPropagated        ID = "not-spread"
	NameServersDiffer    ID = "name-servers-differ"
	OnlyRemembered       ID = "only-remembered"
	SRVElsewhere         ID = "srv-elsewhere"
	SRVAlias             ID = "srv-alias"
	SRVDiffers           ID = "srv-differs"
	SRVMissing           ID = "srv-missing"
	POPSRV               ID = "pop-srv"
	NullSRV              ID = "null-srv"
	MXElsewhere          ID = "mx-elsewhere"
	MXMissing            ID = "mx-missing"
	ApexAlias            ID = "apex-alias"
	CAAForbids           ID = "caa-forbids"
	PrivateAddress       ID = "private-address"
	Unreachable          ID = "unreachable"
	HTTPOnly             ID = "http-only"
	AddressDead          ID = "address-dead"
	NoIPv6Here           ID = "no-ipv6-here"
	TLSFailed            ID = "tls-failed"
	CertificateName      ID = "certificate-name"
	CertificateExpired   ID = "certificate-expired"
	CertificateUntrusted ID = "certificate-untrusted"
	CertificateExpiring  ID = "certificate-expiring"
	NoAnswer             ID = "no-answer"
	Slow                 ID = "slow"
	OutOfTime            ID = "out-of-time"
	RedirectCircle       ID = "redirect-circle"
	RedirectRelative     ID = "redirect-relative"
	RedirectElsewhere    ID = "redirect-elsewhere"
	RedirectPrivate      ID = "redirect-private"
	RedirectPost         ID = "redirect-post"
	AsksForPassword      ID = "asks-for-password"
	Blocked              ID = "blocked"
	NotServed            ID = "not-served"
	ServerError          ID = "server-error"
	CatchAllPage         ID = "catch-all-page"
	ContentType          ID = "content-type"
	SettingsDiffer       ID = "settings-differ"
	SettingsElsewhere    ID = "settings-at-web-site"
	UnusableDocument     ID = "unusable-document"
	AnnouncesActiveSync  ID = "announces-activesync"
	AnswersEverybody     ID = "answers-everybody"
	LoginUnknown         ID = "login-unknown"

	MailNoName         ID = "no-name"
	MailUnreachable    ID = "mail-unreachable"
	MailNoTLS          ID = "no-tls"
	MailTLSFailed      ID = "mail-tls-failed"
	MailCertificate    ID = "mail-certificate"
	MailNoStartTLS     ID = "no-starttls"
	MailBadGreeting    ID = "bad-greeting"
	MailNotTheProtocol ID = "no-capability"
	MailNoAuth         ID = "no-auth"
	MailPrivateAddress ID = "mail-private-address"
	MailExpiring       ID = "mail-certificate-expiring"
)

// A Kind is what faults must have in common to be reported as one.
type Kind struct {
	ID       ID
	Severity Severity
	Place    Place
	Protocol provider.Protocol // of a mail server; 0 elsewhere
}

// A Fault is one observation that is wrong. Its ID determines which fields are set.
type Fault struct {
	Kind
	Host string // the name that it is about; "" if it is about none
	Port uint16 // of a mail server

	Target      string // what the host, its record or its redirect points to
	URL         string // without its query
	Status      int
	Server      string // the Server header of the machine that answered
	ContentType string
	Unusable    Unusable
	Differences []string
	Date        time.Time // when a certificate ends
	Failure     probe.Failure
	Flaw        probe.Flaw

	// Records are to be published, written as lines of a zone file.
	Records []string
	// Clients are the names of those that it concerns; empty if it is all or none.
	Clients []string
}

// Unusable says what a document is that clients cannot use.
type Unusable uint8

// The kinds of unusable documents.
const (
	// Usable: the document is not at fault.
	Usable Unusable = iota
	// EmptyDocument: there is nothing in it.
	EmptyDocument
	// NotXML: it is not well-formed XML.
	NotXML
	// OtherXML: it is XML of another kind.
	OtherXML
	// Unfit: it is of the right kind, but clients cannot use its content.
	Unfit
)

// A PassID names a kind of thing that is good.
type PassID uint8

// What can be good.
const (
	HasAddresses PassID = iota + 1
	CertificateGood
	AnswerGood
	SRVAgrees
	SRVSameDomain
	NoPOP
	MXBelongs
	CAAAllows
	MailServerGood
)

// A Passed is something that was checked and is good.
type Passed struct {
	ID       PassID
	Host     string
	Port     uint16
	Protocol provider.Protocol
	Method   string
	URL      string
	Target   string
	Date     time.Time
}
