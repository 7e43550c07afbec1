package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long scripts wait for something that must happen. No test
// asserts how long it takes.
const patience = 30 * time.Second

// A server is the running mailsetup of a script.
type server struct {
	process *exec.Cmd
	done    chan error
}

// serverKey is where a script keeps its server.
type serverKey struct{}

func getServer(ts *testscript.TestScript) *server {
	s, ok := ts.Value(serverKey{}).(*server)
	if !ok || s.process == nil {
		ts.Fatalf("no server was started")
	}
	return s
}

// start ARGS... starts mailsetup on free ports and waits until it serves. Its
// output goes to the files server.out and server.log; URL and ADMIN are set to
// its listeners.
func start(ts *testscript.TestScript, neg bool, args []string) {
	stdout, err := os.Create(ts.MkAbs("server.out"))
	ts.Check(err)
	defer stdout.Close()
	stderr, err := os.Create(ts.MkAbs("server.log"))
	ts.Check(err)
	defer stderr.Close()

	program, err := exec.LookPath("mailsetup")
	ts.Check(err)
	s := ts.Value(serverKey{}).(*server)
	s.process, s.done = exec.Command(program, args...), make(chan error, 1)
	s.process.Dir = ts.MkAbs(".")
	s.process.Stdout, s.process.Stderr = stdout, stderr
	s.process.Env = []string{
		"BUILTIN_TABLE=" + ts.Getenv("BUILTIN_TABLE"), "GORACE=" + ts.Getenv("GORACE"),
		"MAILSETUP_LISTEN=127.0.0.1:0", "MAILSETUP_ADMIN_LISTEN=127.0.0.1:0", "MAILSETUP_DRAIN=0s",
	}
	for _, name := range []string{"MAILSETUP_PROVIDERS", "MAILSETUP_DOMAIN"} {
		if value := ts.Getenv(name); value != "" {
			s.process.Env = append(s.process.Env, name+"="+value)
		}
	}
	ts.Check(s.process.Start())
	go func() { s.done <- s.process.Wait() }()
	ts.Defer(func() { _ = s.process.Process.Kill() })

	line := waitForLog(ts, `\bserving\b`)
	address := func(key string) string {
		found := regexp.MustCompile(`"?\b` + key + `"?[=:]"?([0-9a-z.\[\]:]+)`).FindStringSubmatch(line)
		if found == nil {
			ts.Fatalf("the log does not say where it serves: %s", line)
		}
		return found[1]
	}
	ts.Setenv("LISTEN", address("listen"))
	ts.Setenv("ADMIN", address("admin"))
	ts.Setenv("URL", "http://"+address("listen"))
}

// logged PATTERN waits until the server's log has a line that matches.
func logged(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("use ! grep PATTERN server.log, after something that is logged later")
	}
	waitForLog(ts, args[0])
}

func waitForLog(ts *testscript.TestScript, pattern string) string {
	want := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for line := range strings.Lines(ts.ReadFile("server.log")) {
			if want.MatchString(line) {
				return line
			}
		}
	}
	ts.Fatalf("the server never logged %s:\n%s", pattern, ts.ReadFile("server.log"))
	return ""
}

// signal NAME sends a signal to the server.
func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	known := map[string]syscall.Signal{"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "TERM": syscall.SIGTERM}
	ts.Check(getServer(ts).process.Process.Signal(known[args[0]]))
}

// stopped waits until the server has ended, which must be with status 0.
func stopped(ts *testscript.TestScript, neg bool, args []string) {
	select {
	case err := <-getServer(ts).done:
		if err != nil {
			ts.Fatalf("the server ended with %v:\n%s", err, ts.ReadFile("server.log"))
		}
	case <-time.After(patience):
		ts.Fatalf("the server did not stop")
	}
}

// request METHOD URL [HEADER...] prints status, media type and body. With a
// status in front of the method it repeats the request until it gets that
// status.
func request(ts *testscript.TestScript, neg bool, args []string) {
	until := ""
	if args[0] >= "100" && args[0] <= "599" {
		until, args = args[0], args[1:]
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		answer, err := ask(args)
		if neg && err != nil {
			return
		}
		if err == nil && !neg && strings.HasPrefix(answer, until) {
			fmt.Fprint(ts.Stdout(), answer)
			return
		}
		if until == "" || time.Now().After(deadline) {
			ts.Fatalf("no such answer to %q: %v\n%s", args, err, answer)
		}
	}
}

func ask(args []string) (string, error) {
	req, err := http.NewRequest(args[0], args[1], nil)
	if err != nil {
		return "", err
	}
	for _, header := range args[2:] {
		name, value, _ := strings.Cut(header, ":")
		if value = strings.TrimSpace(value); strings.EqualFold(name, "Host") {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var answer bytes.Buffer
	fmt.Fprintf(&answer, "%s\n%s\n", resp.Status, resp.Header.Get("Content-Type"))
	_, err = io.Copy(&answer, resp.Body)
	return answer.String(), err
}
