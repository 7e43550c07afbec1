package document

import (
	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates"
)

// A filler appends the document of an account at one service. The name is that of a
// person, or zero.
type filler func(dst []byte, a provider.Account, name profiles.PersonName) ([]byte, error)

// A compiler makes the filler of a service. An error refuses the table.
type compiler func(*provider.Provider, PublicURL) (filler, error)

func compileAutoconfig(p *provider.Provider, _ PublicURL) (filler, error) {
	t, err := templates.CompileAutoconfig(p)
	return func(dst []byte, a provider.Account, _ profiles.PersonName) ([]byte, error) { return t.Append(dst, a) }, err
}

func compileAutodiscover(p *provider.Provider, _ PublicURL) (filler, error) {
	t, err := templates.CompileAutodiscover(p)
	return func(dst []byte, a provider.Account, _ profiles.PersonName) ([]byte, error) { return t.Append(dst, a) }, err
}

func compileJSON(_ *provider.Provider, public PublicURL) (filler, error) {
	t, err := templates.CompileAutodiscoverJSON(public.autodiscover)
	return func(dst []byte, a provider.Account, _ profiles.PersonName) ([]byte, error) {
		return t.Append(dst, a.Domain), nil
	}, err
}

func compileMobileconfig(p *provider.Provider, _ PublicURL) (filler, error) {
	t, err := profiles.Compile(p)
	return func(dst []byte, a provider.Account, name profiles.PersonName) ([]byte, error) {
		return t.Append(dst, a, name), nil
	}, err
}
