//go:build unix

package cli_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program returns the path of a mailsetup that TestMain runs, and the table that
// it uses as the built-in one.
func program(t *testing.T) (binary, table string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary = filepath.Join(t.TempDir(), "mailsetup") // under this name, TestMain runs the program
	if err := os.Symlink(self, binary); err != nil {
		t.Fatal(err)
	}
	table, err = filepath.Abs(filepath.Join("..", "..", "providers.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return binary, table
}

// A pipedServer writes its log and its greeting into a pipe.
type piped struct {
	t          *testing.T
	cmd        *exec.Cmd
	log        *os.File // the reader's end
	url, admin string
}

// startPiped starts a server and reads its log until it serves, and no further.
func startPiped(t *testing.T, args ...string) *piped {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	binary, table := program(t)
	cmd := exec.Command(binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--drain", "0s"}, args...)...)
	cmd.Env = append(os.Environ(), "BUILTIN_TABLE="+table)
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill() })

	serving := regexp.MustCompile(`serving.*listen"?[=:]"?([0-9.:]+)"?.*admin"?[=:]"?([0-9.:]+)`)
	var text strings.Builder
	for one := make([]byte, 1); ; {
		if _, err := reader.Read(one); err != nil {
			t.Fatalf("the server ended: %v\n%s", err, &text)
		}
		text.Write(one)
		if found := serving.FindStringSubmatch(text.String()); found != nil && one[0] == '\n' {
			return &piped{t, cmd, reader, "http://" + found[1], "http://" + found[2]}
		}
	}
}

// wantAnswers asks n times and wants 200 each time.
func (p *piped) wantAnswers(n int, url string) {
	p.t.Helper()
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	for i := range n {
		resp, err := client.Get(url)
		if err != nil {
			p.t.Fatalf("request %d: %v", i, err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			p.t.Fatalf("request %d: %s", i, resp.Status)
		}
	}
}

// wantEnd sends SIGTERM and wants the program to end with status 0.
func (p *piped) wantEnd() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Error(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			p.t.Errorf("the server ended with %v", err)
		}
	case <-time.After(patience):
		p.t.Fatal("the server did not stop")
	}
}

// The reader of the log stops reading. Every request is still answered,
// readiness does not change, and SIGTERM ends the program.
func TestLogReaderStops(t *testing.T) {
	p := startPiped(t)
	p.wantAnswers(3000, p.url+"/v1.1/icloud.com") // a pipe holds some 500 lines
	p.wantAnswers(1, p.admin+"/readyz")
	p.wantEnd()
}

// Once the reader is back, every line is there or counted as dropped, in the
// log's format.
func TestLogReaderComesBack(t *testing.T) {
	p := startPiped(t, "--log-format", "json")
	const asked = 15_000 // more lines than the pipe and twice the buffer hold
	p.wantAnswers(asked, p.url+"/v1.1/icloud.com")
	type count struct{ lines, dropped int }
	counted := make(chan count)
	go func() {
		var c count
		for scanner := bufio.NewScanner(p.log); scanner.Scan(); {
			var line struct {
				Msg, Route string
				Lines      int
			}
			if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
				t.Errorf("%v: %s", err, scanner.Text())
			}
			if line.Route != "" {
				c.lines++
			}
			if strings.HasPrefix(line.Msg, "log lines were dropped") {
				c.dropped += line.Lines
			}
		}
		counted <- c
	}()
	p.wantEnd()
	if c := <-counted; c.lines+c.dropped != asked || c.dropped == 0 {
		t.Errorf("%d lines in the log, %d reported as dropped, of %d", c.lines, c.dropped, asked)
	}
}

// The reader of the log goes away. The server keeps running.
func TestLogReaderGoesAway(t *testing.T) {
	p := startPiped(t)
	p.log.Close()
	p.wantAnswers(100, p.url+"/v1.1/icloud.com")
	p.wantAnswers(1, p.admin+"/readyz")
	p.wantEnd()
}

// In a pipeline, a reader that has seen enough ends a command without an error.
func TestPipelineEndsQuietly(t *testing.T) {
	binary, table := program(t)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	var stderr strings.Builder
	cmd := exec.Command(binary, "table")
	cmd.Env = append(os.Environ(), "BUILTIN_TABLE="+table)
	cmd.Stdout, cmd.Stderr = writer, &stderr
	err = cmd.Run()
	writer.Close()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGPIPE || stderr.Len() > 0 {
		t.Errorf("ended with %v, and said %q", err, &stderr)
	}
}
