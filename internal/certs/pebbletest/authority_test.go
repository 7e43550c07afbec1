// Package pebbletest tests certificates with Pebble, Let's Encrypt's small ACME server
// (github.com/letsencrypt/pebble). It is a separate module, so that the program's
// go.mod does not depend on Pebble.
package pebbletest

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

const (
	long  = "long"  // 90 days
	short = "short" // 15 seconds
)

// An authority is Pebble with a DNS in which every name leads to 127.0.0.1. It sends
// its challenges to two ports that the test chooses.
type authority struct {
	directory string
	rootPEM   []byte         // of its own server
	roots     *x509.CertPool // of what it issues

	requests, posts, orders atomic.Int64 // only a POST causes anything
	down                    atomic.Bool
	hold                    atomic.Pointer[chan struct{}] // requests wait for its end; nil: they don't

	start  func() (http.Handler, *x509.Certificate) // an authority that knows nobody, and its root
	pebble atomic.Pointer[http.Handler]
}

func startAuthority(t *testing.T, tlsPort, httpPort int) *authority {
	t.Helper()
	return startBindingAuthority(t, tlsPort, httpPort, nil)
}

// startBindingAuthority refuses accounts that are not bound to one of the given external
// accounts, by key ID; nil: it takes any.
func startBindingAuthority(t *testing.T, tlsPort, httpPort int, external map[string]string) *authority {
	t.Helper()
	quiet, resolver := log.New(io.Discard, "", 0), startDNS(t)
	a := &authority{roots: x509.NewCertPool()}
	a.start = func() (http.Handler, *x509.Certificate) {
		store := db.NewMemoryStore()
		for id, key := range external {
			if err := store.AddExternalAccountKeyByID(id, key); err != nil {
				t.Fatal(err)
			}
		}
		// Without a profile Pebble picks one at random.
		issuer := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{
			long:  {Description: "90 days", ValidityPeriod: 90 * 24 * 3600},
			short: {Description: "15 seconds", ValidityPeriod: 15},
		})
		validation := va.New(quiet, httpPort, tlsPort, false, resolver, store)
		front := wfe.New(quiet, store, validation, issuer, []string{"pebble.letsencrypt.org"}, false, external != nil, 1, 1)
		return front.Handler(), issuer.GetRootCert(0).Cert
	}
	a.forget()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.down.Load() {
			panic(http.ErrAbortHandler)
		}
		a.requests.Add(1)
		if r.Method == http.MethodPost {
			a.posts.Add(1)
		}
		if hold := a.hold.Load(); hold != nil {
			select {
			case <-*hold:
			case <-r.Context().Done():
				return
			}
		}
		// Pebble refuses some requests only to see whether clients repeat them.
		counted := &statusWriter{ResponseWriter: w}
		(*a.pebble.Load()).ServeHTTP(counted, r)
		if strings.HasPrefix(r.URL.Path, "/order-plz") && counted.status == http.StatusCreated {
			a.orders.Add(1)
		}
	}))
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.CloseClientConnections)
	a.directory = server.URL + wfe.DirectoryPath
	a.rootPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return a
}

// forget makes an authority that knows no account and no order, as one that was installed
// again.
func (a *authority) forget() {
	handler, root := a.start()
	a.roots.AddCert(root)
	a.pebble.Store(&handler)
}

// A statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// block makes all requests wait until the function that it returns is called.
func (a *authority) block() (release func()) {
	hold := make(chan struct{})
	a.hold.Store(&hold)
	return func() { a.hold.Store(nil); close(hold) }
}

// startDNS starts a DNS server over TCP, which Pebble uses, and returns its address.
func startDNS(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: l, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
		answer := new(dns.Msg).SetReply(question)
		if q := question.Question[0]; q.Qtype == dns.TypeA {
			answer.Answer = append(answer.Answer, &dns.A{
				Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(127, 0, 0, 1),
			})
		}
		_ = w.WriteMsg(answer)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	return l.Addr().String()
}
