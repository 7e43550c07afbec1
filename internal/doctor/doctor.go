package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/doctor/judge"
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/provider"
)

// Config says what to look at and how.
type Config struct {
	// Table is what the domain's settings are held against.
	Table *provider.Table
	// Domain is the mail domain. One that the table does not have is recognised
	// by its mail exchanger.
	Domain provider.Domain
	// Server is where mailsetup is reached, for cures. Zero: it is taken from the
	// records that lead to a working server, if there are any.
	Server dnsrecords.Target
	// Resolvers are asked in turn, each as HOST:PORT. The second is asked where the
	// first fails, not where it says no.
	Resolvers []string
	// Roots are the certificate authorities to trust; nil: those of the system.
	Roots *x509.CertPool
	// Dial opens every connection, those to resolvers ("udp" and "tcp") included;
	// nil: that of net.Dialer. Addresses are numeric, save those of resolvers.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// AllowPrivate lets the doctor connect to loopback, link-local, private and
	// metadata addresses. Without it such an address is a problem and is not dialled,
	// whoever named it: who controls a domain's DNS would choose where it goes.
	AllowPrivate bool
	// Now tells the time by which certificates are judged; nil: time.Now.
	Now func() time.Time
	// Progress is told what is being done, in a few words; may be nil.
	Progress func(string)
	Limits   probe.Limits
	// MailMemory is shared by the checks of many domains, so that a mail
	// service is not asked for each of them; nil: nothing is remembered.
	MailMemory *probe.MailMemory
}

// ErrNoService is wrapped by the error for a domain that neither the table nor
// its mail exchanger assigns to a mail service.
var ErrNoService = errors.New("unknown mail service")

// Check looks at a domain. Its errors wrap [ErrNoService] or [probe.ErrNoResolver],
// or are about the domain's length; everything else is in the report.
func Check(ctx context.Context, cfg Config) (report.Report, error) {
	p, err := probe.New(probe.Config{
		Domain: cfg.Domain, Resolvers: cfg.Resolvers, Roots: cfg.Roots, Dial: cfg.Dial,
		AllowPrivate: cfg.AllowPrivate, Now: cfg.Now, Progress: cfg.Progress, Limits: cfg.Limits,
		MailMemory: cfg.MailMemory,
	})
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
		// Not in the table, and DNS did not say: nothing to hold anything against.
		return report.New(judge.Unanswered(mx), words), nil
	}
	// The two servers that machine documents carry.
	observed := p.Observe(ctx, mx, match.Provider().Incoming(), match.Provider().Outgoing())
	return report.New(judge.Judge(observed, judge.Config{Match: match, Server: cfg.Server}), words), nil
}

// identify finds the mail service of the domain. It is not known if DNS did not
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
