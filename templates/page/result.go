package page

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"mailsetup/internal/language"
	"mailsetup/internal/provider"
)

// ResultView is what the page for one address shows.
type ResultView struct {
	Account provider.Account
	// Name is the person's own name; may be empty.
	Name string
	// Path is the page's own path, "/p/TOKEN/", below which the profile is.
	Path string
	// AndroidCode is the text of the code from which Thunderbird for Android imports the
	// account, and AndroidFile the name of the settings file below Path with the same
	// content. An account that cannot be imported has no code.
	AndroidCode, AndroidFile string
	// Minutes is how long the page can still be opened, at least 1.
	Minutes int
	// Device decides what comes first.
	Device Device
}

// Result writes the page with the settings and steps for one address.
func (p *Pages) Result(w io.Writer, c language.Choice, v ResultView) error {
	r, err := p.resultPage(c, v)
	if err != nil {
		return err
	}
	// A link without a path stays at this page, whose path is long.
	return p.render(w, c, resultTemplate, "", r)
}

// resultPage is ResultView as the template reads it.
type resultPage struct {
	Service  *provider.Provider
	Address  wrappable
	Readable string // the domain in people's own letters, where that differs
	Name     string
	Minutes  int
	Carried  string // see carried
	Foreign  string // the language of a server's note, where it is not the page's

	Incoming, Outgoing server
	Alternatives       []server
	Login              login
	// The kind of password; none of the three is the password of the account.
	AppSpecific, Unstated, SignIn bool
	// OAuth2: a program that supports it opens a sign-in window and needs no password.
	OAuth2 bool
	Guide  guide

	Hand        string // the device in hand, "" if unknown
	Native      bool   // it knows the service itself
	First       []card
	Others      []card
	Profile     string        // link, "" if the service cannot have one
	QR          template.HTML // "" if there is none to show
	AndroidQR   template.HTML // to scan with the app; "" if there is none to show
	AndroidFile string        // link, "" if there is none to offer
	// AndroidLater: both need the login, which is not known yet.
	AndroidLater bool
	Signed       bool
}

// server is one table of settings.
type server struct {
	*resultPage
	Protocol, Host, Security string
	Port                     uint16
	User                     wrappable // "" if it cannot be known
	LocalPart                bool      // the user name is only a part of an address
	OAuth2, CRAMMD5          bool      // else the password itself is sent
	SignInOnly               bool      // OAuth2 alone is taken
	Note                     string
}

// wrappable is a name that a narrow screen may have to break. Without a hint, a
// browser breaks an address anywhere, often before its last letter.
type wrappable string

// Before returns the part before the @, or all of it.
func (b wrappable) Before() string {
	before, _, _ := strings.Cut(string(b), "@")
	return before
}

// After returns the rest, with the @.
func (b wrappable) After() string { return string(b)[len(b.Before()):] }

// login is what the page says and asks about the user name.
type login struct {
	Unknown bool
	// Hosted: the address is on somebody's own domain.
	Hosted bool
	// Rule says what a login looks like. Without domains, every address is one.
	Rule loginRule
	// Differ: the servers take different names.
	Differ bool
}

func (p *Pages) resultPage(c language.Choice, v ResultView) (*resultPage, error) {
	a := v.Account
	r := &resultPage{
		Service:  a.Provider,
		Address:  wrappable(a.Address.String()),
		Readable: readable(a.Domain),
		Name:     v.Name,
		Minutes:  max(v.Minutes, 1),
		Carried:  carried(c),
		Login: login{
			Unknown: a.Incoming.Login.Kind == provider.LoginUnknown,
			Hosted:  a.Class == provider.ClassHosted,
			Rule:    ruleOf(a.Provider),
			Differ:  !a.LoginsEqual(),
		},
		Guide:  guideOf(a.Provider, c.Language),
		Signed: p.signed,
	}
	if c.Language != language.English {
		r.Foreign = language.English.String()
	}
	if a.Provider.TakesPassword() {
		r.Profile = v.Path + a.Provider.ID + ".mobileconfig"
		if c.Language != language.English {
			// The profile is in the language of this page, whatever fetches it.
			r.Profile = withLanguage(r.Profile, c.Language)
		}
	}
	var err error
	if err := r.password(a.Provider.Password.Kind); err != nil {
		return nil, err
	}
	if r.Incoming, err = r.server(a.Incoming); err != nil {
		return nil, err
	}
	if r.Outgoing, err = r.server(a.Outgoing); err != nil {
		return nil, err
	}
	r.OAuth2 = r.Incoming.OAuth2 || r.Outgoing.OAuth2
	if err := r.alternatives(a); err != nil {
		return nil, err
	}
	if err := r.cards(v.Device); err != nil {
		return nil, err
	}
	if p.publicURL != "" && v.Device != DeviceAppleMobile {
		// A path too long for any code leaves the page without one.
		r.QR, _ = QR(p.publicURL + Carry(v.Path, c))
	}
	r.android(v)
	return r, nil
}

