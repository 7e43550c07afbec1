//go:build unix

package cli_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Of two sockets one is for TLS and the other for plain HTTP. Sockets of one unit have
// its name and come in its order; those of two units come in any order, and their names
// decide.
func TestTwoInheritedSockets(t *testing.T) {
	cert, key, client := serverCertificate(t)
	for _, c := range []struct {
		names      string
		tls, plain int // which socket
	}{
		{"", 0, 1},
		{"mailsetup.socket:mailsetup.socket", 0, 1},
		{"https:http", 0, 1},
		{"http:https", 1, 0},
	} {
		t.Run(c.names, func(t *testing.T) {
			binary, table := program(t)
			cmd := exec.Command("sh", "-c", `export LISTEN_PID=$$; exec "$0" serve --admin-listen off --drain 0s --tls-cert "$1" --tls-key "$2"`, binary, cert, key)
			cmd.Env = append(os.Environ(), "BUILTIN_TABLE="+table, "LISTEN_FDS=2", "LISTEN_FDNAMES="+c.names)
			addresses := inheritSockets(t, cmd, 2)
			var output bytes.Buffer
			cmd.Stdout, cmd.Stderr = &output, &output
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			wantServed(t, client, "https://"+addresses[c.tls], "http://"+addresses[c.plain])
			_ = cmd.Process.Signal(os.Interrupt)
			if err := cmd.Wait(); err != nil {
				t.Errorf("%v\n%s", err, &output)
			}
		})
	}
}

// inheritSockets lets a program inherit n listening sockets, from descriptor 3 on, and
// returns their addresses.
func inheritSockets(t *testing.T, cmd *exec.Cmd, n int) (addresses []string) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		socket, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, l.Addr().String())
		cmd.ExtraFiles = append(cmd.ExtraFiles, socket)
		t.Cleanup(func() { _, _ = l.Close(), socket.Close() })
	}
	return addresses
}

// wantServed asks each server for settings.
func wantServed(t *testing.T, client *http.Client, servers ...string) {
	t.Helper()
	for _, url := range servers {
		resp, err := client.Get(url + "/v1.1/icloud.com")
		if err != nil {
			t.Error(err)
			continue
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", url, resp.Status)
		}
	}
}

// serverCertificate writes the certificate of net/http/httptest and its key to files, and
// returns a client that trusts it.
func serverCertificate(t *testing.T) (cert, key string, client *http.Client) {
	t.Helper()
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	pair := srv.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	client = srv.Client()
	client.Timeout = 30 * time.Second
	return write("cert.pem", "CERTIFICATE", pair.Certificate[0]), write("key.pem", "PRIVATE KEY", private), client
}
