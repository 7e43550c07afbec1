package e2e

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The built ACME server, or why there is none. It is a separate module, which needs
// the network once.
const (
	authorityVariable = "MAILSETUP_E2E_PEBBLED"
	authorityMissing  = "MAILSETUP_E2E_PEBBLED_MISSING"
)

// buildAuthority builds the ACME server into a folder.
func buildAuthority(dir string) {
	binary := filepath.Join(dir, "pebbled")
	build := exec.Command("go", "-C", "../internal/certs/pebbletest", "build", "-o", binary, "./pebbled")
	if out, err := build.CombinedOutput(); err != nil {
		os.Setenv(authorityMissing, fmt.Sprintf("%v\n%s", err, out))
		return
	}
	os.Setenv(authorityVariable, binary)
}

// An authority is a running ACME server that sends its challenges to ports 80 and
// 443 in the world.
type authority struct {
	Directory              string
	ServerRoot, IssuerRoot string // files, PEM
	Issuer                 *x509.Certificate

	process *exec.Cmd
	input   io.Closer
}

// startAuthority starts the ACME server. It ends with the test, if not earlier.
func startAuthority(t *testing.T) *authority {
	t.Helper()
	binary := os.Getenv(authorityVariable)
	if binary == "" {
		need(t, "Pebble cannot be built (go -C internal/certs/pebbletest mod download, with a network)", errors.New(os.Getenv(authorityMissing)))
	}
	a := &authority{process: exec.Command(binary, "-listen", "127.0.0.1:14000", "-dns", "127.0.0.1:53", "-tls-port", "443", "-http-port", "80")}
	log, err := os.Create(filepath.Join(scratch, "pebbled.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	a.process.Stderr = log
	if a.input, err = a.process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := a.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.stop)
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("the ACME server does not start: %v\n%s", err, text)
	}
	var said struct{ Directory, ServerRoot, IssuerRoot string }
	if err := json.Unmarshal(line, &said); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(said.IssuerRoot))
	if block == nil {
		t.Fatalf("no root in %s", line)
	}
	if a.Issuer, err = x509.ParseCertificate(block.Bytes); err != nil {
		t.Fatal(err)
	}
	a.Directory = said.Directory
	a.ServerRoot = keep(t, "server-root.pem", []byte(said.ServerRoot))
	a.IssuerRoot = keep(t, "issuer-root.pem", []byte(said.IssuerRoot))
	return a
}

// stop ends the ACME server; after that, nothing listens there.
func (a *authority) stop() {
	a.input.Close()
	a.process.Wait() // its status does not matter
}
