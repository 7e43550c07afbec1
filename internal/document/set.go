package document

import (
	"errors"
	"fmt"

	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates"
)

// A Set makes the documents of one table. It never changes and is safe for
// concurrent use.
type Set struct {
	public PublicURL
}

// NewSet makes the set of a table and makes each of its documents once: for nobody in
// particular, for an address of the service's own, and for hosted addresses with and
// without a known login. The error holds all that cannot be made.
func NewSet(t *provider.Table, public PublicURL) (*Set, error) {
	s := &Set{public: public}
	var faults []error
	for _, p := range t.Providers() {
		for _, a := range sampleAccounts(p) {
			for _, f := range Formats {
				if _, err := s.Render(f, a); err != nil {
					faults = append(faults, fmt.Errorf("provider %s cannot be written as %s: %w", p.ID, f, err))
				}
			}
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return s, nil
}

// Render makes the document of an account. A profile is unsigned.
func (s *Set) Render(f Format, a provider.Account) ([]byte, error) {
	switch f {
	case Autoconfig:
		return templates.Autoconfig(a)
	case Autodiscover:
		return templates.Autodiscover(a)
	case JSON:
		return templates.AutodiscoverJSON(s.public.autodiscover(a.Domain))
	case Mobileconfig:
		return s.Profile(a, profiles.PersonName{})
	}
	return nil, fmt.Errorf("unknown format %d", f)
}

// Profile makes the unsigned profile of a person whose name may be known.
func (s *Set) Profile(a provider.Account, name profiles.PersonName) ([]byte, error) {
	return profiles.Mail(a, name)
}

