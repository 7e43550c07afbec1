package dnsrecords

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"mailsetup/internal/provider"
)

// Config is the input of Records.
type Config struct {
	// Domain is the mail domain, which must not be the provider's own.
	Domain   provider.Domain
	Provider *provider.Provider
	// Server is where mailsetup is reached.
	Server Target
	// SRVOnly publishes only an SRV record for the server, so that it needs a
	// certificate only for its own name. Fewer clients read that.
	SRVOnly bool
	// NoNullSRV leaves out the records which say that a service is not offered.
	NoNullSRV bool
}

// A Set is the records of one domain.
type Set struct {
	Domain   provider.Domain
	Provider *provider.Provider
	// Records are sorted by necessity; records of one name and type are together.
	Records []Record
	// Remarks are what else the owner must know, a sentence or two each.
	Remarks []string
}

// maxName is the length of a name, in octets as it is written (RFC 1035, section
// 2.3.4).
const maxName = 253

// ErrOwnDomain is wrapped by the error for a domain of the provider itself.
var ErrOwnDomain = errors.New("only the mail service itself can publish records there")

// Records returns the records that the owner of a domain should publish.
// Its errors wrap [ErrOwnDomain], [ErrTarget], or are about a domain so long that
// no record fits below it.
func Records(cfg Config) (Set, error) {
	if cfg.Provider.OwnsDomain(cfg.Domain) {
		return Set{}, fmt.Errorf("%s is a domain of %s: %w; give a domain of your own", cfg.Domain, cfg.Provider.Name, ErrOwnDomain)
	}
	s := Set{Domain: cfg.Domain, Provider: cfg.Provider}
	discover := s.addServer
	if cfg.SRVOnly {
		discover = s.addServerSRV
	}
	if err := discover(cfg.Server); err != nil {
		return Set{}, err
	}
	if err := s.addMailServers(); err != nil {
		return Set{}, err
	}
	if cfg.NoNullSRV {
		s.remark("The negative SRV records (0 0 0 .) are left out, as requested. They are optional: they tell clients that look up servers in DNS not to try POP.")
	} else {
		s.addNegative()
	}
	s.addCheckList()
	slices.SortStableFunc(s.Records, func(a, b Record) int { return cmp.Compare(a.Necessity, b.Necessity) })
	for _, r := range s.Records {
		if len(r.Name.String()) > maxName {
			return Set{}, fmt.Errorf("the domain is too long to put %s in front of it; mail clients cannot be served there", r.Name.Labels)
		}
	}
	return s, nil
}

// ToPublish returns the records without the check list.
func (s Set) ToPublish() []Record {
	return s.filter(func(r Record) bool { return r.Necessity != CheckOnly })
}

// ToCheck returns the check list.
func (s Set) ToCheck() []Record {
	return s.filter(func(r Record) bool { return r.Necessity == CheckOnly })
}

func (s Set) filter(keep func(Record) bool) []Record {
	var list []Record
	for _, r := range s.Records {
		if keep(r) {
			list = append(list, r)
		}
	}
	return list
}

func (s *Set) add(labels string, data Data, n Necessity, purpose string) {
	s.Records = append(s.Records, Record{Name{labels, s.Domain}, TTL, data, purpose, n})
}

func (s *Set) remark(format string, args ...any) {
	s.Remarks = append(s.Remarks, fmt.Sprintf(format, args...))
}

// relativeRemarks returns the remarks for formats with relative names: an owner whose
// domain is part of a larger zone must lengthen them.
func (s Set) relativeRemarks() []string {
	base := baseDomain(s.Domain)
	between, inside := strings.CutSuffix(s.Domain.String(), "."+base)
	if !inside {
		return s.Remarks
	}
	return append([]string{fmt.Sprintf("Names are relative to %s. If your DNS provider has the zone %s instead, append .%s to each: autoconfig.%s and so on.",
		s.Domain, base, between, between)}, s.Remarks...)
}

// baseDomain returns the part of a domain that its owner registered.
func baseDomain(d provider.Domain) string {
	base, err := publicsuffix.EffectiveTLDPlusOne(d.String())
	if err != nil {
		return d.String()
	}
	return base
}
