package document

import (
	"errors"
	"fmt"

	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates"
)

// A Set is every document of one table, compiled: a request only fills in what
// depends on the person and the domain. It never changes and is safe for concurrent
// use.
type Set struct {
	public   PublicURL
	services map[*provider.Provider]service
	pointer  *templates.PointerTemplate
}

// A service is what a provider's documents are filled from.
type service struct {
	autoconfig, autodiscover *templates.Template
	profile                  *profiles.Template
}

// NewSet compiles every document of a table. The error holds all that cannot be made,
// so nothing goes live that fails on the first request.
func NewSet(t *provider.Table, public PublicURL) (*Set, error) {
	s := &Set{public: public, services: map[*provider.Provider]service{}}
	var faults []error
	for _, p := range t.Providers() {
		var c service
		var err error
		note := func(f Format) {
			if err != nil {
				faults = append(faults, fmt.Errorf("provider %s cannot be written as %s: %w", p.ID, f, err))
			}
		}
		c.autoconfig, err = templates.CompileAutoconfig(p)
		note(Autoconfig)
		c.autodiscover, err = templates.CompileAutodiscover(p)
		note(Autodiscover)
		c.profile, err = profiles.Compile(p)
		note(Mobileconfig)
		s.services[p] = c
	}
	var err error
	if s.pointer, err = templates.CompileAutodiscoverJSON(public.autodiscover); err != nil {
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return s, nil
}

// Append appends the document of an account at one of the table's services. A profile
// is unsigned and names nobody; see [Set.AppendProfile].
func (s *Set) Append(dst []byte, f Format, a provider.Account) ([]byte, error) {
	c, ok := s.services[a.Provider]
	if !ok {
		return dst, fmt.Errorf("provider %s is of another table", a.Provider.ID)
	}
	switch f {
	case Autoconfig:
		return c.autoconfig.Append(dst, a)
	case Autodiscover:
		return c.autodiscover.Append(dst, a)
	case JSON:
		return s.pointer.Append(dst, a.Domain), nil
	case Mobileconfig:
		return c.profile.Append(dst, a, profiles.PersonName{}), nil
	}
	return dst, fmt.Errorf("unknown format %d", f)
}

// AppendProfile appends the unsigned profile of a person whose name may be known.
func (s *Set) AppendProfile(dst []byte, a provider.Account, name profiles.PersonName) ([]byte, error) {
	c, ok := s.services[a.Provider]
	if !ok {
		return dst, fmt.Errorf("provider %s is of another table", a.Provider.ID)
	}
	return c.profile.Append(dst, a, name), nil
}
