package mx

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// resolver answers MX questions and counts them.
type resolver struct {
	asked  atomic.Int64
	answer func(ctx context.Context, name string) ([]*net.MX, error)
}

func (r *resolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	r.asked.Add(1)
	return r.answer(ctx, name)
}

func icloudMX(context.Context, string) ([]*net.MX, error) {
	return []*net.MX{{Host: "backup.example.net.", Pref: 20}, {Host: "mx02.mail.icloud.com.", Pref: 10}}, nil
}

var client = netip.MustParseAddr("192.0.2.7")

func TestPreferredExchangerDecides(t *testing.T) {
	for _, test := range []struct {
		name    string
		records []*net.MX
		want    string
	}{
		{"lowest preference", []*net.MX{{Host: "b.example.net.", Pref: 20}, {Host: "a.example.net.", Pref: 10}}, "a.example.net"},
		{"null MX", []*net.MX{{Host: ".", Pref: 0}}, ""},
		{"an address is not a name", []*net.MX{{Host: "169.254.169.254", Pref: 0}}, ""},
		{"nonsense is skipped", []*net.MX{{Host: "<script>.", Pref: 0}, {Host: "mx.example.net.", Pref: 5}}, "mx.example.net"},
		{"none", nil, ""},
	} {
		if got := preferred(test.records).String(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestAnswersAreRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &resolver{answer: icloudMX}
		m := New(Config{LookupMX: r.LookupMX})
		d := providertest.Domain(t, "example.com")
		for range 5 {
			if host, _, err := m.Exchanger(t.Context(), d, client); err != nil || host.String() != "mx02.mail.icloud.com" {
				t.Fatalf("%v, %v", host, err)
			}
		}
		if n := r.asked.Load(); n != 1 {
			t.Errorf("the resolver was asked %d times, want once", n)
		}
	})
}

// A domain that has moved to another service must not have to wait for a
// restart.
func TestAnswersExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		empty := false
		r := &resolver{answer: func(ctx context.Context, name string) ([]*net.MX, error) {
			if empty {
				return nil, nil
			}
			return icloudMX(ctx, name)
		}}
		m := New(Config{LookupMX: r.LookupMX})
		ask := func() error {
			_, _, err := m.Exchanger(t.Context(), providertest.Domain(t, "example.com"), client)
			return err
		}
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		empty = true
		time.Sleep(Keep + time.Second)
		if err := ask(); !errors.Is(err, ErrNone) {
			t.Errorf("an hour later: %v, want ErrNone", err)
		}
		empty = false
		time.Sleep(KeepNone + time.Second)
		if err := ask(); err != nil {
			t.Errorf("five minutes after that: %v", err)
		}
	})
}

func TestAbsenceIsRememberedAndFailureIsNot(t *testing.T) {
	notFound := &net.DNSError{Err: "no such host", IsNotFound: true}
	failure := &net.DNSError{Err: "server misbehaving", IsTemporary: true}
	for _, test := range []struct {
		name  string
		err   error
		want  error
		asked int64
	}{
		{"no such domain", notFound, ErrNone, 1},
		{"no records", nil, ErrNone, 1},
		{"resolver failure", failure, ErrUnavailable, 3},
	} {
		r := &resolver{answer: func(context.Context, string) ([]*net.MX, error) { return nil, test.err }}
		m := New(Config{LookupMX: r.LookupMX})
		for range 3 {
			if _, _, err := m.Exchanger(t.Context(), providertest.Domain(t, "example.com"), client); !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", test.name, err, test.want)
			}
		}
		if n := r.asked.Load(); n != test.asked {
			t.Errorf("%s: asked %d times, want %d", test.name, n, test.asked)
		}
	}
}

// One setup sends several requests at once; they must not become several
// look-ups.
func TestConcurrentQuestionsAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &resolver{answer: func(ctx context.Context, name string) ([]*net.MX, error) {
			time.Sleep(time.Second)
			return icloudMX(ctx, name)
		}}
		m := New(Config{LookupMX: r.LookupMX})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, _, err := m.Exchanger(t.Context(), providertest.Domain(t, "example.com"), client); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := r.asked.Load(); n != 1 {
			t.Errorf("asked %d times, want once", n)
		}
	})
}

