package cli

import (
	"net"
	"testing"
)

// A container's health check must reach a listener on all addresses, although
// nobody can connect to "all addresses".
func TestDialAddress(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8081":   "127.0.0.1:8081",
		":8081":            "127.0.0.1:8081",
		"0.0.0.0:8081":     "127.0.0.1:8081",
		"[::]:8081":        "[::1]:8081",
		"[::1]:8081":       "[::1]:8081",
		"admin.local:8081": "admin.local:8081",
	} {
		if got := dialAddress(listen); got != want {
			t.Errorf("dialAddress(%q) = %q, want %q", listen, got, want)
		}
	}
}

// The URL that a person is told to try must work when pasted.
func TestLocalURL(t *testing.T) {
	for listen, want := range map[string]string{
		"0.0.0.0:8080":   "http://localhost:8080",
		"[::]:8080":      "http://localhost:8080",
		"127.0.0.1:9000": "http://127.0.0.1:9000",
		"[::1]:9000":     "http://[::1]:9000",
	} {
		a, err := net.ResolveTCPAddr("tcp", listen)
		if err != nil {
			t.Fatal(err)
		}
		if got := localURL("http", a); got != want {
			t.Errorf("localURL(%s) = %q, want %q", listen, got, want)
		}
	}
}
