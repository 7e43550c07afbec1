package clients

import "mailsetup/internal/provider"

// An exception is what a client makes of a login that it cannot get right, whatever a
// server writes. It changes what the test expects; the reason and its public source are
// in a comment next to it.
type exception struct {
	client Client
	format Format
	expect func(c asked, want *Settings)
}

// asked is one account as one client asks for it.
type asked struct {
	account provider.Account
	address provider.Address
	// auth is the login method that the client takes from a list; 0: the expected one.
	auth Auth
}

// kind returns the login kind of an endpoint and its rule; both servers of an account
// have the same kind.
func (c asked) kind() provider.LoginKind { return c.account.Incoming.Login.Kind }

// placeholder returns the user name that config-v1.1 must have for an endpoint, ""
// for a literal.
func (c asked) placeholder(e provider.Endpoint) string {
	switch {
	case c.kind() == provider.LoginStated:
		return ""
	case c.kind() == provider.LoginFromAddress && e.Username == provider.UsernameLocalPart:
		return "%EMAILLOCALPART%"
	}
	return "%EMAILADDRESS%"
}

func unstated(login func(asked) string) func(asked, *Settings) {
	return func(c asked, want *Settings) {
		want.Incoming.Login, want.Incoming.Stated = login(c), false
		want.Outgoing.Login, want.Outgoing.Stated = login(c), false
	}
}

func nobody(asked) string       { return "" }
func theAddress(c asked) string { return c.address.String() }

func (c asked) endpoints() []provider.Endpoint {
	return []provider.Endpoint{c.account.Incoming, c.account.Outgoing}
}

var exceptions = []exception{
	// accounts-autoconfig.vala reads no username; people type it.
	{geary, Autoconfig, unstated(nobody)},
	// autoconfig.go compares with %emailaddress% and nothing else.
	{aerc, Autoconfig, func(c asked, want *Settings) {
		for i, s := range []*ServerSettings{&want.Incoming, &want.Outgoing} {
			if p := c.placeholder(c.endpoints()[i]); p == "%EMAILLOCALPART%" {
				s.Login = p
			}
		}
	}},
	// EmailProvider.java keeps one user for both servers: the document's last.
	{fairEmail, Autoconfig, func(_ asked, want *Settings) { want.Incoming.Login = want.Outgoing.Login }},
	// goamailclient.c: a username counts only if it is one placeholder.
	{gnomeOnlineAccounts, Autoconfig, func(c asked, want *Settings) {
		if c.kind() == provider.LoginStated {
			unstated(nobody)(c, want)
		}
	}},
	// Domain.js: "short login" unless the username is %EMAILADDRESS%.
	{snappyMail, Autoconfig, func(c asked, want *Settings) {
		for i, s := range []*ServerSettings{&want.Incoming, &want.Outgoing} {
			if c.placeholder(c.endpoints()[i]) != "%EMAILADDRESS%" {
				s.Login = c.address.LocalPart()
			}
		}
	}},
	// Only the two placeholders are logins; anything else becomes the address.
	{mailspring, Autoconfig, func(c asked, want *Settings) {
		if c.kind() == provider.LoginStated {
			unstated(theAddress)(c, want)
		}
	}},
	// Autoconfig.php: the same, unless LoginName is the mailbox that it made up.
	{snappyMail, Autodiscover, func(c asked, want *Settings) {
		for _, s := range []*ServerSettings{&want.Incoming, &want.Outgoing} {
			if s.Login == snappyMailbox(c.address) {
				s.Login = c.address.String()
			} else {
				s.Login = c.address.LocalPart()
			}
		}
	}},
	// auto_outlook.rs and EmailProvider.java do not read LoginName; the address is
	// tried first.
	{deltaChat, Autodiscover, unstated(theAddress)},
	{fairEmail, Autodiscover, unstated(theAddress)},
	// JXON.sys.mjs makes numbers of digits. Autoconfig wins over Autodiscover in
	// Thunderbird and has a placeholder there.
	{thunderbird, Autodiscover, func(c asked, want *Settings) {
		for _, s := range []*ServerSettings{&want.Incoming, &want.Outgoing} {
			if s.Login == "00123" {
				s.Login = "123"
			}
		}
	}},
}
