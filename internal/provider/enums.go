package provider

// The enums of the table. Their zero values are invalid on purpose, so that
// an unset field is not taken for a choice. Every switch over one of them
// names all its values and treats anything else as a programming error.

// A Protocol is a mail server's protocol. There is no POP.
type Protocol uint8

// The protocols, in the order in which documents list them.
const (
	IMAP Protocol = iota + 1
	SMTP
)

// String returns the protocol's usual name in lower case.
func (p Protocol) String() string {
	switch p {
	case IMAP:
		return "imap"
	case SMTP:
		return "smtp"
	}
	return "invalid protocol"
}

// Security is how a connection is encrypted. There is no plaintext.
type Security uint8

const (
	// TLS from the first octet (RFC 8314, "implicit TLS").
	TLS Security = iota + 1
	// StartTLS upgrades before anything else is sent (RFC 2595, RFC 3207).
	StartTLS
)

var securities = []Security{TLS, StartTLS}

// String returns the word that the table uses.
func (s Security) String() string {
	switch s {
	case TLS:
		return "tls"
	case StartTLS:
		return "starttls"
	}
	return "invalid security"
}

// Username says which part of an address a server uses as the login.
type Username uint8

const (
	// UsernameAddress is the address in full.
	UsernameAddress Username = iota + 1
	// UsernameLocalPart is the part before the @.
	UsernameLocalPart
)

var usernames = []Username{UsernameAddress, UsernameLocalPart}

// String returns the word that the table uses.
func (u Username) String() string {
	switch u {
	case UsernameAddress:
		return "address"
	case UsernameLocalPart:
		return "localpart"
	}
	return "invalid username"
}

// Of applies the rule to an address; it returns zero for the zero Address.
func (u Username) Of(a Address) LoginName {
	switch u {
	case UsernameAddress:
		return LoginName{a.String()}
	case UsernameLocalPart:
		return LoginName{a.LocalPart()}
	}
	return LoginName{}
}

// PasswordKind says which password a mail client must be given.
type PasswordKind uint8

const (
	// PasswordAccount is the password that people sign in with everywhere.
	PasswordAccount PasswordKind = iota + 1
	// PasswordAppSpecific is one that people make for each mail client.
	PasswordAppSpecific
	// PasswordUnstated is one of the two; the service says which.
	PasswordUnstated
	// PasswordNone: mail clients can use only OAuth 2.
	PasswordNone
)

var passwordKinds = []PasswordKind{PasswordAccount, PasswordAppSpecific, PasswordUnstated, PasswordNone}

// String returns the word that the table uses.
func (k PasswordKind) String() string {
	switch k {
	case PasswordAccount:
		return "account"
	case PasswordAppSpecific:
		return "app-specific"
	case PasswordUnstated:
		return "unstated"
	case PasswordNone:
		return "none"
	}
	return "invalid password kind"
}

// Class is the relation of a domain to the table. Nothing else about a domain is ever
// logged.
type Class uint8

const (
	// ClassUnknown is a domain that the table does not serve.
	ClassUnknown Class = iota
	// ClassOwn is one of a provider's own domains, such as icloud.com.
	ClassOwn
	// ClassHosted is a custom domain with its mail at a provider.
	ClassHosted
)

// String returns the word that logs use.
func (c Class) String() string {
	switch c {
	case ClassUnknown:
		return "unknown"
	case ClassOwn:
		return "own"
	case ClassHosted:
		return "hosted"
	}
	return "invalid class"
}

// GuideTopic is the place on the setup page where a guide entry belongs.
type GuideTopic uint8

const (
	// GuideApple is a step on an Apple device that knows the service itself. The offer of a
	// profile is folded below the steps.
	GuideApple GuideTopic = iota + 1
	// GuidePassword explains where the password comes from, step by step.
	GuidePassword
	// GuideTrouble helps when a login or a connection fails.
	GuideTrouble
	// GuideQuestion answers a general question.
	GuideQuestion
	// GuideLogin says where people find the login, at the field that asks for it.
	GuideLogin
)

var guideTopics = []GuideTopic{GuideApple, GuidePassword, GuideTrouble, GuideQuestion, GuideLogin}

// String returns the word that the table uses.
func (t GuideTopic) String() string {
	switch t {
	case GuideApple:
		return "apple"
	case GuidePassword:
		return "password"
	case GuideTrouble:
		return "trouble"
	case GuideQuestion:
		return "question"
	case GuideLogin:
		return "login"
	}
	return "invalid guide topic"
}
