package ispdb

import (
	"slices"

	"mailsetup/internal/provider"
)

// An Update says what was carried over from the previous table.
type Update struct {
	// Kept are services that the database no longer has.
	Kept []string
	// Unverified are services whose servers changed since somebody verified them.
	Unverified []string
}

// CarryOver copies from the previous table what an import must not lose. A service keeps
// its day of verification while its servers are the same. One that is gone from the
// database is kept unless prune is set: it may be gone because it now answers by itself,
// and clients that ask only this server would lose their settings. Domains that another
// service of the table claims are removed from those that are kept.
func (t *Table) CarryOver(before []*provider.Provider, prune bool) (u Update) {
	was, is := index(before), index(t.Providers)
	claimed := make(map[provider.Domain]bool)
	for _, p := range t.Providers {
		for _, d := range slices.Concat(p.Domains, p.MX) {
			claimed[d] = true
		}
		old := was[p.ID]
		if old == nil || old.Verified.IsZero() {
			continue
		}
		if slices.Equal(old.IMAP, p.IMAP) && slices.Equal(old.SMTP, p.SMTP) {
			p.Verified = old.Verified
		} else {
			u.Unverified = append(u.Unverified, p.ID)
		}
	}
	for _, old := range before {
		if prune || is[old.ID] != nil {
			continue
		}
		if kept := without(old, claimed); kept != nil {
			t.Providers = append(t.Providers, kept)
			u.Kept = append(u.Kept, kept.ID)
		}
	}
	slices.SortFunc(t.Providers, byID)
	return u
}

// without returns a service without the names that others have; nil if no names are left.
func without(old *provider.Provider, claimed map[provider.Domain]bool) *provider.Provider {
	kept := *old
	free := func(list []provider.Domain) []provider.Domain {
		return slices.DeleteFunc(slices.Clone(list), func(d provider.Domain) bool { return claimed[d] })
	}
	kept.Domains, kept.MX = free(old.Domains), free(old.MX)
	kept.LoginDomains = loginDomains(&kept)
	switch {
	case len(kept.MX) == 0:
		return nil
	case len(kept.Domains) > 0:
		kept.Identifier = kept.Domains[0]
	}
	return &kept
}
