package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// shake makes a real handshake with the configuration and returns what the client
// sees.
func shake(server *tls.Config, name string, protocols ...string) (tls.ConnectionState, error) {
	near, far := net.Pipe()
	defer near.Close()
	go func() {
		defer far.Close()
		_ = tls.Server(far, server).HandshakeContext(context.Background())
	}()
	client := tls.Client(near, &tls.Config{ServerName: name, InsecureSkipVerify: true, NextProtos: protocols})
	err := client.Handshake()
	return client.ConnectionState(), err
}

// Scanners ask for arbitrary names. That must cost nothing but the handshake, and tell
// the client that this is the wrong server.
func TestUnknownNamesAreRefusedAtOnce(t *testing.T) {
	e := newFakeEngine(t)
	a := newACME(withDefaults(ACMEConfig{}), e)
	server := a.TLSConfig()
	unknown := []string{"", "192.0.2.1", "localhost", "autoconfig.unknown.test", "*.test", strings.Repeat("a.", 130) + "test"}
	for _, name := range unknown {
		for _, protocol := range []string{"h2", acmeProtocol} { // anybody may pose as the authority
			hello := &tls.ClientHelloInfo{ServerName: name, SupportedProtos: []string{protocol}}
			if cert, err := a.getCertificate(hello); cert != nil || err != nil {
				t.Errorf("%q: %v, %v", name, cert, err)
			}
		}
	}
	// The alert's number is 112; crypto/tls gives the client only its name.
	for _, protocol := range []string{"h2", acmeProtocol} {
		if _, err := shake(server, "autoconfig.unknown.test", protocol); err == nil || !strings.Contains(err.Error(), "unrecognized name") {
			t.Errorf("the client sees %v", err)
		}
	}
	if e.askedCount() != 0 || e.orderCount() != 0 {
		t.Errorf("the storage was asked for %q, and %q were ordered", e.asked, e.ordered)
	}
	if s := a.Status(); s.Refused != uint64(2*len(unknown)+2) || s.Unready != 0 {
		t.Errorf("%+v", s)
	}
}

func TestHandshake(t *testing.T) {
	e := newFakeEngine(t)
	e.store("autoconfig.a.test", time.Now().Add(-time.Hour), 90*day)
	a := newACME(withDefaults(ACMEConfig{Managed: names("autoconfig.a.test")}), e)
	a.Refresh()
	for _, name := range []string{"autoconfig.a.test", "AutoConfig.A.TEST"} {
		state, err := shake(a.TLSConfig(), name, "h2", "http/1.1")
		if err != nil || state.NegotiatedProtocol != "h2" || state.Version != tls.VersionTLS13 || state.PeerCertificates[0].VerifyHostname("autoconfig.a.test") != nil {
			t.Errorf("%s: %v, %+v", name, err, state)
		}
	}
	old := &tls.Config{ServerName: "autoconfig.a.test", InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	near, far := net.Pipe()
	defer near.Close()
	go func() { defer far.Close(); _ = tls.Server(far, a.TLSConfig()).Handshake() }()
	if err := tls.Client(near, old).Handshake(); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
	if e.askedCount() != 1 {
		t.Errorf("the storage was asked %d times, want once", e.askedCount())
	}
}

// A name that a visitor asks for is ordered once, however many come, is kept from then
// on, and appears in no status or log.
func TestAllowedNameIsOrderedAtItsFirstVisit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		var log logText
		a := run(t, e, ACMEConfig{
			Allowed: func(name string) bool { return name == "autoconfig.guest.test" },
			Log:     log.logger(),
		})
		time.Sleep(time.Hour)
		if e.orderCount()+e.askedCount() != 0 {
			t.Fatal("ordered before anybody came")
		}
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if cert, err := visit(a, "autoconfig.guest.test"); cert == nil || err != nil {
					t.Errorf("a visitor was sent away: %v", err)
				}
			})
		}
		wg.Wait()
		if e.orderCount() != 1 {
			t.Errorf("100 visitors made %d orders", e.orderCount())
		}
		time.Sleep(89 * day) // nobody comes; it is renewed all the same
		asked := e.askedCount()
		if cert, err := visit(a, "autoconfig.guest.test"); cert == nil || err != nil || e.askedCount() != asked {
			t.Errorf("after an idle time: %v", err)
		}
		synctest.Wait()
		s := a.Status()
		if len(s.Names) != 0 || s.Counts[Ready] != 1 || strings.Contains(log.String(), "guest") {
			t.Errorf("a visitor's name is shown: %+v\n%s", s, &log)
		}
	})
}

