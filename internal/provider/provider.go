package provider

// A Provider is one mail service: the facts that the table states about it.
// Providers are shared and must not be changed after loading.
type Provider struct {
	// ID is the key in the table: lower-case letters, digits and hyphens.
	ID string
	// Name is the service's full name, at most 60 characters (config-v1.1,
	// displayName); ShortName at most 20 (displayShortName).
	Name, ShortName string
	// Identifier is the host name that identifies the service in machine documents:
	// the one that the table states, otherwise the first of Domains.
	Identifier Domain
	// Domains are the service's own mail domains. There are none if the service has
	// only hosted domains, or if higher tables took them all.
	Domains []Domain
	// MX are suffixes of the mail exchangers to which hosted domains point.
	MX []Domain
	// DNS are the records that the service asks of the owner of a hosted domain.
	DNS DNS
	// IMAP and SMTP hold at least one server each. The first is used in
	// machine documents; the others are shown to people as alternatives.
	IMAP, SMTP []MailServer
	// LoginDomains are the domains whose addresses are logins at the service.
	// Empty means that every address, even of a hosted domain, is its own login.
	LoginDomains []Domain
	// AnyLogin: account names, and addresses elsewhere, may also be logins, if
	// somebody states them.
	AnyLogin bool
	// OAuth2 says where people sign in; zero if the table does not.
	OAuth2   OAuth2
	Password Password
	Help     Help
	// Guide holds the service's own texts for people by language (BCP 47, "en").
	Guide map[string][]GuideEntry
	// Layers are the layers of the tables that contribute to the service, the lowest
	// first.
	Layers []Layer
	// Origin says where the entry was imported from; zero for all others.
	Origin Origin
	// Verified is when the operator last checked the servers; may be zero.
	Verified Date
}

// A MailServer is one server of a service.
type MailServer struct {
	Protocol Protocol
	Host     Domain
	// Port is 1 to 65535.
	Port     uint16
	Security Security
	Auth     Auths
	Username Username
	// Unusual: port, security or name look like a mistake but are intended.
	Unusual bool
	// Note is shown to people next to an alternative server; may be empty.
	Note string
}

// Password says which password the service accepts and where people get it.
type Password struct {
	Kind PasswordKind
	// Link is the page where people create or change it; may be zero.
	Link Link
	// Help is the service's own explanation; may be zero.
	Help Link
	// Section is where on that page to look, in the service's own words.
	Section string
	// Limit is how many app-specific passwords may be active; 0: not stated.
	Limit int
	// TwoFactor: the service demands two-factor authentication first.
	TwoFactor bool
	// RevokedWithAccount: changing the account password revokes all of these.
	RevokedWithAccount bool
}

// OAuth2 says where people sign in so that a mail client gets its tokens (RFC 6749). It
// has no client id: each mail client has its own.
type OAuth2 struct {
	// Issuer names the sign-in service, as clients know it: accounts.google.com.
	Issuer Domain
	// Scope lists the permissions to ask for, separated by spaces.
	Scope string
	// Authorization and Token are the endpoints (RFC 6749, section 3).
	Authorization, Token Link
}

// IsZero reports whether the table states nothing.
func (o OAuth2) IsZero() bool { return o == OAuth2{} }

// An Origin says where an entry of the table was imported from. It is never served.
type Origin struct {
	// Source is the database, such as "ispdb", and File the entry's file there.
	Source, File string
	// Commit is the database's version, Changed when the file was last changed; both
	// may be empty.
	Commit  string
	Changed Date
}

// A HelpPage is one of the service's pages for people.
type HelpPage struct {
	Title string
	// URL is shown as text where Link is zero: a page without https.
	URL  string
	Link Link
}

// Help are pages of the service for people. Each may be zero.
type Help struct {
	// Pages explain how to set up a mail client, the most useful first.
	Pages []HelpPage
	// Settings is the service's own page about its mail servers.
	Settings Link
	// Status is the page that shows whether the service is up.
	Status Link
	// Webmail is mail in the browser.
	Webmail Link
	// CustomDomain explains how to host a domain at the service.
	CustomDomain Link
	// TrashDays is how long deleted mail can be restored; 0: not stated.
	TrashDays int
}

// A GuideEntry is a text of the service for people.
type GuideEntry struct {
	Topic GuideTopic
	Title string
	Text  string
	// Link is for further reading; may be zero.
	Link Link
}

// OwnsDomain reports whether d is one of the service's own mail domains.
func (p *Provider) OwnsDomain(d Domain) bool { return contains(p.Domains, d) }

// IsLogin reports whether an address of domain d is itself a login at the
// service.
func (p *Provider) IsLogin(d Domain) bool {
	return len(p.LoginDomains) == 0 || contains(p.LoginDomains, d)
}

// Incoming returns the server for reading mail in machine documents.
func (p *Provider) Incoming() MailServer { return p.IMAP[0] }

// TakesPassword reports whether both servers in machine documents accept a password. If
// one accepts only OAuth 2, only documents that can express it exist.
func (p *Provider) TakesPassword() bool {
	_, in := p.Incoming().Auth.Password()
	_, out := p.Outgoing().Auth.Password()
	return in == nil && out == nil
}

// Outgoing returns the server for sending mail in machine documents.
func (p *Provider) Outgoing() MailServer { return p.SMTP[0] }

func contains(list []Domain, d Domain) bool {
	for _, have := range list {
		if have == d {
			return true
		}
	}
	return false
}
