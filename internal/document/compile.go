package document

import (
	"crypto/sha256"

	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates"
)

// A filler makes the document of accounts at one service. The name is that of a person,
// or zero.
type filler struct {
	append func(dst []byte, a provider.Account, name profiles.PersonName) ([]byte, error)
	// sum is a digest of the document; nil if no cache keeps the format.
	sum func(a provider.Account, name profiles.PersonName) [sha256.Size]byte
}

// A compiler makes the filler of a service. An error refuses the table.
type compiler func(*provider.Provider, PublicURL) (filler, error)

func compileAutoconfig(p *provider.Provider, _ PublicURL) (filler, error) {
	t, err := templates.CompileAutoconfig(p)
	return filler{
		append: func(dst []byte, a provider.Account, _ profiles.PersonName) ([]byte, error) { return t.Append(dst, a) },
		sum:    func(a provider.Account, _ profiles.PersonName) [sha256.Size]byte { return t.Sum(a) },
	}, err
}

func compileAutodiscover(p *provider.Provider, _ PublicURL) (filler, error) {
	t, err := templates.CompileAutodiscover(p)
	return filler{append: func(dst []byte, a provider.Account, _ profiles.PersonName) ([]byte, error) { return t.Append(dst, a) }}, err
}

func compileJSON(_ *provider.Provider, public PublicURL) (filler, error) {
	t, err := templates.CompileAutodiscoverJSON(public.autodiscover)
	return filler{append: func(dst []byte, a provider.Account, _ profiles.PersonName) ([]byte, error) {
		return t.Append(dst, a.Domain), nil
	}}, err
}

func compileMobileconfig(p *provider.Provider, _ PublicURL) (filler, error) {
	t, err := profiles.Compile(p)
	return filler{
		append: func(dst []byte, a provider.Account, name profiles.PersonName) ([]byte, error) {
			return t.Append(dst, a, name), nil
		},
		sum: t.Sum,
	}, err
}
