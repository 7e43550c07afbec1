package clients

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"mailsetup/internal/provider"
)

// A Format is one of the documents that clients look for.
type Format uint8

const (
	// Autoconfig is config-v1.1, Mozilla's XML.
	Autoconfig Format = iota + 1
	// Autodiscover is Microsoft's "plain old XML" (POX) in Outlook's schema.
	Autodiscover
	// AutodiscoverJSON says where the XML is (Autodiscover v2).
	AutodiscoverJSON
	// MobileSync is POX in ActiveSync's schema. It never carries IMAP.
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

// A Request is one question of a client.
type Request struct {
	Method string
	// URL is as the client writes it; some clients put the address in raw.
	URL string
	// Header holds what the client sends besides what every HTTP client sends;
	// nil if that is nothing of note.
	Header http.Header
	Body   []byte
	// Timeout is how long the client waits; 0 if nobody knows.
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
	// Limit says what the client cannot take from this format about logins,
	// whatever a server writes; "" if it takes everything.
	Limit string
}

// A Client is one mail client.
type Client struct {
	Name string
	// Source is where its rules can be read.
	Source string
	// Evidence says, in front of a verdict, where the rules come from when that
	// is not the client's own source code; "" if it is.
	Evidence string
	// Requests returns what the client asks about an address, in the order in
	// which answers win. Requests that need DNS first (MX, SRV) are left out;
	// so are those of clients that people hand a file to (nil).
	Requests func(provider.Address) []Request
	Readings []Reading
	// NeedsAbsoluteRedirect: it does not follow a redirect whose Location names no
	// host.
	NeedsAbsoluteRedirect bool
	// FollowsSRV: it looks up _autodiscover._tcp of the domain. AsksAboutSRV: it asks
	// its user before it follows that record to another domain.
	FollowsSRV, AsksAboutSRV bool
	// PrefersMailSRV: it takes the SRV records of mail servers (RFC 6186) rather than a
	// document. They carry no login, so it logs in with the address.
	PrefersMailSRV bool
	// perStep, if not nil, makes the readings anew for each step of a search: the
	// client keeps something of one answer when it reads the next.
	perStep func() []Reading
}

// Every error of a reader says how the client goes on.
var (
	// ErrNext: the client passes over the answer and asks its next URL.
	ErrNext = errors.New("the client asks its next URL")
	// ErrDeadEnd: the client takes the answer, finds nothing usable in it, and
	// asks nobody else in the same step. Such an answer hides good ones.
	ErrDeadEnd = errors.New("the client stops here without settings")
)

// A FollowUp is the error of a reader whose client asks on elsewhere because the
// answer told it to.
type FollowUp struct{ Request Request }

// Error does not hold the URL: it may carry an address.
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

// Discover goes through the client's requests and returns the settings with which
// it ends. ask answers one request; its error means that the server could not be
// reached. The error of Discover joins what was wrong with each answer.
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

// complete ends a reading that asked nothing of host names: clients let an empty
// one pass, and fail when they connect.
func complete(incoming, outgoing ServerSettings) (Settings, error) {
	if incoming.Host == "" || outgoing.Host == "" {
		return Settings{}, deadEnd("a server has no host name")
	}
	return Settings{Incoming: incoming, Outgoing: outgoing}, nil
}

// Apple's devices look for no settings: a person fetches a profile.
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
