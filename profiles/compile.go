package profiles

import (
	"crypto/sha256"

	"mailsetup/internal/fill"
	"mailsetup/internal/language"
	"mailsetup/internal/provider"
)

// The slots of a profile.
const (
	slotAddress = iota
	slotIncoming
	slotOutgoing
	slotName
	slotIdentifier
	slotUUID
	slotMailUUID
)

// plistEscape is how the property list encoder writes character data (encoding/xml).
var plistEscape = fill.Escape{Apostrophe: "&#39;", Quote: "&#34;"}

// A Template is a provider's compiled profile for any of its accounts. It gives the
// same bytes as [Mail].
type Template struct{ shapes *fill.Set[shape] }

// A shape is everything about an account that affects its profile, except the values.
type shape struct {
	address bool // there is one: the profile is personal
	logins  bool // they are known
	name    bool // the person gave one

	language language.Language
}

// Compile compiles [Mail] for a provider. Its error means that a profile cannot be
// written.
func Compile(p *provider.Provider) (*Template, error) {
	shapes, err := fill.NewSet(func(s shape) (fill.Template, error) {
		return fill.Compile(plistEscape, func(word string) ([]byte, fill.Values, error) {
			a, person, err := marked(p, s, word)
			if err != nil {
				return nil, fill.Values{}, err
			}
			body, err := Mail(a, person)
			return body, valuesOf(a, person), err
		})
	}, shape{})
	if err != nil {
		return nil, err
	}
	return &Template{shapes}, nil
}

// marked returns an account of a shape with marks for its values. The identifiers are
// those of the marked address, so they are unlike anything else in the document.
func marked(p *provider.Provider, s shape, word string) (a provider.Account, person Person, err error) {
	person.Language = s.language
	if s.name {
		if person.Name, err = ParsePersonName(word + " person"); err != nil {
			return a, person, err
		}
	}
	if !s.address {
		return p.Account(), person, nil
	}
	address, err := provider.ParseAddress(word + "@" + word + "-address.invalid")
	if err != nil {
		return a, person, err
	}
	in, err := provider.ParseStatedLogin(word + "-incoming")
	if err != nil {
		return a, person, err
	}
	out, err := provider.ParseStatedLogin(word + "-outgoing")
	if err != nil {
		return a, person, err
	}
	a = p.AccountWithLogin(address, in)
	a.Outgoing = p.AccountWithLogin(address, out).Outgoing
	if !s.logins {
		a.Incoming.Login = provider.Login{Kind: provider.LoginUnknown}
		a.Outgoing.Login = a.Incoming.Login
	}
	return a, person, nil
}

// valuesOf returns the contents of the slots.
func valuesOf(a provider.Account, person Person) fill.Values {
	v := fill.Values{slotName: person.Name.String()}
	if a.Address.IsZero() {
		return v
	}
	id := profileIdentity(a.Provider, a.Address)
	v[slotAddress] = a.Address.String()
	v[slotIncoming], v[slotOutgoing] = a.Incoming.Login.Name.String(), a.Outgoing.Login.Name.String()
	v[slotIdentifier], v[slotUUID], v[slotMailUUID] = id.identifier, id.uuid(), id.component("mail").uuid()
	return v
}

// Append appends the profile of an account at the template's provider; see [Mail].
func (t *Template) Append(dst []byte, a provider.Account, person Person) ([]byte, error) {
	tmpl := t.of(a, person)
	if tmpl == nil {
		body, err := Mail(a, person)
		return append(dst, body...), err
	}
	values := valuesOf(a, person)
	return tmpl.Append(dst, &values), nil
}

// Sum returns a digest of the profile that Append appends; see [fill.Template.Sum].
func (t *Template) Sum(a provider.Account, person Person) [sha256.Size]byte {
	tmpl := t.of(a, person)
	if tmpl == nil {
		body, _ := Mail(a, person)
		return sha256.Sum256(body)
	}
	values := valuesOf(a, person)
	return tmpl.Sum(&values)
}

func (t *Template) of(a provider.Account, person Person) *fill.Template {
	s := shape{address: !a.Address.IsZero(), name: !person.Name.IsZero()}
	if s.address {
		s.language = person.Language
	}
	s.logins = s.address && !a.Incoming.Login.Name.IsZero()
	return t.shapes.Of(s)
}
