// Command pebbled is Pebble, Let's Encrypt's small ACME server
// (github.com/letsencrypt/pebble), as a process that tests of other modules start.
//
//	pebbled -listen 127.0.0.1:14000 -dns 127.0.0.1:53 -tls-port 443 -http-port 80
//
// Once it accepts requests, it prints a line of JSON with the URL of its directory and
// the roots to trust, for its own server and for the certificates that it issues. It
// ends with its standard input, so that it never outlives the test.
package main

import (
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
)

// A Greeting is what the command prints; both roots are PEM.
type Greeting struct {
	Directory  string // URL of the ACME directory
	ServerRoot string // for clients of the directory
	IssuerRoot string // for the issued certificates
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "where to serve the directory")
	resolver := flag.String("dns", "", "the DNS server, HOST:PORT, asked by TCP")
	tlsPort := flag.Int("tls-port", 443, "where answers by tls-alpn-01 are looked for")
	httpPort := flag.Int("http-port", 80, "where answers by http-01 are looked for")
	flag.Parse()
	if *resolver == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	// Pebble waits some seconds before it sends a challenge, unless it is told not to.
	os.Setenv("PEBBLE_VA_NOSLEEP", "1")
	if err := serve(*listen, *resolver, *tlsPort, *httpPort); err != nil {
		fmt.Fprintln(os.Stderr, "pebbled:", err)
		os.Exit(1)
	}
}

// serve runs the authority until standard input ends.
func serve(listen, resolver string, tlsPort, httpPort int) error {
	logger := log.New(os.Stderr, "", 0)
	store := db.NewMemoryStore()
	issuer := ca.New(logger, store, "", "ecdsa", 0, 1, map[string]ca.Profile{
		"default": {Description: "90 days", ValidityPeriod: 90 * 24 * 3600},
	})
	validation := va.New(logger, httpPort, tlsPort, false, resolver, store)
	front := wfe.New(logger, store, validation, issuer, []string{"pebble.letsencrypt.org"}, false, false, 1, 1)

	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	// For its certificate, which is for 127.0.0.1.
	server := httptest.NewUnstartedServer(front.Handler())
	server.Listener.Close()
	server.Listener = l
	server.Config.ErrorLog = logger
	server.StartTLS()
	defer server.Close()
	err = json.NewEncoder(os.Stdout).Encode(Greeting{
		Directory:  server.URL + wfe.DirectoryPath,
		ServerRoot: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})),
		IssuerRoot: string(issuer.GetRootCert(0).PEM()),
	})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
