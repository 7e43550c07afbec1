package page

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A server is a running mailsetup.
type server struct {
	URL, Admin string // "http://127.0.0.1:PORT"
	TokenKey   []byte
	log        *logBuffer
}

// startServer starts the program under test. At the end of the test it stops
// the program and checks its log.
func startServer(t testing.TB, args ...string) *server {
	t.Helper()
	s := &server{TokenKey: make([]byte, 32), log: new(logBuffer)}
	rand.Read(s.TokenKey)
	key := filepath.Join(t.TempDir(), "token.key")
	if err := os.WriteFile(key, s.TokenKey, 0o600); err != nil {
		t.Fatal(err)
	}
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-format", "json",
		"--token-key", key, "--providers", "testdata/providers.yaml"}, args...)
	process := exec.Command(program, args...)
	process.Stdout, process.Stderr = s.log, s.log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	t.Cleanup(func() {
		if err := process.Process.Signal(syscall.SIGTERM); err != nil {
			process.Process.Kill() // for systems without signals
			<-ended
		} else if err := <-ended; err != nil {
			t.Errorf("mailsetup has stopped badly: %v\n%s", err, s.log)
		}
		if leak := canaries.FindString(s.log.String()); leak != "" {
			t.Errorf("the server's log contains %q", leak)
		}
	})
	for {
		for line := range strings.Lines(s.log.String()) {
			var said struct{ Msg, Listen, Admin string }
			if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "serving" {
				s.URL, s.Admin = "http://"+said.Listen, "http://"+said.Admin
				return s
			}
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("mailsetup has ended: %v\n%s", err, s.log)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// expiredPath is the path of an expired page. Its token is sealed as the server
// does it, with a key that both know, so that no test has to wait.
func (s *server) expiredPath(t testing.TB, address string) string {
	t.Helper()
	block, err := aes.NewCipher(s.TokenKey)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	plain := binary.BigEndian.AppendUint64(nil, uint64(time.Now().Add(-time.Second).Unix()))
	plain = append(plain, strings.Join([]string{"icloud", address, "", ""}, "\n")...)
	return "/p/" + base64.RawURLEncoding.EncodeToString(aead.Seal(nil, nil, plain, nil)) + "/"
}

// logBuffer collects a process's output while others read it.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
