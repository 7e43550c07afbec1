package connlimit

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A scripted listener fails as instructed, then accepts one connection.
type scripted struct {
	errs   chan error
	closed chan struct{}
	once   sync.Once
}

func (s *scripted) Accept() (net.Conn, error) {
	select {
	case err := <-s.errs:
		if err != nil {
			return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", err)}
		}
		ours, _ := net.Pipe()
		return ours, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s *scripted) Close() error { s.once.Do(func() { close(s.closed) }); return nil }

func (s *scripted) Addr() net.Addr { return &net.TCPAddr{} }

// Running out of descriptors is logged at most once a second, and passes: the
// connection that has waited longest is closed and frees its descriptor.
func TestAcceptErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := &scripted{errs: make(chan error, 1000), closed: make(chan struct{})}
		var log bytes.Buffer
		limiter := New(Config{Max: 10, Log: slog.New(slog.NewTextHandler(&log, nil))})
		l := limiter.Listener(inner)
		inner.errs <- nil
		first, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		limiter.ConnState(first, http.StateNew)
		for range 25 { // at most 100 ms apart: some 2.3 seconds
			inner.errs <- syscall.EMFILE
		}
		inner.errs <- nil
		if _, err := l.Accept(); err != nil {
			t.Fatalf("Accept: %v", err)
		}
		if !first.(*conn).closed {
			t.Error("the waiting connection still has its descriptor")
		}
		warnings := strings.Count(log.String(), "connections cannot be accepted")
		if warnings < 2 || warnings > 3 {
			t.Errorf("%d warnings in about two seconds:\n%s", warnings, &log)
		}
		if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), syscall.EMFILE.Error()) {
			t.Errorf("the log does not say what is wrong:\n%s", &log)
		}
	})
}

// A lasting error is reported, so that the program ends instead of answering
// nobody.
func TestBrokenListener(t *testing.T) {
	inner := &scripted{errs: make(chan error, 1), closed: make(chan struct{})}
	l := New(Config{Max: 1, Log: slog.New(slog.DiscardHandler)}).Listener(inner)
	inner.errs <- syscall.EBADF
	if _, err := l.Accept(); !errors.Is(err, syscall.EBADF) {
		t.Errorf("Accept: %v", err)
	}
}

// Close ends an Accept that waits for room or for descriptors.
func TestCloseEndsAccept(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
	}{{"room", nil}, {"descriptors", syscall.EMFILE}} {
		t.Run(c.name, func(t *testing.T) {
			inner := &scripted{errs: make(chan error, 1000), closed: make(chan struct{})}
			l := New(Config{Max: 1, Log: slog.New(slog.DiscardHandler)}).Listener(inner)
			inner.errs <- nil
			if _, err := l.Accept(); err != nil { // never waits for a request, so makes no room
				t.Fatal(err)
			}
			for range cap(inner.errs) {
				inner.errs <- c.err
			}
			ended := make(chan error, 1)
			go func() {
				_, err := l.Accept()
				ended <- err
			}()
			time.Sleep(10 * time.Millisecond)
			l.Close()
			select {
			case err := <-ended:
				if !errors.Is(err, net.ErrClosed) {
					t.Errorf("Accept: %v", err)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("Accept goes on after Close")
			}
		})
	}
}
