package certs

import (
	"context"
	"time"

	"golang.org/x/net/publicsuffix"
)

const (
	// maxListed is how many names of the table are managed: as many as Let's Encrypt
	// lets one account obtain in nine days. Above that, certificates for each domain
	// are not the way.
	maxListed = 20_000
	// maxUnlisted bounds the memory that visitors can fill with names.
	maxUnlisted = 10_000
	// maxPerDomain is how many names below one registered domain visitors can have:
	// Let's Encrypt certifies 50 a week (https://letsencrypt.org/docs/rate-limits/).
	maxPerDomain = 10
	// forgetAfter is how long a visitor's name that has no certificate is remembered.
	forgetAfter = time.Hour
)

// Refresh reads the names of the table again, after a reload.
func (a *ACME) Refresh() {
	listed, leftOut := a.readTable() // no handshake waits for a large table
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
		a.log.Warn("the table has more names than are managed; the rest have certificates from their first visit on",
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

// addStored makes entries of what is stored, so that it is served and renewed. It is
// how names that visitors brought survive a restart.
func (a *ACME) addStored(ctx context.Context, local bool) {
	names, err := a.engine.stored(ctx, local)
	if err != nil {
		a.log.Warn("the names of stored certificates cannot be read; those of the table are served all the same", "error", err)
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

// wanted tells whether a handshake for the name may cost anything.
func (a *ACME) wanted(name string) bool {
	a.mu.Lock()
	known := a.entries[name] != nil
	a.mu.Unlock()
	return known || a.cfg.Allowed(name)
}

// dropUnwanted removes entries that are of no use any more. a.mu is held.
func (a *ACME) dropUnwanted(now time.Time) {
	for _, e := range a.entries {
		a.dropIfUnwanted(e, now)
	}
}

// dropIfUnwanted removes an entry outside the table that has no certificate and gets
// none, because it is not allowed or has not led here while somebody asked for it.
func (a *ACME) dropIfUnwanted(e *entry, now time.Time) {
	if e.listed || e.state == Loading || e.running != nil || e.expiry.After(now) {
		return
	}
	if now.Sub(e.visited) > forgetAfter || !a.cfg.Allowed(e.name) {
		delete(a.entries, e.name)
		a.uncount(e)
	}
}

// entryFor returns the entry of a name that somebody visits, and makes one if it may be
// made; nil: there are too many already. a.mu is held.
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

// count counts an entry outside the table, and uncount does not any more. a.mu is held.
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

// notify tells who does a kind of work that something may be due.
func (a *ACME) notify(kind work) {
	select {
	case a.wake[kind] <- struct{}{}:
	default: // they know already
	}
}
