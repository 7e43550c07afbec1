package certs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const day = 24 * time.Hour

// The first visitor of a listed name, months after the start, must not wait: the
// certificate was obtained and renewed beforehand.
func TestListedNamesAreReadyBeforeAnybodyComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		a := run(t, e, ACMEConfig{Managed: names("autoconfig.a.test", "Autodiscover.A.test.", "not a name", "192.0.2.1")})
		time.Sleep(time.Minute)
		for _, name := range []string{"autoconfig.a.test", "autodiscover.a.test"} {
			if e.ordersFor(name) != 1 || a.stateOf(name) != Ready {
				t.Errorf("%s: %d orders, %v", name, e.ordersFor(name), a.stateOf(name))
			}
		}
		if s := a.Status(); len(s.Names) != 0 || s.Counts[Ready] != 2 {
			t.Errorf("status: %+v", s)
		}
		for month := range 24 {
			time.Sleep(30 * day)
			asked := e.askedCount()
			cert, err := visit(a, "autoconfig.a.test")
			if err != nil || cert == nil || !cert.Leaf.NotAfter.After(time.Now().Add(20*day)) {
				t.Fatalf("month %d: %v", month, err)
			}
			if e.askedCount() != asked {
				t.Errorf("month %d: the visit had to look into the storage", month)
			}
		}
		if n := e.ordersFor("autoconfig.a.test"); n < 12 || n > 13 {
			t.Errorf("%d orders in two years, want one every 60 days", n)
		}
	})
}

// Certificates are ordered by expiry, and no faster than the pace.
func TestOldestFirstAndPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		e.took = 0
		var listed, want []string
		for i := range 20 {
			name := fmt.Sprintf("autoconfig.d%02d.test", i)
			listed = append(listed, name)
			if i < 10 { // all are due for renewal, the last ones expire first
				e.store(name, time.Now().Add(-80*day), 90*day-time.Duration(i)*time.Hour)
			}
		}
		for i := range 10 {
			want = append(want, listed[9-i])
		}
		start := time.Now()
		run(t, e, ACMEConfig{Managed: names(listed...), Pace: Pace{Every: 40 * time.Second, Burst: 1}})
		time.Sleep(time.Hour)
		if e.orderCount() != 20 {
			t.Fatalf("%d orders", e.orderCount())
		}
		// At the start, as many orders as there are workers may overtake each other.
		synctest.Wait()
		for i, name := range e.ordered[:10] {
			if at := slices.Index(want, name); at < i-workers || at > i+workers {
				t.Errorf("order %d is for %s, which is number %d of %q", i, name, at, want)
			}
		}
		for i, at := range e.orderedAt {
			if earliest := start.Add(time.Duration(i) * 40 * time.Second); at.Before(earliest) {
				t.Errorf("order %d came after %v", i, at.Sub(start))
			}
		}
	})
}

// An order for a name that leads elsewhere would fail, and authorities count failures.
func TestNothingIsOrderedBeforeTheNameLeadsHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		var here atomic.Bool
		var log logText
		a := run(t, e, ACMEConfig{
			Managed: names("autoconfig.a.test"),
			LeadsHere: func(_ context.Context, name string) error {
				if here.Load() {
					return nil
				}
				return errors.New(name + " has no address in DNS")
			},
			Log: log.logger(),
		})
		time.Sleep(time.Hour)
		s := a.Status()
		if e.orderCount() != 0 || len(s.Names) != 1 || s.Names[0].State != Waiting || s.Names[0].Reason != "autoconfig.a.test has no address in DNS" {
			t.Errorf("%d orders, %+v", e.orderCount(), s)
		}
		synctest.Wait()
		if n := strings.Count(log.String(), "has no address"); n != 1 {
			t.Errorf("logged %d times, want once:\n%s", n, &log)
		}
		here.Store(true)
		time.Sleep(time.Hour)
		if a.stateOf("autoconfig.a.test") != Ready {
			t.Errorf("an hour after the record was published: %+v", a.Status())
		}
	})
}

// Let's Encrypt allows five failures an hour for a name.
func TestRefusedOrdersBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		e.down = errors.New("no contact owner@example.com")
		var log logText
		a := run(t, e, ACMEConfig{Managed: names("autoconfig.a.test"), Log: log.logger()})
		time.Sleep(time.Hour)
		if n := e.ordersFor("autoconfig.a.test"); n < 3 || n > 5 {
			t.Errorf("%d orders in the first hour", n)
		}
		for range 10 { // visitors do not speed it up
			if cert, err := visit(a, "autoconfig.a.test"); cert != nil || err == nil {
				t.Error("served a certificate that nobody issued")
			}
		}
		if n := e.ordersFor("autoconfig.a.test"); n > 5 {
			t.Errorf("%d orders after visits", n)
		}
		if s := a.Status(); s.Names[0].State != Failed || s.Unready != 10 {
			t.Errorf("%+v", s)
		}
		synctest.Wait()
		if strings.Contains(log.String()+a.Status().Names[0].Reason, "owner@") {
			t.Errorf("the account's address is in the log:\n%s", &log)
		}
		e.set(func() { e.down = nil })
		time.Sleep(6 * time.Hour)
		if a.stateOf("autoconfig.a.test") != Ready {
			t.Errorf("six hours after the authority came back: %+v", a.Status())
		}
	})
}

