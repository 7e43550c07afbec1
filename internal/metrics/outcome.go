package metrics

// An Outcome is what became of a request.
type Outcome uint8

// The outcomes.
const (
	// Served: it was answered with what it asked for.
	Served Outcome = iota + 1
	// Redirected: it was sent to https, or to the page for an address.
	Redirected
	// UnknownDomain: the domain is not served.
	UnknownDomain
	// NoDocument: the mail service cannot have the document.
	NoDocument
	// Undecided: the mail service of the domain could not be looked up.
	Undecided
	// BadAddress, BadRequest and PasswordSent: it was refused for what it carried.
	BadAddress
	BadRequest
	PasswordSent
	// TooLarge: its body is larger than any that a client sends.
	TooLarge
	// Expired: the page for an address is over.
	Expired
	// NotFound: nothing is at its path.
	NotFound
	// Busy: all signers are at work, or the signing certificate has expired.
	Busy
	// Failed: the fault is the server's.
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
