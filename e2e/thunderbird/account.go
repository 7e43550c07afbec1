package thunderbird

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"image"
	"image/draw"
	"image/png"
	"slices"
)

// A Server is a mail server as Thunderbird has understood it. SocketType and Auth
// are the names of the constants in nsMsgSocketType and nsMsgAuthMethod.
type Server struct {
	Type       string
	Hostname   string
	Port       int
	SocketType string
	Auth       string
	Username   string
}

// A Finding is the outcome of a look-up: the AccountConfig that Thunderbird made,
// placeholders filled in.
type Finding struct {
	Found bool
	// Source says how Thunderbird found the settings; its name for this is
	// subSource.
	Source string
	// AsksAbout is a host in another domain that the user would have been asked to trust.
	AsksAbout string
	// Error is why one of many look-ups has found nothing.
	Error string
	// ID, Name and Domains are the provider's.
	ID, Name string
	Domains  []string
	Incoming Server
	Outgoing Server
	// Alternatives are further servers that the user could choose.
	Alternatives []Server
}

// LookUp looks up the settings for an address as the Account Hub does. It is
// not an error if none are found.
func (t *Thunderbird) LookUp(ctx context.Context, address string) (Finding, error) {
	var f Finding
	err := t.run(ctx, "lookup.js", &f, address)
	return f, err
}

// LookUpAll asks and reads for many addresses, several at a time: autoconfig at
// the domain's own names, or Autodiscover.
func (t *Thunderbird) LookUpAll(ctx context.Context, addresses []string, autodiscover bool) ([]Finding, error) {
	// Marionette always ends a script after 30 seconds.
	const batch = 100
	var all []Finding
	for part := range slices.Chunk(addresses, batch) {
		var found []Finding
		if err := t.run(ctx, "lookups.js", &found, part, autodiscover); err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// Preference returns the text of a preference, and whether an enterprise policy
// is active.
func (t *Thunderbird) Preference(ctx context.Context, name string) (value string, policy bool, err error) {
	var p struct {
		Active bool
		Value  string
	}
	err = t.run(ctx, "policy.js", &p, name)
	return p.Value, p.Active, err
}

// A Screen is what the Account Hub shows after its search. Here SocketType and
// Auth of the servers are English, as shown.
type Screen struct {
	// Step is the element's id: emailConfigFoundSubview if settings were found.
	Step, Notice       string
	Incoming, Outgoing Server
	// Protocols are the choices for incoming mail.
	Protocols []string

	Box struct{ X, Y, Width, Height float64 }
}

// OpenAccountHub opens the Account Hub and starts a search for an address.
func (t *Thunderbird) OpenAccountHub(ctx context.Context, name, address string) (Screen, error) {
	var s Screen
	err := t.run(ctx, "hubfind.js", &s, name, address)
	return s, err
}

// Picture returns a PNG of the Account Hub.
func (t *Thunderbird) Picture(ctx context.Context, s Screen) ([]byte, error) {
	var answer struct{ Value string }
	if err := t.remote.call(ctx, "WebDriver:TakeScreenshot", map[string]any{"full": false, "hash": false}, &answer); err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(answer.Value)
	if err != nil {
		return nil, err
	}
	window, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	box := image.Rect(int(s.Box.X), int(s.Box.Y), int(s.Box.X+s.Box.Width), int(s.Box.Y+s.Box.Height))
	picture := image.NewRGBA(image.Rect(0, 0, box.Dx(), box.Dy()))
	draw.Draw(picture, picture.Bounds(), window, box.Min, draw.Src)
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture)
	return out.Bytes(), err
}

// An Account is a mail account that exists in Thunderbird's profile.
type Account struct {
	Made bool
	// Step and Notice are what the Account Hub shows, Address and Inbox the
	// account's identity and its inbox's URI.
	Step, Notice       string
	Address, Inbox     string
	Incoming, Outgoing Server
}

// SignIn continues from settings found with OAuth 2 and returns the address of the page
// where people sign in.
func (t *Thunderbird) SignIn(ctx context.Context) (page string, err error) {
	var answer struct{ Page string }
	err = t.run(ctx, "hubsignin.js", &answer)
	return answer.Page, err
}

// LogIn continues from the settings found: it enters the password and waits
// until the account is created or refused.
func (t *Thunderbird) LogIn(ctx context.Context, password string) (Account, error) {
	var a Account
	err := t.run(ctx, "hublogin.js", &a, password)
	if err == nil && !a.Made && a.Notice == "" {
		err = errors.New("the account hub neither made an account nor said why")
	}
	return a, err
}
