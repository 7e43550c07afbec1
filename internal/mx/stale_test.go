package mx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailsetup/internal/provider/providertest"
)

// While the resolver is down, a domain that was recognised before keeps its service
// for a day, and requests do not wait for the resolver each time.
func TestRecognisedDomainOutlivesTheResolver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := false
		r := &resolver{answer: func(ctx context.Context, name string) ([]*net.MX, error) {
			if down {
				return nil, errors.New("connection refused")
			}
			return icloudMX(ctx, name)
		}}
		var log bytes.Buffer
		m := New(Config{LookupMX: r.LookupMX, Log: slog.New(slog.NewTextHandler(&log, nil))})
		d := providertest.Domain(t, "example.com")
		expect := func(when string, wantStale bool) {
			t.Helper()
			host, stale, err := m.Exchanger(t.Context(), d, client)
			if err != nil || host.IsZero() || stale != wantStale {
				t.Errorf("%s: %q, stale %v, %v", when, host, stale, err)
			}
		}
		expect("at first", false)
		down = true
		time.Sleep(Keep - time.Minute)
		expect("within the hour", false)
		time.Sleep(2 * time.Minute)
		expect("after the hour", true)
		asked := r.asked.Load()
		for range 100 {
			expect("at once again", true)
		}
		if n := r.asked.Load(); n != asked {
			t.Errorf("the resolver was asked %d times for 100 requests in a moment", n-asked)
		}
		if s := m.Status(); !s.Failing || s.LastFailure.IsZero() || s.LastAnswer.IsZero() {
			t.Errorf("status %+v", s)
		}
		for range 10 {
			time.Sleep(time.Hour)
			expect("hours later", true)
		}
		if n := strings.Count(log.String(), "level=WARN"); n != 11 {
			t.Errorf("%d warnings, want one for each of 11 failures that were an hour apart\n%s", n, &log)
		}
		if strings.Contains(log.String(), "example.com") {
			t.Errorf("the log names the domain:\n%s", &log)
		}
		down = false
		time.Sleep(time.Minute)
		expect("when the resolver is back", false)
		down = true
		time.Sleep(MaxStale + time.Minute)
		if _, _, err := m.Exchanger(t.Context(), d, client); !errors.Is(err, ErrUnavailable) {
			t.Errorf("after a day without a look-up: %v", err)
		}
		if m.Status().Failing != true {
			t.Error("the status forgets")
		}
	})
}

// One stranger's requests for made-up domains must not shut others out: domains
// recognised before whose answers have expired are not affected, and new ones wait a
// second at most.
func TestStrangerShutsNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &resolver{answer: icloudMX}
		m := New(Config{LookupMX: r.LookupMX})
		old := providertest.Domain(t, "example.com")
		if _, _, err := m.Exchanger(t.Context(), old, client); err != nil {
			t.Fatal(err)
		}
		time.Sleep(Keep + time.Minute)
		denied := 0
		for i := range 70 {
			_, _, err := m.Exchanger(t.Context(), providertest.Domain(t, fmt.Sprintf("d%d.example.org", i)), client)
			if err != nil {
				denied++
			}
		}
		if m.Status().LastDenied.IsZero() {
			t.Error("the status does not mention the limit")
		}
		if denied == 0 {
			t.Fatal("the stranger is not limited: the test proves nothing")
		}
		if _, stale, err := m.Exchanger(t.Context(), old, client); err != nil || stale {
			t.Errorf("a domain recognised before: stale %v, %v; it must be looked up again without a charge", stale, err)
		}
		time.Sleep(time.Second)
		if _, _, err := m.Exchanger(t.Context(), providertest.Domain(t, "example.net"), netip.MustParseAddr("192.0.2.7")); err != nil {
			t.Errorf("a new domain a second later: %v", err)
		}
	})
}

// Made-up names must not push a recognised domain out of memory.
func TestMadeUpNamesPushNobodyOut(t *testing.T) {
	r := &resolver{answer: func(ctx context.Context, name string) ([]*net.MX, error) {
		if name == "example.com." {
			return icloudMX(ctx, name)
		}
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}}
	m := New(Config{LookupMX: r.LookupMX, Entries: 10, Budget: Budget{PerNetwork: 1e9, PerNetworkBurst: 1e9, Overall: 1e9, OverallBurst: 1e9}})
	for i := range 100 {
		if i == 0 {
			if _, _, err := m.Exchanger(t.Context(), providertest.Domain(t, "example.com"), client); err != nil {
				t.Fatal(err)
			}
		}
		_, _, _ = m.Exchanger(t.Context(), providertest.Domain(t, fmt.Sprintf("d%d.example.org", i)), client)
	}
	asked := r.asked.Load()
	if _, _, err := m.Exchanger(t.Context(), providertest.Domain(t, "example.com"), client); err != nil || r.asked.Load() != asked {
		t.Errorf("%v; the domain was forgotten", err)
	}
	if n := m.memory.lacks.Len(); n > 10 {
		t.Errorf("%d domains without exchanger are remembered, want 10 at most", n)
	}
}

// A look-up that hangs is one failure, however many requests wait for it.
func TestHungLookUpCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r := &resolver{answer: func(context.Context, string) ([]*net.MX, error) { <-release; return nil, errors.New("late") }}
		m := New(Config{LookupMX: r.LookupMX})
		d := providertest.Domain(t, "example.com")
		for range 10 {
			go func() { _, _, _ = m.Exchanger(t.Context(), d, client) }()
		}
		time.Sleep(Timeout + time.Second)
		if !m.Status().Failing {
			t.Error("the status says that look-ups work")
		}
		close(release)
		synctest.Wait()
		m.health.mu.Lock()
		defer m.health.mu.Unlock()
		if m.health.failures != 0 { // the first one was reported at once
			t.Errorf("%d further failures are counted for one look-up", m.health.failures)
		}
	})
}