// After a restart, visitors' names are known only from the storage.
func TestStoredNamesAreServedAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		e.store("autoconfig.guest.test", time.Now(), 90*day)
		e.down = errors.New("the authority is down")
		a := run(t, e, ACMEConfig{}) // the allowed names were in memory
		time.Sleep(time.Minute)
		if cert, err := visit(a, "autoconfig.guest.test"); cert == nil || err != nil {
			t.Errorf("a stored certificate is not served: %v", err)
		}
		time.Sleep(100 * day)
		if e.orderCount() != 0 {
			t.Error("renewed, though it is no longer allowed")
		}
	})
}

// Thunderbird gives up after five seconds.
func TestNobodyWaitsForASlowAuthority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		e.took = 4 * time.Minute
		a := run(t, e, ACMEConfig{Allowed: func(string) bool { return true }})
		start := time.Now()
		if cert, err := visit(a, "autoconfig.guest.test"); cert != nil || !errors.Is(err, errNotReady) {
			t.Errorf("%v, %v", cert, err)
		}
		if waited := time.Since(start); waited > coldTimeout {
			t.Errorf("waited %v", waited)
		}
		time.Sleep(5 * time.Minute)
		if cert, err := visit(a, "autoconfig.guest.test"); cert == nil || err != nil || e.orderCount() != 1 {
			t.Errorf("the order did not go on: %v, %d orders", err, e.orderCount())
		}
	})
}

// Names below one stranger's domain, or below very many, use up neither the memory nor
// the orders that the table needs.
func TestVisitorsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		a := run(t, e, ACMEConfig{
			Managed: names("autoconfig.a.test"),
			Allowed: func(name string) bool { return name != "autoconfig.a.test" },
			Pace:    Pace{Every: time.Second, Burst: 1000, VisitEvery: 10 * time.Minute, VisitBurst: 20},
		})
		time.Sleep(time.Minute)
		for i := range 30 {
			_, _ = visit(a, fmt.Sprintf("autoconfig.x%d.stranger.test", i))
		}
		if n := e.orderCount() - 1; n != maxPerDomain {
			t.Errorf("%d orders below one domain, want %d", n, maxPerDomain)
		}
		for i := range 100 {
			_, _ = visit(a, fmt.Sprintf("autoconfig.d%d.test", i))
		}
		if n := e.orderCount() - 1; n != 20 {
			t.Errorf("%d orders by visitors at once, want 20", n)
		}
		time.Sleep(time.Hour)
		if n := e.orderCount() - 1; n > 27 {
			t.Errorf("%d orders by visitors within an hour, want 6 more", n-20)
		}
	})
}

// Visitors' names that never lead here must not be remembered for ever, or they would
// crowd out all others.
func TestVisitorsNamesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		elsewhere := func(_ context.Context, name string) error { return errors.New(name + " leads elsewhere") }
		var log logText
		a := run(t, e, ACMEConfig{Allowed: func(string) bool { return true }, LeadsHere: elsewhere, Log: log.logger()})
		if _, err := visit(a, "autoconfig.guest.test"); err == nil {
			t.Error("served a name that does not lead here")
		}
		synctest.Wait()
		if a.stateOf("autoconfig.guest.test") != Waiting || strings.Contains(log.String(), "guest") {
			t.Errorf("state %v, log:\n%s", a.stateOf("autoconfig.guest.test"), &log)
		}
		time.Sleep(3 * time.Hour)
		if state := a.stateOf("autoconfig.guest.test"); state != 0 {
			t.Errorf("still remembered, as %v", state)
		}
		if a.unlisted != 0 || len(a.perDomain) != 0 {
			t.Errorf("still counted: %d, %v", a.unlisted, a.perDomain)
		}
	})
}

