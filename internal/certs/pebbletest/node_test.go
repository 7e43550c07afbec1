package pebbletest

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"

	"mailsetup/internal/certs"
)

// A nodeConfig is all that a test server needs, in a form that can be passed to another
// process.
type nodeConfig struct {
	Storage           certs.StorageConfig
	Email             string
	Directory         string
	RootPEM           []byte
	Profile           string
	ExternalAccount   string // its file
	TLSPort, HTTPPort int
	Managed           []string
	AllowedBelow      string // names below it are allowed
}

// A node is a server with certificates by ACME.
type node struct {
	acme    *certs.ACME
	address string
	log     *logCopy
	stop    func()
}

// nodeIn tells this program, when a test runs it again, to be a server.
const nodeIn = "MAILSETUP_TEST_NODE"

func TestMain(m *testing.M) {
	// certmagic makes ten orders in ten seconds at most, as a last resort. Tests make more.
	certmagic.RateLimitEvents, certmagic.RateLimitEventsWindow = 0, 0
	// Pebble waits some seconds before it sends a challenge, unless it is told not to.
	os.Setenv("PEBBLE_VA_NOSLEEP", "1")
	if text := os.Getenv(nodeIn); text != "" {
		beNode(text)
		return
	}
	os.Exit(m.Run())
}

// beNode is a server until its input ends.
func beNode(text string) {
	var cfg nodeConfig
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		log.Fatal(err)
	}
	n, err := newNode(cfg)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening")
	_, _ = io.Copy(io.Discard, os.Stdin)
	n.stop()
}

// newNode starts a server in this process.
func newNode(cfg nodeConfig) (*node, error) {
	storage, err := certs.OpenStorage(cfg.Storage)
	if err != nil {
		return nil, err
	}
	level := slog.LevelInfo
	if os.Getenv("MAILSETUP_TEST_DEBUG") != "" {
		level = slog.LevelDebug
	}
	copied := new(logCopy)
	a, err := certs.NewACME(certs.ACMEConfig{
		Email: cmp.Or(cfg.Email, "owner@example.com"), Directory: cfg.Directory, RootPEM: cfg.RootPEM, Profile: cfg.Profile,
		ExternalAccountFile: cfg.ExternalAccount,
		Storage:             storage, TLSPort: cfg.TLSPort, HTTPPort: cfg.HTTPPort, ListenHost: "127.0.0.1",
		Managed:       func() iter.Seq[string] { return slices.Values(cfg.Managed) },
		Allowed:       func(name string) bool { return cfg.AllowedBelow != "" && strings.HasSuffix(name, "."+cfg.AllowedBelow) },
		CheckInterval: time.Second,
		Pace:          certs.Pace{Every: time.Millisecond, Burst: 1000, VisitEvery: time.Millisecond, VisitBurst: 1000},
		Log:           slog.New(slog.NewTextHandler(io.MultiWriter(os.Stderr, copied), &slog.HandlerOptions{Level: level})),
	})
	if err != nil {
		return nil, err
	}
	quiet := log.New(io.Discard, "", 0) // for handshakes that fail as they should
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "served") })
	https := &http.Server{Handler: page, ErrorLog: quiet}
	plain := &http.Server{Handler: a.ChallengeHandler(page), ErrorLog: quiet}
	address := fmt.Sprintf("127.0.0.1:%d", cfg.TLSPort)
	tlsListener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", cfg.HTTPPort))
	if err != nil {
		return nil, err
	}
	go func() { _ = https.Serve(tls.NewListener(tlsListener, a.TLSConfig())) }()
	go func() { _ = plain.Serve(listener) }()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.Run(ctx)
	}()
	return &node{acme: a, address: address, log: copied, stop: func() {
		cancel()
		<-ended
		_ = https.Close()
		_ = plain.Close()
		_ = storage.Close()
	}}, nil
}

func startNode(t *testing.T, cfg nodeConfig) *node {
	t.Helper()
	n, err := newNode(cfg)
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop := n.stop
	n.stop = func() {
		if !stopped {
			stopped = true
			stop()
		}
	}
	t.Cleanup(n.stop)
	return n
}

// startProcess starts a server in its own process; the function that it returns kills it.
func startProcess(t *testing.T, cfg nodeConfig) (address string, kill func()) {
	t.Helper()
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), nodeIn+"="+string(text))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = stdin.Close()
	}
	t.Cleanup(kill)
	if line, _ := bufio.NewReader(stdout).ReadString('\n'); line != "listening\n" {
		t.Fatalf("the other process says %q", line)
	}
	return fmt.Sprintf("127.0.0.1:%d", cfg.TLSPort), kill
}

// shake makes a handshake and verifies the certificate. Its serial number is returned.
func (a *authority) shake(address, name string) (serial string, err error) {
	dialer := &net.Dialer{Timeout: time.Minute}
	conn, err := tls.DialWithDialer(dialer, "tcp", address, &tls.Config{ServerName: name, RootCAs: a.roots})
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String(), nil
}

// await waits until a condition is true, for a minute at most.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 1200 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("not within a minute: %s", what)
}

func (n *node) ready(count int) func() bool {
	return func() bool { return n.acme.Status().Counts[certs.Ready] >= count }
}
