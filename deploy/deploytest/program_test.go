// Package deploytest tests the Helm chart and the compose files. It is a separate module,
// because its libraries are large and the program needs none of them.
package deploytest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mailsetup/e2e/world"
)

// binary is the program, built once for all tests.
var binary string

// Variables for the process in its own namespaces.
const (
	binaryVariable  = "MAILSETUP_BINARY"
	pebbledVariable = "MAILSETUP_DEPLOYTEST_PEBBLED" // empty: it could not be built
)

func TestMain(m *testing.M) { os.Exit(outside(m)) }

// outside builds the programs that the tests start, and runs the tests in namespaces, which
// the containers need, or in this process if there are none.
func outside(m *testing.M) int {
	if world.Isolated() {
		binary = os.Getenv(binaryVariable)
		if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
			return complain(fmt.Errorf("ip: %w\n%s", err, out))
		}
		return m.Run()
	}
	folder, err := os.MkdirTemp("", "deploytest")
	if err != nil {
		return complain(err)
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "mailsetup")
	// The program is built with its own go.mod, and without C, because its image has no
	// libraries.
	build := exec.Command("go", "-C", "../..", "build", "-trimpath", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return complain(fmt.Errorf("go build: %w\n%s", err, out))
	}
	if _, err := exec.LookPath("ip"); err != nil || os.Geteuid() != 0 {
		return m.Run()
	}
	os.Setenv(binaryVariable, binary)
	pebbled := filepath.Join(folder, "pebbled")
	if out, err := exec.Command("go", "-C", "../../internal/certs/pebbletest", "build", "-o", pebbled, "./pebbled").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "Pebble cannot be built: %v\n%s", err, out)
		pebbled = ""
	}
	os.Setenv(pebbledVariable, pebbled)
	os.Setenv("TMPDIR", folder) // so that nothing is left if the inner process is interrupted
	status, err := world.Isolate()
	if errors.Is(err, world.ErrNotAllowed) {
		return m.Run()
	}
	if err != nil {
		return complain(err)
	}
	return status
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, "tests of the deployment:", err)
	return 1
}

// tool finds a program from Debian. Without it the test is skipped, or fails where
// MAILSETUP_E2E=require says that everything must be there.
func tool(t *testing.T, name, debian string) string {
	t.Helper()
	for _, place := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(place); err == nil {
			return path
		}
	}
	unavailable(t, name+" is missing: install "+debian+" (Debian)")
	return ""
}

// A process is a program that runs until the test ends.
type process struct {
	cmd   *exec.Cmd
	mu    sync.Mutex
	lines []string
	ended chan struct{}
}

// start runs a program with only the given environment.
func start(t *testing.T, environment []string, program string, args ...string) *process {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, environment...)
	cmd.Dir = t.TempDir()
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = cmd.Stderr // where some programs log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.mu.Lock()
			p.lines = append(p.lines, lines.Text())
			p.mu.Unlock()
		}
		_ = cmd.Wait() // with the status of the signal
	}()
	t.Cleanup(func() {
		p.stop(t)
		if t.Failed() {
			t.Logf("%s %s says:\n%s", program, strings.Join(args, " "), p.log())
		}
	})
	return p
}

// stop ends the program, if it runs.
func (p *process) stop(t *testing.T) {
	t.Helper()
	_ = p.cmd.Process.Signal(os.Interrupt)
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		t.Errorf("%s does not end", p.cmd)
	}
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// addresses are the addresses that the program logs once it serves.
type addresses struct{ Listen, HTTP, Admin string }

// serving waits until mailsetup logs where it serves.
func (p *process) serving(t *testing.T) addresses {
	t.Helper()
	var at addresses
	eventually(t, "the server serves", func() error {
		for line := range strings.Lines(p.log()) {
			var entry struct {
				Msg string
				addresses
			}
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "serving" {
				at = entry.addresses
				return nil
			}
		}
		select {
		case <-p.ended:
			t.Fatalf("it ended:\n%s", p.log())
		default:
		}
		return fmt.Errorf("its log:\n%s", p.log())
	})
	return at
}

// eventually repeats a check until there is no error, for a minute at most.
func eventually(t *testing.T, what string, ask func() error) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// get sends a request and returns the status and the body.
func get(ctx context.Context, client *http.Client, url string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, string(body), err
}

// flagsOf returns the flags in the program's own help.
func flagsOf(t *testing.T, command string) map[string]bool {
	t.Helper()
	help, err := exec.Command(binary, command, "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string]bool{}
	for line := range strings.Lines(string(help)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "--"); ok {
			name, _, _ = strings.Cut(name, " ")
			flags[strings.TrimSuffix(name, ",")] = true
		}
	}
	if len(flags) < 20 {
		t.Fatalf("only %d flags found in:\n%s", len(flags), help)
	}
	return flags
}
