package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

// The address of the server without a proxy. The world's front has another one.
const (
	ownAddress = "127.0.0.3"
	ownTLS     = ownAddress + ":443"
	ownHTTP    = ownAddress + ":80"
)

// An ownServer is the program under test without a proxy.
type ownServer struct {
	*server
	acme           *authority
	storage, table string
}

// domain are the flags for what is served where.
func (o *ownServer) domain() []string {
	return []string{"--domain", "own.test=icloud", "--public-url", "https://setup.own.test"}
}

func (o *ownServer) start(t *testing.T) {
	t.Helper()
	var err error
	o.server, err = startServerWith(o.table, "own-tls-server", ownTLS, append(o.domain(), "--http-listen", ownHTTP,
		"--acme-email", "owner@own.test", "--acme-ca", o.acme.Directory, "--acme-root", o.acme.ServerRoot,
		"--cert-storage", o.storage, "--sign-with-tls")...)
	if err != nil {
		t.Fatal(err)
	}
}

// stop ends the program. Its log must not contain any address, not even the
// account's.
func (o *ownServer) stop(t *testing.T) {
	t.Helper()
	if err := o.server.stop(); err != nil {
		t.Error(err)
	}
	if leak := o.server.leak(); leak != "" {
		t.Errorf("the server's log holds part of an address: %s", leak)
	}
}

func (o *ownServer) log(t *testing.T) string {
	text, err := os.ReadFile(o.server.log)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

func (o *ownServer) trust() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(o.acme.Issuer)
	return &tls.Config{RootCAs: pool}
}

// client trusts only the authority. It does not follow redirects.
func (o *ownServer) client() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: o.trust(), ForceAttemptHTTP2: true, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// handshake returns the serial number of the certificate for a name.
func (o *ownServer) handshake(name string) (serial string, err error) {
	cfg := o.trust()
	cfg.ServerName = name
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", ownTLS, cfg)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String(), nil
}

// awaitCertificate waits until a name has its certificate.
func (o *ownServer) awaitCertificate(t *testing.T, name string) (serial string) {
	t.Helper()
	ctx := patience(t)
	for {
		serial, err := o.handshake(name)
		if err == nil {
			return serial
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-o.ended:
			t.Fatalf("mailsetup has ended:\n%s", o.log(t))
		case <-ctx.Done():
			t.Fatalf("no certificate for %s: %v\nthe server's log:\n%s", name, err, o.log(t))
		}
	}
}

func publish(t *testing.T, zoneFile string) {
	t.Helper()
	if err := internet.Publish(zoneFile); err != nil {
		t.Fatal(err)
	}
}