// A resolver that never answers, and even ignores its context, costs a request
// two seconds and no more.
func TestSilentResolver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r := &resolver{answer: func(context.Context, string) ([]*net.MX, error) { <-release; return nil, errors.New("late") }}
		m := New(Config{LookupMX: r.LookupMX})
		began := time.Now()
		_, _, err := m.Exchanger(t.Context(), providertest.Domain(t, "example.com"), client)
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v, want ErrUnavailable", err)
		}
		if waited := time.Since(began); waited != Timeout {
			t.Errorf("waited %v, want %v", waited, Timeout)
		}
		close(release)
	})
}

// A caller that goes away must not spoil the answer for those who still wait.
func TestCallerGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &resolver{answer: func(ctx context.Context, name string) ([]*net.MX, error) {
			select {
			case <-time.After(time.Second):
				return icloudMX(ctx, name)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}}
		m := New(Config{LookupMX: r.LookupMX})
		d := providertest.Domain(t, "example.com")
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() { _, _, err := m.Exchanger(ctx, d, client); first <- err }()
		synctest.Wait()
		second := make(chan error, 1)
		go func() { _, _, err := m.Exchanger(t.Context(), d, client); second <- err }()
		synctest.Wait()
		cancel()
		if err := <-first; !errors.Is(err, ErrUnavailable) {
			t.Errorf("the one who left got %v", err)
		}
		if err := <-second; err != nil {
			t.Errorf("the one who stayed got %v", err)
		}
	})
}

// A request that has spent its time on the domain of its address must not be
// charged for a look-up of its Host that it will not wait for.
func TestNoLookUpAfterTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &resolver{answer: icloudMX}
		m := New(Config{LookupMX: r.LookupMX})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := m.Exchanger(ctx, providertest.Domain(t, "example.com"), client); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v, want ErrUnavailable", err)
		}
		synctest.Wait() // for a look-up in the background
		if n := r.asked.Load(); n != 0 {
			t.Errorf("the resolver was asked %d times", n)
		}
	})
}

func TestBudgets(t *testing.T) { synctest.Test(t, testBudgets) } // no time passes unless the test says so

func testBudgets(t *testing.T) {
	r := &resolver{answer: icloudMX}
	m := New(Config{LookupMX: r.LookupMX, Budget: Budget{PerNetwork: 0.001, PerNetworkBurst: 3, Overall: 0.001, OverallBurst: 5}})
	ask := func(i int, from string) error {
		_, _, err := m.Exchanger(t.Context(), providertest.Domain(t, fmt.Sprintf("d%d.example.com", i)), netip.MustParseAddr(from))
		return err
	}
	for i := range 3 {
		if err := ask(i, "192.0.2.7"); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask(3, "192.0.2.200"); err != nil {
		t.Errorf("one new domain a second must be allowed, whatever is used up: %v", err)
	}
	if err := ask(30, "192.0.2.200"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a second one in the same second: %v", err)
	}
	if err := ask(0, "192.0.2.7"); err != nil {
		t.Errorf("a remembered domain must cost nothing: %v", err)
	}
	if err := errors.Join(ask(4, "198.51.100.1"), ask(5, "2001:db8::1")); err != nil {
		t.Errorf("other networks have limits of their own: %v", err)
	}
	if err := ask(6, "203.0.113.1"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a sixth look-up overall: %v", err)
	}
	time.Sleep(time.Second)
	if err := ask(6, "203.0.113.1"); err != nil {
		t.Errorf("a second later: %v", err)
	}
}

// A hundred thousand made-up domains must not fill memory.
func TestMemoryIsBounded(t *testing.T) {
	r := &resolver{answer: icloudMX}
	m := New(Config{LookupMX: r.LookupMX, Entries: 1000, Budget: Budget{PerNetwork: 1e9, PerNetworkBurst: 1e9, Overall: 1e9, OverallBurst: 1e9}})
	for i := range 100_000 {
		d, err := provider.ParseDomain(fmt.Sprintf("d%d.example.com", i))
		if err != nil {
			t.Fatal(err)
		}
		from := netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i), 1})
		if _, _, err := m.Exchanger(t.Context(), d, from); err != nil {
			t.Fatal(err)
		}
	}
	if n := m.memory.answers.Len(); n > 1000 {
		t.Errorf("%d domains are remembered, want 1000 at most", n)
	}
	if n := m.budget.networks.Len(); n > maxNetworks {
		t.Errorf("%d networks are remembered, want %d at most", n, maxNetworks)
	}
}
