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
	// maxRest is how long nobody looks whether something is due, unless told.
	maxRest = time.Hour
	// loadingPause is how soon somebody looks again whether everything has been read.
	loadingPause = 100 * time.Millisecond
)

// A work is what is done next with a name. Each is done apart, so that an order that
// waits for its turn holds up neither what only has to be read nor the questions
// whether a certificate is still good.
type work uint8

const (
	toLoad work = iota
	toCheck
	toOrder
	works
)

// nextWork is what is done with a name when it is due. A check becomes an order by the
// passing of time alone.
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

// batch is how many names are picked at a time, for picking goes through all of them.
// The next order is picked when it can be made: something more urgent may have come.
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
		select { // picked when there is somebody to do it
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

// claim takes the most urgent of the names that are due. Without any it tells how long
// to wait for one. Nothing is ordered while stored certificates are being read: until
// then nobody knows which of them ends first.
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