// android offers the import into Thunderbird for Android. On the device itself it offers
// the file, because nobody can scan the screen in their hand; elsewhere it offers the code.
// An unknown device may be either.
func (r *resultPage) android(v ResultView) {
	if v.AndroidCode == "" {
		r.AndroidLater = r.Login.Unknown && r.Profile != ""
		return
	}
	if v.Device != DeviceAndroid {
		// A text too long for any code leaves the page without one.
		r.AndroidQR, _ = QR(v.AndroidCode)
	}
	if v.Device == DeviceAndroid || v.Device == DeviceUnknown {
		r.AndroidFile = v.Path + v.AndroidFile
	}
}

func (r *resultPage) password(k provider.PasswordKind) error {
	switch k {
	case provider.PasswordAccount:
	case provider.PasswordAppSpecific:
		r.AppSpecific = true
	case provider.PasswordUnstated:
		r.Unstated = true
	case provider.PasswordNone:
		r.SignIn = true
	default:
		return fmt.Errorf("%s", k)
	}
	return nil
}

func (r *resultPage) server(e provider.Endpoint) (server, error) {
	s := server{
		resultPage: r,
		Host:       e.Host.String(),
		Port:       e.Port,
		User:       wrappable(e.Login.Name.String()),
		LocalPart:  e.Username == provider.UsernameLocalPart,
		Note:       e.Note,
	}
	// These are the names that mail apps show, in every language.
	switch e.Protocol {
	case provider.IMAP:
		s.Protocol = "IMAP"
	case provider.SMTP:
		s.Protocol = "SMTP"
	default:
		return s, fmt.Errorf("%s", e.Protocol)
	}
	switch e.Security {
	case provider.TLS:
		s.Security = "SSL/TLS"
	case provider.StartTLS:
		s.Security = "STARTTLS"
	default:
		return s, fmt.Errorf("%s", e.Security)
	}
	s.OAuth2 = e.Auth.Has(provider.AuthOAuth2)
	auth, err := e.Auth.Password()
	s.SignInOnly = errors.Is(err, provider.ErrOAuth2Only)
	if err != nil && !s.SignInOnly {
		return s, err
	}
	s.CRAMMD5 = auth == provider.AuthCRAMMD5
	return s, nil
}

// alternatives adds the servers that machine documents leave out.
func (r *resultPage) alternatives(a provider.Account) error {
	for _, s := range slices.Concat(a.Provider.IMAP[1:], a.Provider.SMTP[1:]) {
		alt, err := r.server(provider.Endpoint{MailServer: s})
		if err != nil {
			return err
		}
		// The login follows from the rule, and one of the two servers has
		// usually resolved it already.
		switch s.Username {
		case a.Incoming.Username:
			alt.User = r.Incoming.User
		case a.Outgoing.Username:
			alt.User = r.Outgoing.User
		}
		r.Alternatives = append(r.Alternatives, alt)
	}
	return nil
}

// A card has the steps for one kind of device or program.
type card struct {
	*resultPage        // whose facts the steps use
	Kind        string // names the card's text
	// InHand: it is what the device in hand does best.
	InHand bool
	// Program: the card is about a program, which the name of a device does not
	// say.
	Program bool
}

// cards makes the cards of the page: what the device in hand does best, then
// all the others.
func (r *resultPage) cards(d Device) error {
	all := []card{
		{Kind: "iphone"},
		{Kind: "mac"},
		{Kind: "thunderbird", Program: true},
		{Kind: "outlook", Program: true},
		{Kind: "android"},
		{Kind: "other", Program: true},
	}
	var best []string
	switch d {
	case DeviceUnknown:
	case DeviceAppleMobile:
		r.Hand, r.Native, best = "iphone", len(r.Guide.Apple) > 0, []string{"iphone"}
	case DeviceMac:
		r.Hand, r.Native, best = "mac", len(r.Guide.Apple) > 0, []string{"mac"}
	case DeviceWindows:
		r.Hand, best = "windows", []string{"thunderbird", "outlook"}
	case DeviceAndroid:
		r.Hand, best = "android", []string{"android"}
	case DeviceLinux:
		r.Hand, best = "linux", []string{"thunderbird"}
	default:
		return fmt.Errorf("invalid device %d", d)
	}
	for _, c := range all {
		c.resultPage = r
		if c.InHand = slices.Contains(best, c.Kind); c.InHand {
			r.First = append(r.First, c)
		} else {
			r.Others = append(r.Others, c)
		}
	}
	return nil
}
