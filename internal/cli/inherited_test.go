//go:build unix

package cli_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"
)

// An inherited socket keeps its queue across a restart: a request made while no
// server runs is answered by the next one.
func TestInheritedSocketOutlivesTheServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()

	binary, table := program(t)
	start := func() (stop func()) {
		cmd := exec.Command("sh", "-c", `export LISTEN_PID=$$ LISTEN_FDS=1; exec "$0" serve --listen 127.0.0.1:1 --admin-listen off`, binary)
		cmd.Env = append(os.Environ(), "BUILTIN_TABLE="+table)
		cmd.ExtraFiles = []*os.File{socket}
		var output bytes.Buffer
		cmd.Stdout, cmd.Stderr = &output, &output
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return func() {
			_ = cmd.Process.Signal(os.Interrupt)
			if err := cmd.Wait(); err != nil {
				t.Errorf("%v\n%s", err, &output)
			}
		}
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func() error {
		resp, err := client.Get("http://" + l.Addr().String() + "/v1.1/icloud.com")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}

	stop := start()
	if err := ask(); err != nil {
		t.Error(err)
	}
	stop()
	waiting := make(chan error, 1)
	go func() { waiting <- ask() }()
	stop = start()
	if err := <-waiting; err != nil {
		t.Errorf("a request between two servers: %v", err)
	}
	stop()
}
