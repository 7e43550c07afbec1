package provider

// LoginKind says what is known about a login.
type LoginKind uint8

const (
	// LoginFromAddress: the server's [Username] rule applies to the address.
	LoginFromAddress LoginKind = iota + 1
	// LoginStated: the operator's table states the login.
	LoginStated
	// LoginUnknown: the address is not its own login, and the table does not
	// state another. Nothing may be guessed: with the local part as login,
	// jane@example.com would try to log in as jane@icloud.com.
	LoginUnknown
)

// A Login is the name an account has at one server.
type Login struct {
	Kind LoginKind
	// Name is the login itself. It is zero if it cannot be known: always with
	// LoginUnknown, and with LoginFromAddress when no address was given.
	Name LoginName
}

// An Endpoint is a server with the login to use there.
type Endpoint struct {
	MailServer
	Login Login
}

// An Account is a service resolved for one address, or for no address.
// Writers turn it into documents and decide nothing about mail services.
type Account struct {
	Provider *Provider
	// Domain is the mail domain asked about; zero in a provider's generic
	// account.
	Domain Domain
	Class  Class
	// Address is zero when no address was given.
	Address Address
	// Incoming is IMAP, Outgoing is SMTP: exactly one each, because clients
	// disagree on whether the first or the last of several counts.
	Incoming, Outgoing Endpoint
}

// Private reports whether the account carries a login that the operator's table
// states for an address or a domain. Such an account is private to the person
// who asked: shared caches must not store its documents.
func (a Account) Private() bool { return a.Incoming.Login.Kind == LoginStated }

// LoginsEqual reports whether both logins are known and the same.
func (a Account) LoginsEqual() bool {
	in, out := a.Incoming.Login.Name, a.Outgoing.Login.Name
	return !in.IsZero() && in == out
}

// Account resolves the provider without an address: the servers, with logins
// left to the rules. A provider's generic profile is made from it.
func (p *Provider) Account() Account {
	return p.account(LoginFromAddress, Address{}, StatedLogin{})
}

// AccountWithLogin resolves the provider for an address whose login somebody
// entered, for example on the setup page; see [Provider.ParseLogin].
func (p *Provider) AccountWithLogin(a Address, login StatedLogin) Account {
	acc := p.account(LoginStated, a, login)
	acc.Domain, acc.Class = a.Domain(), ClassHosted
	if p.OwnsDomain(a.Domain()) {
		acc.Class = ClassOwn
	}
	return acc
}

// account resolves both servers by one kind of login.
func (p *Provider) account(kind LoginKind, a Address, login StatedLogin) Account {
	resolve := func(s MailServer) Endpoint {
		e := Endpoint{MailServer: s, Login: Login{Kind: kind}}
		switch kind {
		case LoginFromAddress, LoginStated:
			e.Login.Name = login.name(s.Username)
		case LoginUnknown:
		}
		return e
	}
	return Account{Provider: p, Address: a, Incoming: resolve(p.Incoming()), Outgoing: resolve(p.Outgoing())}
}
