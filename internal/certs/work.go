package certs

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// workers is how many names are worked on at a time in each kind of work, and for
	// visitors. An order takes seconds, most of them waiting.
	workers = 4
	// maxRest is the longest pause between checks whether something is due.
	maxRest = time.Hour
	// loadingPause is how soon to check again whether everything has been read.
	loadingPause = 100 * time.Millisecond
)

// A work is what is done next with a name. Each kind is done separately, so that an
// order that waits for its turn delays neither reading from the storage nor checking
// whether certificates are still good.
type work uint8

const (
	toLoad work = iota
	toCheck
	toOrder
	works
)

// nextWork returns what is done with a name when it is due. A check becomes an order just
// by the passing of time.
func (e *entry) nextWork(now time.Time) work {
	if now.Before(e.due) {
		now = e.due
	}
	switch {
	case e.state == Loading:
		return toLoad
	case e.state == Ready && e.renewal.After(now):
		return toCheck
	}
	return toOrder
}

// batch returns how many names are picked at a time, because picking goes through all of
// them. An order is picked only when it can be made: something more urgent may have
// come.
func (w work) batch() int {
	if w == toOrder {
		return 1
	}
	return 64
}

// work does one kind of work as it becomes due, the most urgent first.
func (a *ACME) work(ctx context.Context, kind work, do func(context.Context, *entry)) {
	var running sync.WaitGroup
	defer running.Wait()
	free := make(chan struct{}, workers)
	for ctx.Err() == nil {
		select { // picked when a worker is free
		case free <- struct{}{}:
			<-free
		case <-ctx.Done():
			return
		}
		claimed, wait := a.claim(time.Now(), kind)
		if len(claimed) == 0 {
			rest(ctx, a.wake[kind], wait)
		}
		for _, e := range claimed {
			free <- struct{}{}
			running.Go(func() {
				defer func() { <-free }()
				defer a.release(e)
				if ctx.Err() == nil {
					do(ctx, e)
				}
			})
		}
	}
}

func rest(ctx context.Context, wake <-chan struct{}, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-timer.C:
	}
}

// claim takes the most urgent of the names that are due. If there are none, it returns
// how long to wait for one. Nothing is ordered while stored certificates are being
// read: until then it is unknown which expires first.
func (a *ACME) claim(now time.Time, kind work) (claimed []*entry, wait time.Duration) {
	wait = maxRest
	a.mu.Lock()
	defer a.mu.Unlock()
	defer func() { a.restUntil[kind] = now.Add(wait) }()
	for _, e := range a.entries {
		untilDue := e.due.Sub(now)
		switch is := e.nextWork(now); {
		case is != kind:
			if is == toLoad && kind == toOrder && (e.running != nil || untilDue <= 0) {
				wait = loadingPause
				return nil, wait
			}
		case e.running != nil:
		case untilDue > 0:
			wait = min(wait, untilDue)
		default:
			claimed = append(claimed, e)
		}
	}
	slices.SortFunc(claimed, byUrgency)
	claimed = claimed[:min(len(claimed), kind.batch())]
	for _, e := range claimed {
		e.running = make(chan struct{})
	}
	return claimed, wait
}

// release ends what claim or visit began.
func (a *ACME) release(e *entry) {
	a.mu.Lock()
	close(e.running)
	e.running = nil
	now := time.Now()
	a.dropIfUnwanted(e, now)
	next := e.nextWork(now)
	sooner := e.due.Before(a.restUntil[next])
	a.mu.Unlock()
	if sooner {
		a.notify(next)
	}
}