// The authority is down in the last month of a certificate: the certificate stays in use
// until it expires, and is renewed if the authority comes back in time.
func TestAValidCertificateStaysInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		e.store("autoconfig.a.test", time.Now(), 90*day)
		e.down = errors.New("the authority is down")
		a := run(t, e, ACMEConfig{Managed: names("autoconfig.a.test")})
		for range 89 {
			time.Sleep(day)
			if cert, err := visit(a, "autoconfig.a.test"); cert == nil || err != nil {
				t.Fatalf("a valid certificate is not served: %v", err)
			}
		}
		if s := a.Status(); s.Counts[Ready] != 1 || len(s.Names) != 1 || s.Names[0].Reason == "" {
			t.Errorf("a failing renewal is not reported: %+v", s)
		}
		e.set(func() { e.down = nil })
		time.Sleep(12 * time.Hour)
		if s := a.Status(); len(s.Names) != 0 || s.Earliest.Before(time.Now().Add(80*day)) {
			t.Errorf("the authority is back: %+v", s)
		}
	})
}

// A certificate that expired while the authority was down is no longer served.
func TestExpiredCertificatesAreNotServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		e.store("autoconfig.a.test", time.Now(), 10*time.Minute)
		e.down = errors.New("the authority is down")
		a := run(t, e, ACMEConfig{Managed: names("autoconfig.a.test")})
		time.Sleep(time.Hour)
		if cert, err := visit(a, "autoconfig.a.test"); cert != nil || err == nil {
			t.Error("an expired certificate was served")
		}
		if a.stateOf("autoconfig.a.test") != Failed {
			t.Errorf("%+v", a.Status())
		}
	})
}

// While the shared storage is down, nothing is lost and it is not hammered.
func TestStorageDownAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		e.store("autoconfig.a.test", time.Now(), 90*day)
		e.storageDown = errors.New("connection refused")
		a := run(t, e, ACMEConfig{Managed: names("autoconfig.a.test")})
		time.Sleep(10 * time.Minute)
		if e.orderCount() != 0 || e.askedCount() > 10 {
			t.Errorf("%d orders for names that may be stored; the storage was asked %d times", e.orderCount(), e.askedCount())
		}
		e.set(func() { e.storageDown = nil })
		if cert, err := visit(a, "autoconfig.a.test"); cert == nil || err != nil {
			t.Errorf("the storage is back, and a visitor is refused: %v", err)
		}
		time.Sleep(10 * time.Minute)
		if a.stateOf("autoconfig.a.test") != Ready || e.orderCount() != 0 {
			t.Errorf("%+v, %d orders", a.Status(), e.orderCount())
		}
	})
}

// A domain leaves the table: its certificate is served until it expires and not renewed.
// For a new domain one is obtained.
func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		var table atomic.Value
		table.Store([]string{"autoconfig.a.test"})
		a := run(t, e, ACMEConfig{Managed: func() iter.Seq[string] { return slices.Values(table.Load().([]string)) }})
		time.Sleep(time.Minute)
		table.Store([]string{"autoconfig.b.test"})
		a.Refresh()
		time.Sleep(time.Minute)
		for _, name := range []string{"autoconfig.a.test", "autoconfig.b.test"} {
			if cert, err := visit(a, name); cert == nil || err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		time.Sleep(91 * day)
		if cert, _ := visit(a, "autoconfig.a.test"); cert != nil || e.ordersFor("autoconfig.a.test") != 1 {
			t.Errorf("a name that left the table: %d orders", e.ordersFor("autoconfig.a.test"))
		}
		if n := a.stateOf("autoconfig.a.test"); n != 0 {
			t.Errorf("it is still remembered, as %v", n)
		}
		if cert, err := visit(a, "autoconfig.b.test"); cert == nil || err != nil {
			t.Errorf("autoconfig.b.test: %v", err)
		}
	})
}

// A table of a million domains must not bring down the program or use up the account's
// limits.
func TestMoreNamesThanAreManaged(t *testing.T) {
	e := newFakeEngine(t)
	a := newACME(withDefaults(ACMEConfig{Managed: func() iter.Seq[string] {
		return func(yield func(string) bool) {
			for i := range maxListed + 5 {
				if !yield(fmt.Sprintf("autoconfig.d%d.test", i)) {
					return
				}
			}
		}
	}}), e)
	a.Refresh()
	if s := a.Status(); s.LeftOut != 5 || s.Counts[Loading] != maxListed || len(s.Names) != maxStatusNames {
		t.Errorf("%d left out, %v, %d named", s.LeftOut, s.Counts, len(s.Names))
	}
}

// A large table whose DNS is not set up yet is logged as such, without flooding the log.
func TestLogOfALargeTableIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		var listed []string
		for i := range 1000 {
			listed = append(listed, fmt.Sprintf("autoconfig.d%d.test", i))
		}
		var log logText
		run(t, e, ACMEConfig{
			Managed:   names(listed...),
			LeadsHere: func(_ context.Context, name string) error { return errors.New(name + " has no address in DNS") },
			Log:       log.logger(),
		})
		time.Sleep(2 * time.Minute)
		if n := strings.Count(log.String(), "does not point here"); n < 50 || n > 250 {
			t.Errorf("%d lines about single names", n)
		}
		if !strings.Contains(log.String(), "waiting=1000") {
			t.Errorf("no summary in:\n%s", &log)
		}
	})
}
