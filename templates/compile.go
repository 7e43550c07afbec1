package templates

import (
	"crypto/sha256"

	"mailsetup/internal/fill"
	"mailsetup/internal/provider"
)

// The slots of both documents.
const (
	slotDomain = iota
	slotAddress
	slotIncoming
	slotOutgoing
)

// etreeEscape is how etree writes character data.
var etreeEscape = fill.Escape{Apostrophe: "&apos;", Quote: "&quot;"}

// A Template is a compiled document of a provider, for any of its accounts. It gives
// the same bytes as the writer.
type Template struct {
	write    func(provider.Account) ([]byte, error)
	relevant func(shape) shape
	shapes   *fill.Set[shape]
}

// A shape is everything about an account that affects a document, except the values.
type shape struct {
	kind    provider.LoginKind
	hosted  bool // asked about a domain that is not the provider's own
	address bool // an address was given
	named   bool // the logins are known
	equal   bool // and the same for both servers
}

func shapeOf(a provider.Account) shape {
	return shape{
		kind:    a.Incoming.Login.Kind,
		hosted:  !a.Domain.IsZero() && !a.Provider.OwnsDomain(a.Domain),
		address: !a.Address.IsZero(),
		named:   !a.Incoming.Login.Name.IsZero(),
		equal:   a.LoginsEqual(),
	}
}

// CompileAutoconfig compiles [Autoconfig] for a provider. An error means that a document
// cannot be written.
func CompileAutoconfig(p *provider.Provider) (*Template, error) {
	return compile(p, Autoconfig, autoconfigShape)
}

// CompileAutodiscover compiles [Autodiscover] for a provider.
func CompileAutodiscover(p *provider.Provider) (*Template, error) {
	return compile(p, Autodiscover, autodiscoverShape)
}

// autoconfigShape returns the part of a shape that affects config-v1.1: it contains stated
// logins, all others are placeholders.
func autoconfigShape(s shape) shape {
	return shape{kind: s.kind, hosted: s.hosted, named: s.named && s.kind == provider.LoginStated}
}

// autodiscoverShape returns the part of a shape that affects POX: everything but the domain.
func autodiscoverShape(s shape) shape {
	s.hosted = false
	return s
}

func compile(p *provider.Provider, write func(provider.Account) ([]byte, error), relevant func(shape) shape) (*Template, error) {
	shapes, err := fill.NewSet(func(s shape) (fill.Template, error) {
		return fill.Compile(etreeEscape, func(word string) ([]byte, fill.Values, error) {
			a, marks, err := markedAccount(p, s, word)
			if err != nil {
				return nil, marks, err
			}
			body, err := write(a)
			return body, marks, err
		})
	}, relevant(shape{kind: provider.LoginUnknown}))
	if err != nil {
		return nil, err
	}
	return &Template{write: write, relevant: relevant, shapes: shapes}, nil
}

// markedAccount returns an account of a shape with marks for its values.
func markedAccount(p *provider.Provider, s shape, word string) (a provider.Account, marks fill.Values, err error) {
	address, err := provider.ParseAddress(word + "@" + word + "-address.invalid")
	if err != nil {
		return a, marks, err
	}
	login := func(name string) (provider.Account, error) {
		l, err := provider.ParseStatedLogin(word + "-" + name)
		return p.AccountWithLogin(address, l), err
	}
	in, err := login("incoming")
	if err != nil {
		return a, marks, err
	}
	out, err := login("outgoing")
	if err != nil {
		return a, marks, err
	}
	a = in
	marks[slotIncoming] = in.Incoming.Login.Name.String()
	if !s.equal {
		a.Outgoing.Login = out.Outgoing.Login
		marks[slotOutgoing] = out.Outgoing.Login.Name.String()
	}
	a.Incoming.Login.Kind, a.Outgoing.Login.Kind = s.kind, s.kind
	if !s.named {
		a.Incoming.Login.Name, a.Outgoing.Login.Name = provider.LoginName{}, provider.LoginName{}
	}
	a.Domain, a.Class = provider.Domain{}, provider.ClassOwn // the service may not have its own domain
	if s.hosted {
		a.Class = provider.ClassHosted
		if a.Domain, err = provider.ParseDomain(word + "-domain.invalid"); err != nil {
			return a, marks, err
		}
		marks[slotDomain] = a.Domain.String()
	}
	marks[slotAddress] = address.String()
	if !s.address {
		a.Address = provider.Address{}
	}
	return a, marks, nil
}

// Append appends the document of an account at the template's provider.
func (t *Template) Append(dst []byte, a provider.Account) ([]byte, error) {
	tmpl := t.shapes.Of(t.relevant(shapeOf(a)))
	if tmpl == nil {
		// It cannot be cut, or the writer returns the error.
		body, err := t.write(a)
		if err != nil {
			return dst, err
		}
		return append(dst, body...), nil
	}
	values := valuesOf(a)
	return tmpl.Append(dst, &values), nil
}

// Sum returns a digest of the document that Append appends; see [fill.Template.Sum].
func (t *Template) Sum(a provider.Account) [sha256.Size]byte {
	tmpl := t.shapes.Of(t.relevant(shapeOf(a)))
	if tmpl == nil {
		body, _ := t.write(a)
		return sha256.Sum256(body)
	}
	values := valuesOf(a)
	return tmpl.Sum(&values)
}

func valuesOf(a provider.Account) fill.Values {
	values := fill.Values{
		slotDomain:   a.Domain.String(),
		slotIncoming: a.Incoming.Login.Name.String(),
		slotOutgoing: a.Outgoing.Login.Name.String(),
	}
	if !a.Address.IsZero() {
		values[slotAddress] = a.Address.String()
	}
	return values
}
