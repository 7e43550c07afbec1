package document

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates"
)

// A filler makes the documents of one service's accounts, for a person or the zero one.
type filler struct {
	// missing is why the service cannot have the document; then nothing else is set.
	missing error
	append  func(dst []byte, a provider.Account, person profiles.Person) ([]byte, error)
	// sum is a digest of the document; nil if no cache keeps the format.
	sum func(a provider.Account, person profiles.Person) [sha256.Size]byte
}

// A compiler makes the filler of a service. Its error is [provider.ErrOAuth2Only] or
// [templates.ErrNotImportable] if the service cannot have the document. Any other
// refuses the table.
type compiler func(*provider.Provider, PublicURL) (filler, error)

// compile makes a filler, which records why there is no document, or returns an error
// that refuses the table.
func (c compiler) compile(p *provider.Provider, public PublicURL) (filler, error) {
	f, err := c(p, public)
	if errors.Is(err, provider.ErrOAuth2Only) || errors.Is(err, templates.ErrNotImportable) {
		return filler{missing: fmt.Errorf("%s: %w", p.Name, err)}, nil
	}
	return f, err
}

func compileAutoconfig(p *provider.Provider, _ PublicURL) (filler, error) {
	t, err := templates.CompileAutoconfig(p)
	return filler{
		append: func(dst []byte, a provider.Account, _ profiles.Person) ([]byte, error) { return t.Append(dst, a) },
		sum:    func(a provider.Account, _ profiles.Person) [sha256.Size]byte { return t.Sum(a) },
	}, err
}

func compileAutodiscover(p *provider.Provider, _ PublicURL) (filler, error) {
	t, err := templates.CompileAutodiscover(p)
	return filler{append: func(dst []byte, a provider.Account, _ profiles.Person) ([]byte, error) { return t.Append(dst, a) }}, err
}

// compileJSON compiles the pointer to the POX document, if there is one.
func compileJSON(p *provider.Provider, public PublicURL) (filler, error) {
	if !p.TakesPassword() {
		return filler{}, provider.ErrOAuth2Only
	}
	t, err := templates.CompileAutodiscoverJSON(public.autodiscover)
	return filler{append: func(dst []byte, a provider.Account, _ profiles.Person) ([]byte, error) {
		return t.Append(dst, a.Domain), nil
	}}, err
}

func compileMobileconfig(p *provider.Provider, _ PublicURL) (filler, error) {
	t, err := profiles.Compile(p)
	return filler{
		append: func(dst []byte, a provider.Account, person profiles.Person) ([]byte, error) {
			return t.Append(dst, a, person)
		},
		sum: t.Sum,
	}, err
}

// compileAndroid compiles nothing: each document is for one person. It checks whether
// the service's accounts can be imported at all.
func compileAndroid(write func(provider.Account, string) ([]byte, error)) compiler {
	return func(p *provider.Provider, _ PublicURL) (filler, error) {
		return filler{append: func(dst []byte, a provider.Account, person profiles.Person) ([]byte, error) {
			doc, err := write(a, person.Name.String())
			return append(dst, doc...), err
		}}, templates.AndroidService(p)
	}
}
