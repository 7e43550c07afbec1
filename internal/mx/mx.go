// Package mx recognises the mail service of a domain by its mail exchanger,
// so that a hosting company does not have to list every domain.
//
// Anybody can trigger a look-up by sending a request, so everything about it is
// limited: its time, how many may be made for one network and in all, and how
// many answers are cached. It only asks a resolver for MX records; no
// connection is ever made to a host that an answer names.
package mx

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sync/singleflight"

	"mailsetup/internal/provider"
)

var (
	// ErrNone: the domain has no mail exchanger, or does not exist.
	ErrNone = errors.New("the domain has no mail exchanger")
	// ErrUnavailable: the look-up failed, because the resolver failed or took
	// too long, or because the budget is used up. It says nothing about the
	// domain and is not cached.
	ErrUnavailable = errors.New("the mail exchanger could not be looked up")
)

// The defaults of the limits in Config.
const (
	// Timeout is how long a caller waits. Thunderbird gives a server five seconds,
	// Parula three.
	Timeout = 2 * time.Second
	// Entries is how many domains are remembered, at some 200 bytes each.
	Entries = 20_000
	// Keep is how long an exchanger is remembered, KeepNone how long the lack
	// of one: long enough for the repeats of one set-up, short enough for
	// somebody who has just changed the records.
	Keep     = time.Hour
	KeepNone = 5 * time.Minute
	// MaxStale is how long an exchanger is used, counted from its look-up, while it
	// cannot be looked up again.
	MaxStale = 24 * time.Hour
	// retryAfter is how long such an exchanger is used before the next try.
	retryAfter = 30 * time.Second
)

// LookupMX is the method of net.Resolver that a Recogniser needs.
type LookupMX func(ctx context.Context, name string) ([]*net.MX, error)

// Config configures a Recogniser. Zero fields get the defaults above.
type Config struct {
	LookupMX LookupMX // nil: that of net.DefaultResolver
	Timeout  time.Duration
	Entries  int
	Keep     time.Duration
	KeepNone time.Duration
	Budget   Budget
	// Log gets a warning a minute while look-ups fail. Nil: none.
	Log *slog.Logger
}

// A Recogniser remembers the exchangers of domains. It is safe for concurrent
// use.
type Recogniser struct {
	lookupMX LookupMX
	timeout  time.Duration
	memory   *memory
	flight   singleflight.Group
	budget   *budgets
	health   health
}

// New makes a Recogniser.
func New(cfg Config) *Recogniser {
	if cfg.LookupMX == nil {
		cfg.LookupMX = net.DefaultResolver.LookupMX
	}
	return &Recogniser{
		lookupMX: cfg.LookupMX,
		timeout:  orDefault(cfg.Timeout, Timeout),
		memory:   newMemory(orDefault(cfg.Entries, Entries), orDefault(cfg.Keep, Keep), orDefault(cfg.KeepNone, KeepNone)),
		budget:   newBudgets(cfg.Budget),
		health:   newHealth(cfg.Log),
	}
}

func orDefault[T int | time.Duration](v, fallback T) T {
	if v == 0 {
		return fallback
	}
	return v
}

// Exchanger returns the domain's most preferred mail exchanger. A look-up counts
// against the limit of the client's network; the zero Addr has its own. Looking up
// a recognised domain again does not count, and while that fails, it keeps its last
// exchanger for at most MaxStale: stale reports an exchanger that should have been
// looked up again. The error is ErrNone or ErrUnavailable.
func (r *Recogniser) Exchanger(ctx context.Context, d provider.Domain, client netip.Addr) (host provider.Domain, stale bool, err error) {
	old, known := r.memory.get(d)
	switch {
	case known && old.fresh && old.host.IsZero():
		return provider.Domain{}, false, ErrNone
	case known && old.fresh:
		return old.host, old.stale, nil
	}
	host, err = r.lookUp(ctx, d, client, known)
	if known && errors.Is(err, ErrUnavailable) {
		return old.host, true, nil
	}
	return host, false, err
}

// Remembered returns the cached exchanger of a domain, without a look-up.
func (r *Recogniser) Remembered(d provider.Domain) (host provider.Domain, ok bool) {
	old, known := r.memory.get(d)
	return old.host, known && !old.host.IsZero()
}

// lookUp asks the resolver, once for all callers that ask about the same domain.
func (r *Recogniser) lookUp(ctx context.Context, d provider.Domain, client netip.Addr, known bool) (provider.Domain, error) {
	if ctx.Err() != nil {
		return provider.Domain{}, ErrUnavailable
	}
	// The look-up does not end with the caller: when one of several waiting
	// callers goes away, the others still need the answer.
	answer := r.flight.DoChan(d.String(), func() (any, error) {
		if !r.budget.allow(client, known) {
			r.health.limited()
			r.memory.postpone(d)
			return provider.Domain{}, ErrUnavailable
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.timeout)
		defer cancel()
		return r.ask(ctx, d)
	})
	patience := time.NewTimer(r.timeout)
	defer patience.Stop()
	select {
	case a := <-answer:
		if a.Err != nil {
			return provider.Domain{}, a.Err
		}
		return a.Val.(provider.Domain), nil
	case <-ctx.Done():
	case <-patience.C: // a resolver that ignores its context
	}
	return provider.Domain{}, ErrUnavailable
}

// ask asks the resolver and caches definite answers.
func (r *Recogniser) ask(ctx context.Context, d provider.Domain) (provider.Domain, error) {
	failed := func() {
		r.health.failed()
		r.memory.postpone(d)
	}
	inTime := context.AfterFunc(ctx, failed) // the resolver may ignore its context
	// The trailing dot disables the machine's search domains.
	records, err := r.lookupMX(ctx, d.String()+".")
	counted := !inTime()
	host := preferred(records)
	if err == nil || isNotFound(err) || !host.IsZero() {
		r.health.answered()
	}
	if !host.IsZero() {
		r.memory.put(d, host)
		return host, nil
	}
	if err == nil || isNotFound(err) {
		r.memory.put(d, provider.Domain{})
		return provider.Domain{}, ErrNone
	}
	if !counted {
		failed()
	}
	return provider.Domain{}, ErrUnavailable
}

func isNotFound(err error) bool {
	dnsErr, ok := errors.AsType[*net.DNSError](err)
	return ok && dnsErr.IsNotFound
}

// preferred returns the exchanger with the lowest preference number. A null MX
// (RFC 7505) or an invalid host name is not an exchanger.
func preferred(records []*net.MX) provider.Domain {
	var best provider.Domain
	lowest := uint16(0)
	for _, mx := range records {
		host, err := provider.ParseDomain(mx.Host)
		if err != nil {
			continue
		}
		if best.IsZero() || mx.Pref < lowest {
			best, lowest = host, mx.Pref
		}
	}
	return best
}
