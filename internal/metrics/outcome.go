package metrics

// An Outcome is the outcome of a request.
type Outcome uint8

// The outcomes.
const (
	// Served: the answer has what was asked for.
	Served Outcome = iota + 1
	// Redirected: to https, or to the page for an address.
	Redirected
	// UnknownDomain: the domain is not served.
	UnknownDomain
	// NoDocument: the mail service cannot have the document.
	NoDocument
	// Undecided: the mail service of the domain could not be looked up.
	Undecided
	// BadAddress, BadRequest and PasswordSent: it was refused because of its content.
	BadAddress
	BadRequest
	PasswordSent
	// TooLarge: its body is larger than any that a client sends.
	TooLarge
	// Expired: the page for an address has expired.
	Expired
	// NotFound: its path does not exist.
	NotFound
	// Busy: all signers are busy, or the signing certificate has expired.
	Busy
	// Failed: the server is at fault.
	Failed
)

// String returns the label's value.
func (o Outcome) String() string {
	switch o {
	case Served:
		return "served"
	case Redirected:
		return "redirected"
	case UnknownDomain:
		return "unknown_domain"
	case NoDocument:
		return "no_document"
	case Undecided:
		return "undecided"
	case BadAddress:
		return "bad_address"
	case BadRequest:
		return "bad_request"
	case PasswordSent:
		return "password_sent"
	case TooLarge:
		return "too_large"
	case Expired:
		return "expired"
	case NotFound:
		return "not_found"
	case Busy:
		return "busy"
	case Failed:
		return "failed"
	}
	return "invalid"
}