// Each waiting handshake costs memory.
func TestColdHandshakesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeEngine(t)
		e.took = time.Hour
		e.store("autoconfig.ready.test", time.Now(), 90*day)
		a := run(t, e, ACMEConfig{Managed: names("autoconfig.ready.test"), Allowed: func(string) bool { return true }})
		time.Sleep(time.Second)
		var wg sync.WaitGroup
		for range maxColdHandshakes {
			wg.Go(func() { _, _ = visit(a, "autoconfig.slow.test") })
		}
		synctest.Wait()
		if _, err := visit(a, "autoconfig.other.test"); !errors.Is(err, errBusy) {
			t.Errorf("one more than may wait: %v", err)
		}
		if cert, err := visit(a, "autoconfig.ready.test"); cert == nil || err != nil {
			t.Errorf("a handshake that need not wait was refused: %v", err)
		}
		wg.Wait()
	})
}

func TestChallengeHandler(t *testing.T) {
	e := newFakeEngine(t)
	a := newACME(withDefaults(ACMEConfig{Managed: names("autoconfig.a.test")}), e)
	a.Refresh()
	h := a.ChallengeHandler(http.NotFoundHandler())
	ask := func(host, path string) string {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", path, nil)
		r.Host = host
		h.ServeHTTP(w, r)
		return w.Body.String()
	}
	const question = "/.well-known/acme-challenge/x"
	for host, want := range map[string]string{
		"autoconfig.a.test": "the answer", "AUTOCONFIG.a.test:80": "the answer",
		"unknown.test": "404 page not found\n", "192.0.2.1:80": "404 page not found\n", "[2001:db8::1]:80": "404 page not found\n",
	} {
		if got := ask(host, question); got != want {
			t.Errorf("%s: %q", host, got)
		}
	}
	if got := ask("autoconfig.a.test", "/mail/config-v1.1.xml"); got != "404 page not found\n" {
		t.Errorf("not a challenge: %q", got)
	}
	for range maxQuestions { // all slots are in use
		a.questions <- struct{}{}
	}
	if got := ask("autoconfig.a.test", question); !strings.Contains(got, "too many") {
		t.Errorf("one challenge too many: %q", got)
	}
	hello := &tls.ClientHelloInfo{ServerName: "autoconfig.a.test", SupportedProtos: []string{acmeProtocol}}
	if _, err := a.getCertificate(hello); !errors.Is(err, errBusy) {
		t.Errorf("one challenge too many over TLS: %v", err)
	}
}

var parseHostTests = map[string]string{
	"a.test": "a.test", "A.Test.": "a.test", "xn--mller-kva.test": "xn--mller-kva.test", "1.a.test": "1.a.test",
	"": "", "a": "", "a.": "", ".test": "", "a..test": "", "-a.test": "", "a-.test": "", "a.1": "", "192.0.2.1": "", "::1": "",
	"*.a.test": "", "a_b.test": "", "müller.test": "", "a.test\x00": "", "a/b.test": "", "a.test..": "",
}

func TestParseHost(t *testing.T) {
	for in, want := range parseHostTests {
		if got, ok := parseHost(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", in, got, ok, want)
		}
	}
}

// FuzzParseHost: an accepted host becomes part of file names and certificates.
func FuzzParseHost(f *testing.F) {
	for in := range parseHostTests {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		host, ok := parseHost(in)
		if !ok {
			return
		}
		if again, ok := parseHost(host); !ok || again != host {
			t.Errorf("%q became %q, which becomes %q", in, host, again)
		}
		if strings.ContainsAny(host, "/\\*_ \x00") || strings.Contains(host, "..") || net.ParseIP(host) != nil {
			t.Errorf("%q was accepted as %q", in, host)
		}
		if (&x509.Certificate{DNSNames: []string{host}}).VerifyHostname(host) != nil {
			t.Errorf("no certificate can name %q", host)
		}
	})
}
