package doctor

// A Severity says what a finding means for the domain.
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

// A Topic is the part of a set-up that a finding is about.
type Topic string

// The topics, in the order in which a client meets them.
const (
	DNS         Topic = "dns"
	Connection  Topic = "connection"
	Certificate Topic = "certificate"
	Answers     Topic = "answers"
	MailServers Topic = "mail-servers"
	Table       Topic = "table"
)

// An ID names a kind of finding. IDs are stable: scripts may rely on them.
type ID string

// A Finding is one thing that was found out about the domain.
type Finding struct {
	ID       ID
	Severity Severity
	Topic    Topic
	// What is the case, in one or two sentences.
	What string
	// Cure is what mends it: steps, one each. Records stand in Records.
	Cure []string
	// Records are to be published, as they stand in a zone file.
	Records []string
	// Clients are those that the finding concerns; empty if it is all or none.
	Clients []string

	because string // why a client finds nothing, to stand behind that word
}

// A Verdict is what one client makes of the domain.
type Verdict struct {
	Client string
	// Result is the verdict in a word, for programs.
	Result Result
	// Text is the verdict in a sentence without the client's name.
	Text string

	reason string // the end of Text that several verdicts may share
}

// A Result is a verdict in a word.
type Result string

// The results.
const (
	// Configured: it sets itself up.
	Configured Result = "configured"
	// Partly: it finds the servers, and the person must type the login.
	Partly Result = "partly"
	// Wrong: it takes settings that do not work.
	Wrong Result = "wrong"
	// Nothing: it finds no settings.
	Nothing Result = "nothing"
	// Undecided: it could not be found out.
	Undecided Result = "undecided"
	// NotAsking: it asks no server, or wants nothing that mailsetup has.
	NotAsking Result = "not-asking"
)

// A Report is all that was found out.
type Report struct {
	Domain string
	// Provider is the mail service's name; "" if it is not known.
	Provider string
	Verdicts []Verdict
	// Findings are sorted by severity, then by topic.
	Findings []Finding
}

// Count returns how many findings have a severity.
func (r Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Kinds of findings. Those of mail servers are made by serverID.
const (
	NoRecord             ID = "no-record"
	DanglingAlias        ID = "dangling-alias"
	Wildcard             ID = "wildcard"
	Microsoft365         ID = "microsoft-365"
	DNSSEC               ID = "dnssec"
	DNSUnknown           ID = "dns-unknown"
	NotPropagated        ID = "not-spread"
	NameServersDiffer    ID = "name-servers-differ"
	SRVElsewhere         ID = "srv-elsewhere"
	SRVAlias             ID = "srv-alias"
	SRVDiffers           ID = "srv-differs"
	SRVMissing           ID = "srv-missing"
	POPSRV               ID = "pop-srv"
	NullSRV              ID = "null-srv"
	MXElsewhere          ID = "mx-elsewhere"
	MXMissing            ID = "mx-missing"
	ApexAlias            ID = "apex-alias"
	Blocked              ID = "blocked"
	SettingsElsewhere    ID = "settings-at-web-site"
	CAAForbids           ID = "caa-forbids"
	PrivateAddress       ID = "private-address"
	RedirectPrivate      ID = "redirect-private"
	RedirectPost         ID = "redirect-post"
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
	RedirectRelative     ID = "redirect-relative"
	RedirectElsewhere    ID = "redirect-elsewhere"
	AsksForPassword      ID = "asks-for-password"
	NotServed            ID = "not-served"
	ServerError          ID = "server-error"
	CatchAllPage         ID = "catch-all-page"
	ContentType          ID = "content-type"
	SettingsDiffer       ID = "settings-differ"
	UnusableDocument     ID = "unusable-document"
	AnnouncesActiveSync  ID = "announces-activesync"
	AnswersEverybody     ID = "answers-everybody"
	LoginUnknown         ID = "login-unknown"
	Good                 ID = "good"
)
