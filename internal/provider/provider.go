package provider

// A Provider is one mail service: the facts that the table states about it.
// Providers are shared and must not be changed after loading.
type Provider struct {
	// ID is the key in the table: lower-case letters, digits and hyphens.
	ID string
	// Name is the service's full name, at most 60 characters (config-v1.1,
	// displayName); ShortName at most 20 (displayShortName).
	Name, ShortName string
	// Domains are the service's own mail domains, at least one. The first
	// identifies the service in machine documents.
	Domains []Domain
	// MX are suffixes of the mail exchangers to which hosted domains point.
	MX []Domain
	// DNS are the records that the service asks of the owner of a hosted domain.
	DNS DNS
	// IMAP and SMTP hold at least one server each. The first is the one that
	// machine documents carry; the others are shown to people as alternatives.
	IMAP, SMTP []MailServer
	// LoginDomains are the domains whose addresses are logins at the service.
	// Empty means that every address, also of a hosted domain, is its own login.
	LoginDomains []Domain
	// AnyLogin: account names that are no addresses, and addresses elsewhere, may be
	// logins, too, where somebody states them.
	AnyLogin bool
	Password Password
	Help     Help
	// Guide holds the service's own texts for people by language (BCP 47, "en").
	Guide map[string][]GuideEntry
}

// A MailServer is one way to reach a service.
type MailServer struct {
	Protocol Protocol
	Host     Domain
	// Port is 1 to 65535.
	Port     uint16
	Security Security
	Auth     Auth
	Username Username
	// Note is shown to people beside an alternative server; may be empty.
	Note string
}

// Password says which password the service takes and where it comes from.
type Password struct {
	Kind PasswordKind
	// Link is the page on which people make or change it; may be zero.
	Link Link
	// Help is the service's own explanation; may be zero.
	Help Link
	// Section is where on that page to look, in the service's own words.
	Section string
	// Limit is how many app-specific passwords may be active; 0: not stated.
	Limit int
	// TwoFactor: the service demands two-factor authentication first.
	TwoFactor bool
	// RevokedWithAccount: a new account password ends all of these.
	RevokedWithAccount bool
}

// Help are pages of the service for people. Each may be zero.
type Help struct {
	// Settings is the service's own page about its mail servers.
	Settings Link
	// Status tells whether the service is up.
	Status Link
	// Webmail is mail in the browser.
	Webmail Link
	// CustomDomain explains how to host a domain at the service.
	CustomDomain Link
	// TrashDays is how long deleted mail can be taken back; 0: not stated.
	TrashDays int
}

// A GuideEntry is a text of the service for people.
type GuideEntry struct {
	Topic GuideTopic
	Title string
	Text  string
	// Link leads on; may be zero.
	Link Link
}

// OwnsDomain reports whether d is one of the service's own mail domains.
func (p *Provider) OwnsDomain(d Domain) bool { return contains(p.Domains, d) }

// IsLogin reports whether an address of domain d is itself a login at the
// service.
func (p *Provider) IsLogin(d Domain) bool {
	return len(p.LoginDomains) == 0 || contains(p.LoginDomains, d)
}

// Incoming returns the server that machine documents carry for reading mail.
func (p *Provider) Incoming() MailServer { return p.IMAP[0] }

// Outgoing returns the server that machine documents carry for sending mail.
func (p *Provider) Outgoing() MailServer { return p.SMTP[0] }

func contains(list []Domain, d Domain) bool {
	for _, have := range list {
		if have == d {
			return true
		}
	}
	return false
}
