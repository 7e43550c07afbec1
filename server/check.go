package server

import (
	"errors"
	"fmt"

	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates"
)

// A Format is a document that mail clients read.
type Format uint8

// The formats, by the client that reads them.
const (
	FormatAutoconfig   Format = iota + 1 // Thunderbird and its kin: config-v1.1
	FormatAutodiscover                   // Outlook: the POX response
	FormatJSON                           // Outlook: Autodiscover v2, the pointer to POX
	FormatMobileconfig                   // Apple devices: the configuration profile
)

// Formats lists every format.
var Formats = []Format{FormatAutoconfig, FormatAutodiscover, FormatJSON, FormatMobileconfig}

// String returns the name by which the command line knows the format.
func (f Format) String() string {
	switch f {
	case FormatAutoconfig:
		return "autoconfig"
	case FormatAutodiscover:
		return "autodiscover"
	case FormatJSON:
		return "json"
	case FormatMobileconfig:
		return "mobileconfig"
	}
	return "invalid format"
}

// ParseFormat reads a format's name.
func ParseFormat(s string) (Format, error) {
	for _, f := range Formats {
		if s == f.String() {
			return f, nil
		}
	}
	return 0, fmt.Errorf("%q is no format: use autoconfig, autodiscover, json or mobileconfig", s)
}

// Render makes the document that the server would send for an address, byte
// for byte; a profile is unsigned. An address whose domain the table does not
// serve is an error.
func Render(t *provider.Table, f Format, a provider.Address, public PublicURL) ([]byte, error) {
	m, ok := t.ByDomain(a.Domain())
	if !ok {
		return nil, fmt.Errorf("the table does not serve %s: add it under domains, or give --domain %s=PROVIDER", a.Domain(), a.Domain())
	}
	return render(f, m.Account(a), public)
}

// RenderDomain makes the document that the server would send about a domain to
// somebody who gives no address, byte for byte; a profile is the provider's
// generic one, unsigned.
func RenderDomain(m provider.Match, f Format, public PublicURL) ([]byte, error) {
	return render(f, m.Account(provider.Address{}), public)
}

func render(f Format, a provider.Account, public PublicURL) ([]byte, error) {
	switch f {
	case FormatAutoconfig:
		return templates.Autoconfig(a)
	case FormatAutodiscover:
		return templates.Autodiscover(a)
	case FormatJSON:
		return templates.AutodiscoverJSON(autodiscoverURL(public, a.Domain))
	case FormatMobileconfig:
		return profiles.Mail(a, profiles.PersonName{})
	}
	return nil, fmt.Errorf("no such format: %d", f)
}

// Check renders every provider of a table in every format: for nobody in
// particular, for an address of its own, and for hosted addresses with and
// without a known login. Start, reload and the check command all render the same,
// so nothing that cannot be rendered goes live.
func Check(t *provider.Table) error {
	return renderSamples(t, func(*provider.Provider, sampleKind, Format, []byte) {})
}

// renderSamples renders as Check says and hands over each document. The error
// holds all that cannot be rendered.
func renderSamples(t *provider.Table, use func(*provider.Provider, sampleKind, Format, []byte)) error {
	var faults []error
	for _, p := range t.Providers() {
		for kind, a := range sampleAccounts(p) {
			for _, f := range Formats {
				body, err := render(f, a, PublicURL{})
				if err != nil {
					faults = append(faults, fmt.Errorf("provider %s cannot be written as %s: %w", p.ID, f, err))
					continue
				}
				use(p, sampleKind(kind), f, body)
			}
		}
	}
	return errors.Join(faults...)
}

// A sampleKind is a kind of account that a provider can have.
type sampleKind uint8

const (
	sampleGeneric     sampleKind = iota // nobody in particular
	sampleOwn                           // an address of the provider's own
	sampleStatedLogin                   // a hosted address with a known login
	sampleHosted                        // a hosted address without
)

// sampleAccounts are one account of each kind.
func sampleAccounts(p *provider.Provider) [4]provider.Account {
	parse := func(s string) provider.Address {
		a, err := provider.ParseAddress(s)
		if err != nil {
			return provider.Address{}
		}
		return a
	}
	hosted := parse("jane@example.com")
	login := parse("jane@" + p.Domains[0].String())
	generic := p.Account()
	generic.Domain, generic.Class = p.Domains[0], provider.ClassOwn
	return [...]provider.Account{
		sampleGeneric:     generic,
		sampleOwn:         p.AccountWithLogin(login, provider.LoginOf(login)),
		sampleStatedLogin: p.AccountWithLogin(hosted, provider.LoginOf(login)),
		sampleHosted:      provider.HostedAt(p, hosted.Domain()).Account(hosted),
	}
}
