package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"mailsetup/internal/clients"
	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/provider"
	"mailsetup/templates"
)

// Config says what to check, how, and what to compare it with.
type Config struct {
	probe.Config
	// Table is what the domain's settings are compared with. A domain that is not in
	// it is recognised by its mail exchanger.
	Table *provider.Table
	// Server is where mailsetup is reached, for cures. Zero: it is taken from
	// records that point to a working server, if there are any.
	Server dnsrecords.Target
}

// ErrNoService is wrapped by the error for a domain that neither the table nor
// its mail exchanger assigns to a mail service.
var ErrNoService = errors.New("unknown mail service")

// Check checks a domain. Its errors wrap [ErrNoService] or [probe.ErrNoResolver],
// or are about the domain's length; everything else is in the report.
func Check(ctx context.Context, cfg Config) (report.Report, error) {
	p, err := probe.New(cfg.Config)
	if err != nil {
		return report.Report{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.Limits.Overall)
	defer cancel()
	mx := p.Exchangers(ctx)
	match, err := identify(cfg, mx)
	if err != nil {
		return report.Report{}, err
	}
	words := report.Config{Domain: cfg.Domain, Match: match, AnswerLimit: p.Limits.Answer}
	if match.Provider() == nil {
		// Not in the table, and DNS did not answer: there is nothing to compare with.
		return report.New(judge.Unanswered(mx), words), nil
	}
	observed := p.Observe(ctx, mx, probe.Service{
		Servers:        []provider.MailServer{match.Provider().Incoming(), match.Provider().Outgoing()},
		AutoconfigOnly: !match.Provider().TakesPassword(),
	})
	right, err := templates.Autoconfig(match.Account(observed.Address))
	if err != nil {
		return report.Report{}, fmt.Errorf("the table's settings cannot be written: %w", err)
	}
	verdict := judge.Judge(observed, judge.Config{
		Match: match, Server: cfg.Server,
		Right: clients.Answer{Status: http.StatusOK, ContentType: templates.XMLType, Body: right},
	})
	return report.New(verdict, words), nil
}

// identify finds the mail service of the domain. It is unknown if DNS did not
// answer.
func identify(cfg Config, mx probe.Answer) (provider.Match, error) {
	match, ok := cfg.Table.ByDomain(cfg.Domain)
	if ok || mx.Failure.Failed() {
		return match, nil
	}
	for _, x := range mx.Exchangers {
		host, err := provider.ParseDomain(x)
		if err != nil {
			continue
		}
		if p, ok := cfg.Table.ByMX(host); ok {
			return provider.HostedAt(p, cfg.Domain), nil
		}
	}
	ids := make([]string, 0, 3)
	for _, p := range cfg.Table.Providers() {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	why := "its mail exchanger belongs to no service of the table"
	switch {
	case mx.NoName:
		why = "DNS says that there is no such domain; check the spelling and the resolver"
	case len(mx.Exchangers) == 0:
		why = "it has no mail exchanger (MX record)"
	}
	return match, fmt.Errorf("%w of %s: %s; or say where its mail is with --domain %s=%s", ErrNoService, cfg.Domain, why, cfg.Domain, ids[0])
}
