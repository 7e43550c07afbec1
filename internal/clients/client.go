package clients

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"mailsetup/internal/provider"
)

// A Format is one of the documents that clients ask for.
type Format uint8

const (
	// Autoconfig is config-v1.1, Mozilla's XML.
	Autoconfig Format = iota + 1
	// Autodiscover is Microsoft's "plain old XML" (POX) in Outlook's schema.
	Autodiscover
	// AutodiscoverJSON says where the XML is (Autodiscover v2).
	AutodiscoverJSON
	// MobileSync is POX in ActiveSync's schema. It never contains IMAP.
	MobileSync
	// Profile is an Apple configuration profile, unsigned.
	Profile
)

// String returns the format's usual name.
func (f Format) String() string {
	switch f {
	case Autoconfig:
		return "autoconfig"
	case Autodiscover:
		return "autodiscover"
	case AutodiscoverJSON:
		return "autodiscover.json"
	case MobileSync:
		return "ActiveSync autodiscover"
	case Profile:
		return "configuration profile"
	}
	return "invalid format"
}

// A Request is one request of a client.
type Request struct {
	Method string
	// URL is as the client writes it; some clients put the address in raw.
	URL string
	// Header has what the client sends in addition to the usual headers of an
	// HTTP client; nil if nothing notable.
	Header http.Header
	Body   []byte
	// Timeout is how long the client waits; 0 if unknown.
	Timeout time.Duration
	Format  Format
	// Step groups requests: a dead end ends its step, and the client goes on
	// with the next one.
	Step int
	// Database: the client asks Mozilla's database, not the domain's owner.
	Database bool
}

// An Answer is what came back, after the redirects that the client follows.
type Answer struct {
	Status      int
	ContentType string
	Body        []byte
}

// A Reading is how a client reads one format.
type Reading struct {
	Format Format
	// Read returns the settings that the client takes from an answer to a
	// request about an address. Its error wraps [ErrNext] or [ErrDeadEnd], or
	// is a [*FollowUp].
	Read func(Answer, provider.Address) (Settings, error)
	// Limit says what about logins the client cannot read from this format,
	// whatever a server writes; "" if it can read everything.
	Limit string
}

// A Client is one mail client.
type Client struct {
	Name string
	// Source is where its rules can be read.
	Source string
	// Evidence precedes a verdict and says where the rules come from if that is
	// not the client's own source code; "" if it is.
	Evidence string
	// Requests returns what the client asks about an address, in the order in
	// which answers win. Requests that need DNS first (MX, SRV) are left out;
	// so are those of clients that people give a file to (nil).
	Requests func(provider.Address) []Request
	Readings []Reading
	// NeedsAbsoluteRedirect: it does not follow a redirect without a host in its
	// Location.
	NeedsAbsoluteRedirect bool
	// FollowsSRV: it looks up _autodiscover._tcp of the domain. AsksAboutSRV: it asks
	// its user before it follows that record to another domain.
	FollowsSRV, AsksAboutSRV bool
	// PrefersMailSRV: it prefers the SRV records of mail servers (RFC 6186) to a
	// document. They carry no login, so it logs in with the address.
	PrefersMailSRV bool
	// perStep, if not nil, makes new readings for each step of a search: the
	// client keeps something of one answer when it reads the next.
	perStep func() []Reading
}

// Every error of a reader says how the client goes on.
var (
	// ErrNext: the client ignores the answer and asks its next URL.
	ErrNext = errors.New("the client asks its next URL")
	// ErrDeadEnd: the client accepts the answer, finds nothing usable in it,
	// and asks no other URL in the same step. Such an answer hides good ones.
	ErrDeadEnd = errors.New("the client stops here without settings")
)

// A FollowUp is the error of a reader whose client asks another URL because the
// answer says so.
type FollowUp struct{ Request Request }

// Error does not contain the URL, which may contain an address.
func (f *FollowUp) Error() string { return "the client follows to another URL" }

// Reading returns how the client reads a format, if it does.
func (c Client) Reading(f Format) (Reading, bool) {
	for _, r := range c.Readings {
		if r.Format == f {
			return r, true
		}
	}
	return Reading{}, false
}

// Found is the end of a successful search.
type Found struct {
	Settings Settings
	// Request is the one whose answer won.
	Request Request
}

// maxFollowUps is Delta Chat's limit, and Microsoft's for redirects ([MS-OXDSCLI]
// 2.2.4.1.1.2.9).
const maxFollowUps = 10

// Discover makes the client's requests and returns the settings that it ends up
// with. ask answers one request; its error means that the server could not be
// reached. The error of Discover joins the errors of all answers.
func (c Client) Discover(a provider.Address, ask func(Request) (Answer, error)) (Found, error) {
	if c.Requests == nil {
		return Found{}, fmt.Errorf("%s asks no server", c.Name)
	}
	var failures []error
	dead, step := -1, -1
	for _, r := range c.Requests(a) {
		if c.perStep != nil && r.Step != step {
			c.Readings, step = c.perStep(), r.Step
		}
		if r.Step == dead {
			continue
		}
		found, err := c.follow(a, r, ask)
		if err == nil {
			return found, nil
		}
		failures = append(failures, err)
		if errors.Is(err, ErrDeadEnd) {
			dead = r.Step
		}
	}
	return Found{}, errors.Join(failures...)
}

func (c Client) follow(a provider.Address, r Request, ask func(Request) (Answer, error)) (Found, error) {
	for range maxFollowUps {
		answer, err := ask(r)
		if err != nil {
			return Found{}, fmt.Errorf("%w: no answer: %w", ErrNext, err)
		}
		reading, ok := c.Reading(r.Format)
		if !ok {
			return Found{}, fmt.Errorf("%w: %s does not read %s", ErrDeadEnd, c.Name, r.Format)
		}
		settings, err := reading.Read(answer, a)
		if err == nil {
			return Found{settings, r}, nil
		}
		further, ok := errors.AsType[*FollowUp](err)
		if !ok {
			return Found{}, err
		}
		r = further.Request
	}
	return Found{}, deadEnd("more than %d follow-ups", maxFollowUps)
}

func next(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNext, fmt.Sprintf(format, args...))
}

func deadEnd(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDeadEnd, fmt.Sprintf(format, args...))
}

// complete ends a reading that did not check host names: clients accept an empty
// one, and fail when they connect.
func complete(incoming, outgoing ServerSettings) (Settings, error) {
	if incoming.Host == "" || outgoing.Host == "" {
		return Settings{}, deadEnd("a server has no host name")
	}
	return Settings{Incoming: incoming, Outgoing: outgoing}, nil
}

// Apple's devices do not search for settings: a person fetches a profile.
var appleDevices = Client{
	Name:   "Apple Mail (profile)",
	Source: "https://github.com/apple/device-management/blob/release/mdm/profiles/com.apple.mail.managed.yaml",
}

// All is every client that mailsetup knows the rules of.
var All = []Client{
	thunderbird,
	thunderbirdAndroid,
	deltaChat,
	evolution,
	gnomeOnlineAccounts,
	geary,
	kmail,
	fairEmail,
	nextcloudMail,
	snappyMail,
	aerc,
	himalaya,
	parula,
	mailspring,
	wino,
	thunderbirdIOS,
	outlook,
	outlookCloud,
	androidExchange,
	appleDevices,
}
