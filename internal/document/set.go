package document

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"mailsetup/internal/provider"
	"mailsetup/profiles"
)

// A Set is every document of one table, compiled: a request only fills in what
// depends on the person and the domain. It never changes and is safe for concurrent
// use.
type Set struct {
	services map[*provider.Provider]*[len(kinds)]filler // by format
}

// NewSet compiles every document of a table. The error lists all that cannot be
// generated, so nothing goes live that fails on the first request.
func NewSet(t *provider.Table, public PublicURL) (*Set, error) {
	providers := t.Providers()
	compiled := make([][len(kinds)]filler, len(providers))
	faults := make([]error, len(providers))
	// In parallel, because a database has a hundred services.
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), len(providers)) {
		wg.Go(func() {
			for i := range next {
				faults[i] = compileAll(&compiled[i], providers[i], public)
			}
		})
	}
	for i := range providers {
		next <- i
	}
	close(next)
	wg.Wait()
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	s := &Set{services: make(map[*provider.Provider]*[len(kinds)]filler, len(providers))}
	for i, p := range providers {
		s.services[p] = &compiled[i]
	}
	return s, nil
}

// compileAll compiles every document of a service.
func compileAll(compiled *[len(kinds)]filler, p *provider.Provider, public PublicURL) error {
	var faults []error
	for _, f := range Formats {
		var err error
		if compiled[f], err = kinds[f].compiler.compile(p, public); err != nil {
			faults = append(faults, fmt.Errorf("provider %s cannot be written as %s: %w", p.ID, f, err))
		}
	}
	return errors.Join(faults...)
}

// Append appends the document of an account at one of the table's services. A profile
// is unsigned and has no person's name; see [Set.AppendPersonal].
func (s *Set) Append(dst []byte, f Format, a provider.Account) ([]byte, error) {
	return s.AppendPersonal(dst, f, a, profiles.Person{})
}

// AppendPersonal appends a document for one person, whose name may be known:
// [Mobileconfig], [AndroidQR] or [AndroidFile]. The error wraps
// [templates.ErrNotImportable] if the account cannot have one of the last two.
func (s *Set) AppendPersonal(dst []byte, f Format, a provider.Account, person profiles.Person) ([]byte, error) {
	compiled, ok := s.services[a.Provider]
	if !ok {
		return dst, fmt.Errorf("provider %s is of another table", a.Provider.ID)
	}
	if missing := compiled[f].missing; missing != nil {
		return dst, missing
	}
	return compiled[f].append(dst, a, person)
}

// Offers reports whether a service of the table has a document of a format. If not,
// Append returns an error that wraps [provider.ErrOAuth2Only] or
// [templates.ErrNotImportable]. An account may still have no document in a personal
// format.
func (s *Set) Offers(f Format, p *provider.Provider) bool {
	compiled, ok := s.services[p]
	return ok && compiled[f].missing == nil
}

// Tag returns a quoted entity tag for what Append appends, the same on every replica; ""
// for a format that no cache keeps.
func (s *Set) Tag(f Format, a provider.Account) string {
	compiled, ok := s.services[a.Provider]
	if !ok || compiled[f].sum == nil {
		return ""
	}
	return EntityTag(compiled[f].sum(a, profiles.Person{}))
}

// EntityTag makes a quoted entity tag from a digest.
func EntityTag(sum [sha256.Size]byte) string {
	const enough = 12 // octets
	tag := make([]byte, 0, 2+2*enough)
	tag = append(tag, '"')
	tag = hex.AppendEncode(tag, sum[:enough])
	return string(append(tag, '"'))
}
