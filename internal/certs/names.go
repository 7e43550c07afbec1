package certs

import (
	"context"
	"time"

	"golang.org/x/net/publicsuffix"
)

const (
	// maxListed is how many names of the table are managed: as many as Let's Encrypt
	// lets one account obtain in nine days. Above that, one certificate per domain
	// does not work.
	maxListed = 20_000
	// maxUnlisted limits the memory that visitors can fill with names.
	maxUnlisted = 10_000
	// maxPerDomain is how many names below one registered domain visitors can have:
	// Let's Encrypt certifies 50 a week (https://letsencrypt.org/docs/rate-limits/).
	maxPerDomain = 10
	// forgetAfter is how long a visitor's name that has no certificate is remembered.
	forgetAfter = time.Hour
)

// Refresh reads the names of the table again, after a reload.
func (a *ACME) Refresh() {
	listed, leftOut := a.readTable() // before locking, so that no handshake waits for a large table
	now := time.Now()
	a.mu.Lock()
	a.leftOut = leftOut
	for host := range listed {
		if e := a.entries[host]; e == nil {
			a.entries[host] = &entry{name: host, listed: true, state: Loading, due: now}
		} else if !e.listed {
			a.uncount(e)
			e.listed, e.due = true, now
		}
	}
	for _, e := range a.entries {
		if e.listed && !listed[e.name] {
			e.listed = false
			a.count(e)
		}
		a.dropIfUnwanted(e, now)
	}
	a.mu.Unlock()
	if leftOut > 0 {
		a.log.Warn("the table has more names than are managed; the rest get certificates at their first visit",
			"managed", maxListed, "rest", leftOut)
	}
	a.notify(toLoad)
	a.notify(toOrder)
}

func (a *ACME) readTable() (listed map[string]bool, leftOut int) {
	listed = map[string]bool{}
	for name := range a.cfg.Managed() {
		host, ok := parseHost(name)
		switch {
		case !ok || listed[host]:
		case len(listed) == maxListed:
			leftOut++
		default:
			listed[host] = true
		}
	}
	return listed, leftOut
}

// addStored makes entries for stored certificates, so that they are served and
// renewed. This way names from visits survive a restart.
func (a *ACME) addStored(ctx context.Context, local bool) {
	names, err := a.engine.stored(ctx, local)
	if err != nil {
		a.log.Warn("the names of stored certificates cannot be read; those of the table are served anyway", "error", err)
		return
	}
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range names {
		if host, ok := parseHost(name); ok && a.entries[host] == nil && a.unlisted < maxUnlisted {
			e := &entry{name: host, state: Loading, due: now}
			a.entries[host] = e
			a.count(e)
		}
	}
}

// wanted reports whether a handshake for the name may cost anything.
func (a *ACME) wanted(name string) bool {
	a.mu.Lock()
	known := a.entries[name] != nil
	a.mu.Unlock()
	return known || a.cfg.Allowed(name)
}

// dropUnwanted removes entries that are no longer needed. a.mu is held.
func (a *ACME) dropUnwanted(now time.Time) {
	for _, e := range a.entries {
		a.dropIfUnwanted(e, now)
	}
}

// dropIfUnwanted removes an entry outside the table that has no certificate and gets
// none, because it is not allowed or did not point here when it was visited.
func (a *ACME) dropIfUnwanted(e *entry, now time.Time) {
	if e.listed || e.state == Loading || e.running != nil || e.expiry.After(now) {
		return
	}
	if now.Sub(e.visited) > forgetAfter || !a.cfg.Allowed(e.name) {
		delete(a.entries, e.name)
		a.uncount(e)
	}
}

// entryFor returns the entry of a visited name, creating it if allowed; nil: there are
// already too many. a.mu is held.
func (a *ACME) entryFor(name string, now time.Time) *entry {
	e := a.entries[name]
	if e == nil {
		if a.unlisted >= maxUnlisted || a.perDomain[registeredDomain(name)] >= maxPerDomain {
			return nil
		}
		e = &entry{name: name, state: Pending, due: now}
		a.entries[name] = e
		a.count(e)
	}
	e.visited = now
	return e
}

// count counts an entry outside the table; uncount reverses that. a.mu is held.
func (a *ACME) count(e *entry) {
	a.unlisted++
	a.perDomain[registeredDomain(e.name)]++
}

func (a *ACME) uncount(e *entry) {
	a.unlisted--
	domain := registeredDomain(e.name)
	if a.perDomain[domain]--; a.perDomain[domain] == 0 {
		delete(a.perDomain, domain)
	}
}

func registeredDomain(name string) string {
	if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return domain
	}
	return name
}

// notify wakes the workers of a kind: something may be due.
func (a *ACME) notify(kind work) {
	select {
	case a.wake[kind] <- struct{}{}:
	default: // already notified
	}
}
