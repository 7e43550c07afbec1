package certs

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"time"
)

const (
	// housekeeping is done a minute after the start, and then every hour.
	firstSummary = time.Minute
	housekeeping = time.Hour
)

// Run obtains and renews certificates until ctx ends, and returns when everything that
// it started has ended. The server must be listening already. Call it once.
func (a *ACME) Run(ctx context.Context) {
	defer a.engine.stop()
	var wg sync.WaitGroup
	wg.Go(func() { a.work(ctx, toLoad, a.load) })
	wg.Go(func() { a.work(ctx, toCheck, a.update) })
	wg.Go(func() { a.work(ctx, toOrder, a.attempt) })
	for range workers {
		wg.Go(func() { a.serveVisits(ctx) })
	}
	wg.Go(func() { a.housekeep(ctx) })
	a.addStored(ctx, false)
	a.notify(toLoad)
	wg.Wait()
}

// housekeep notices what other replicas have stored, removes what expired long ago,
// and logs a summary of the names once in a while.
func (a *ACME) housekeep(ctx context.Context) {
	timer := time.NewTimer(firstSummary)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		a.addStored(ctx, false)
		if err := a.engine.clean(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("expired certificates cannot be removed from the storage", "error", err)
		}
		a.mu.Lock()
		a.dropUnwanted(time.Now())
		a.mu.Unlock()
		a.notify(toLoad)
		a.summarize()
		timer.Reset(housekeeping)
	}
}

func (a *ACME) summarize() {
	s := a.Status()
	var counts []any
	for _, state := range States {
		if n := s.Counts[state]; n > 0 {
			counts = append(counts, state.String(), n)
		}
	}
	if len(counts) > 0 {
		a.log.Info("certificates", append(counts, "earliest_expiry", s.Earliest)...)
	}
}

// load reads what is stored for a name that has not been read yet, so that
// everything stored is served before anything is ordered.
func (a *ACME) load(ctx context.Context, e *entry) {
	cert, err := a.engine.load(ctx, e.name)
	switch {
	case ctx.Err() != nil:
	case err == nil:
		a.serve(e, cert, 0)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errDamaged):
		a.record(e, func(now time.Time) { e.state, e.due = Pending, now })
	default:
		a.record(e, func(now time.Time) { e.failed(Loading, err.Error(), dnsWaits, now) })
	}
}

// attempt checks a name once and, if it needs a certificate, orders one.
func (a *ACME) attempt(ctx context.Context, e *entry) { a.attemptFor(ctx, e, a.pace.Wait) }

// attemptFor is the same with a given wait for the name's turn; an error of turn
// postpones it.
func (a *ACME) attemptFor(ctx context.Context, e *entry, turn func(context.Context) error) {
	a.mu.Lock()
	e.looked = time.Now()
	listed, renewal := e.listed, e.renewal
	a.mu.Unlock()
	if !listed && !a.cfg.Allowed(e.name) {
		// It is only stored: it is served until it expires, and not renewed.
		a.record(e, func(now time.Time) { e.failed(Pending, "", orderWaits, now) })
		return
	}
	if !renewal.After(time.Now()) {
		if err := a.cfg.LeadsHere(ctx, e.name); err != nil {
			if ctx.Err() == nil {
				a.record(e, func(now time.Time) { e.failed(Waiting, err.Error(), dnsWaits, now) })
			}
			return
		}
		if !listed && !a.visitPace.Allow() {
			a.record(e, func(now time.Time) { e.state, e.reason, e.due = Pending, "", now.Add(a.cfg.Pace.VisitEvery) })
			return
		}
		if turn(ctx) != nil {
			a.record(e, func(now time.Time) { e.state, e.reason, e.due = Pending, "", now })
			return
		}
		if !a.makeRoom(ctx, e) {
			return
		}
	}
	a.update(ctx, e)
}

// makeRoom removes a damaged certificate, so that the order can store another one. It
// reports whether it can be made.
func (a *ACME) makeRoom(ctx context.Context, e *entry) bool {
	removed, err := a.engine.removeDamaged(ctx, e.name)
	if err != nil {
		if ctx.Err() == nil {
			a.record(e, func(now time.Time) { e.failed(Failed, err.Error(), orderWaits, now) })
		}
		return false
	}
	if removed && a.lines.Allow() {
		a.mu.Lock()
		name := publicName(*e)
		a.mu.Unlock()
		a.log.Warn("the stored certificate was damaged: it was removed, and a new one is ordered", "name", name)
	}
	return true
}

// update makes one attempt with the authority.
func (a *ACME) update(ctx context.Context, e *entry) {
	a.mu.Lock()
	failures := e.failures
	a.mu.Unlock()
	cert, err := a.engine.update(ctx, e.name, failures)
	switch {
	case ctx.Err() != nil:
	case err == nil:
		a.serve(e, cert, time.Second)
	default:
		a.record(e, func(now time.Time) {
			if errors.Is(err, errDamaged) && e.renewal.After(now) {
				e.renewal, e.due = now, now // the one in memory is good, but only an order helps
				return
			}
			e.failed(Failed, err.Error(), orderWaits, now)
		})
	}
}

// serve puts a certificate into use; see [entry.ready] for pause.
func (a *ACME) serve(e *entry, cert *tls.Certificate, pause time.Duration) {
	a.served.put(e.name, cert)
	a.record(e, func(now time.Time) {
		if cert.Leaf.NotAfter.After(now) {
			e.ready(cert, a.cfg.CheckInterval, pause, now)
			return
		}
		e.state, e.expiry, e.due = Pending, cert.Leaf.NotAfter, now.Add(pause)
	})
}

// record changes an entry and logs what matters to operators.
func (a *ACME) record(e *entry, change func(now time.Time)) {
	a.mu.Lock()
	before := *e
	change(time.Now())
	e.reason = a.presentable(e.reason)
	after := *e
	a.mu.Unlock()
	if before.state == after.state && before.reason == after.reason && before.expiry.Equal(after.expiry) {
		return
	}
	// A table of ten thousand names, or as many visitors, must not flood the log:
	// summarize logs the numbers.
	if after.state == Pending || !a.lines.Allow() {
		return
	}
	name := publicName(after)
	switch {
	case after.state == Ready && after.reason == "":
		a.log.Info("certificate in use", "name", name, "expires", after.expiry)
	case after.state == Ready:
		a.log.Warn("the certificate cannot be renewed yet; it stays in use", "name", name, "expires", after.expiry, "reason", reasonFor(after), "next", after.due)
	case after.state == Waiting:
		a.log.Warn("no certificate yet: the name does not point here", "name", name, "reason", reasonFor(after), "next", after.due)
	case after.state == Failed || after.state == Loading:
		a.log.Error("no certificate yet", "name", name, "reason", reasonFor(after), "next", after.due)
	}
}

// publicName returns the name for the log. One outside the table may be private.
func publicName(e entry) string {
	if e.listed {
		return e.name
	}
	return "(unlisted)"
}

// reasonFor quotes no name outside the table.
func reasonFor(e entry) string {
	if e.listed {
		return e.reason
	}
	return strings.ReplaceAll(e.reason, e.name, "(unlisted)")
}

// maxReason is enough for the authority's message.
const maxReason = 500

// presentable removes the account's address from a reason and shortens it.
func (a *ACME) presentable(reason string) string {
	reason = strings.ReplaceAll(reason, a.cfg.Email, "(the account's address)")
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "..."
	}
	return reason
}
