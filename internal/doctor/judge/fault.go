package judge

import (
	"time"

	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/provider"
)

// A Severity says what a fault means for the domain.
type Severity uint8

// The severities, the gravest first.
const (
	// Problem: some client does not set itself up, or people cannot log in.
	Problem Severity = iota + 1
	// Unknown: it could not be found out.
	Unknown
	// Warning: it works today, or for most.
	Warning
	// Optional: it would be a little better otherwise.
	Optional
	// Pass: it was looked at and is good.
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

// A Place is where a fault can be mended, and by whom.
type Place uint8

// The places.
const (
	// OurNames: the names autoconfig and autodiscover of the domain, with mailsetup
	// and the proxy behind them.
	OurNames Place = iota + 1
	// WebSite: the domain's own web site, which is somebody else's machine.
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

// The faults. Those of mail servers are told apart by [Kind.Protocol] as well.
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

// A Kind is what faults must have in common to be told as one.
type Kind struct {
	ID       ID
	Severity Severity
	Place    Place
	Protocol provider.Protocol // of a mail server; 0 elsewhere
}

// A Fault is one observation that is not as it should be. Which of the fields about
// it are set follows from its ID.
type Fault struct {
	Kind
	Host string // the name that it is about; "" if it is about none
	Port uint16 // of a mail server

	Target      string // where the host, its record or its redirect leads
	URL         string // without its query
	Status      int
	Server      string // how the machine that answered calls itself
	ContentType string
	Unusable    Unusable
	Differences []string
	Date        time.Time // when a certificate ends
	Failure     probe.Failure
	Flaw        probe.Flaw

	// Records are to be published, as they stand in a zone file.
	Records []string
	// Clients are the names of those that it concerns; empty if it is all or none.
	Clients []string
}

// Unusable says what a document is that clients cannot use.
type Unusable uint8

// The kinds of unusable documents.
const (
	// Usable: it is not a document's fault.
	Usable Unusable = iota
	// EmptyDocument: there is nothing in it.
	EmptyDocument
	// NotXML: it is not well-formed XML.
	NotXML
	// OtherXML: it is XML of another kind.
	OtherXML
	// Unfit: it is of the right kind, and clients cannot use what is in it.
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

// A Passed is something that was looked at and is good.
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
