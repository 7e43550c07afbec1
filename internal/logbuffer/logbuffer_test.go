package logbuffer

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A pausable output blocks while it is paused and fails while it is broken.
type pausable struct {
	gate   chan struct{} // a Write takes an element and puts it back; empty while paused
	mu     sync.Mutex
	broken bool
	text   bytes.Buffer
}

func newPausable() *pausable {
	p := &pausable{gate: make(chan struct{}, 1)}
	p.resume()
	return p
}

func (p *pausable) pause()  { <-p.gate }
func (p *pausable) resume() { p.gate <- struct{}{} }

func (p *pausable) Write(b []byte) (int, error) {
	p.pause()
	defer p.resume()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken {
		return 0, errors.New("broken pipe")
	}
	return p.text.Write(b)
}

func (p *pausable) setBroken(broken bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = broken
}

func (p *pausable) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

func notice(n int) []byte { return fmt.Appendf(nil, "dropped %d\n", n) }

func TestEveryLineArrivesInOrder(t *testing.T) {
	out := newPausable()
	b := New(Config{Output: out, Size: 1 << 20, Notice: notice})
	var want strings.Builder
	for i := range 1000 {
		line := fmt.Sprintf("line %d\n", i)
		want.WriteString(line)
		if n, err := b.Write([]byte(line)); n != len(line) || err != nil {
			t.Fatalf("Write: %d, %v", n, err)
		}
	}
	if !b.Close(30 * time.Second) {
		t.Fatal("Close gave up")
	}
	if out.String() != want.String() {
		t.Errorf("the output differs:\n%s", out.String())
	}
}

// The lines that fit are kept, the others are counted, and the count marks the gap.
func TestStoppedReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newPausable()
		out.pause()
		b := New(Config{Output: out, Size: 30, Notice: notice})
		b.Write([]byte("first.....\n"))
		time.Sleep(time.Second) // the writer has taken the first line and is stuck
		for _, line := range []string{"second....\n", "third.....\n", "too long for the rest\n", "short\n"} {
			b.Write([]byte(line))
		}
		out.resume()
		time.Sleep(time.Second)
		b.Write([]byte("fourth....\n"))
		if !b.Close(time.Second) {
			t.Error("Close gave up")
		}
		want := "first.....\nsecond....\nthird.....\ndropped 2\nfourth....\n"
		if out.String() != want {
			t.Errorf("got\n%swant\n%s", out.String(), want)
		}
	})
}

// Dropped lines are reported as soon as there is room, not with the next line.
func TestNoticeNeedsNoFurtherLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newPausable()
		out.pause()
		b := New(Config{Output: out, Size: 5, Notice: notice})
		b.Write([]byte("one\n"))
		time.Sleep(time.Second)
		b.Write([]byte("two\n"))
		b.Write([]byte("three\n"))
		out.resume()
		time.Sleep(time.Second)
		if want := "one\ntwo\ndropped 1\n"; out.String() != want {
			t.Errorf("got %q, want %q", out.String(), want)
		}
		b.Close(time.Second)
	})
}

// Lines that the output refused also count as dropped, and the output is tried again.
func TestBrokenReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newPausable()
		out.setBroken(true)
		b := New(Config{Output: out, Size: 100, Notice: notice})
		for range 3 {
			b.Write([]byte("lost\n"))
			time.Sleep(time.Second)
		}
		out.setBroken(false)
		b.Write([]byte("back\n"))
		b.Close(time.Second)
		if want := "dropped 3\nback\n"; out.String() != want {
			t.Errorf("got %q, want %q", out.String(), want)
		}
	})
}

// At the end, the program waits for a dead reader only for the given time.
func TestCloseGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newPausable()
		out.pause()
		b := New(Config{Output: out, Size: 100, Notice: notice})
		b.Write([]byte("never\n"))
		began := time.Now()
		if b.Close(time.Second) {
			t.Error("Close reports that the line was written")
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("Close took %v", took)
		}
		b.Write([]byte("after the end\n"))
		out.resume() // so that the goroutine ends
	})
}

func TestManyWritersNeverWait(t *testing.T) {
	out := newPausable()
	out.pause()
	b := New(Config{Output: out, Size: 1000, Notice: notice})
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 10_000 {
				b.Write([]byte("a line of a request\n"))
			}
		})
	}
	writers.Wait() // the output has taken nothing yet
	out.resume()
	if !b.Close(30 * time.Second) {
		t.Fatal("Close gave up")
	}
	arrived, dropped := 0, 0
	for line := range strings.Lines(out.String()) {
		var n int
		if _, err := fmt.Sscanf(line, "dropped %d", &n); err == nil {
			dropped += n
			continue
		}
		if line != "a line of a request\n" {
			t.Fatalf("a torn line: %q", line)
		}
		arrived++
	}
	if arrived+dropped != 80_000 || dropped == 0 {
		t.Errorf("%d lines arrived, %d were reported as dropped, of 80,000", arrived, dropped)
	}
}

// A counter counts writes.
type counter struct {
	writes int
	text   bytes.Buffer
}

func (c *counter) Write(p []byte) (int, error) {
	c.writes++
	return c.text.Write(p)
}

// Lines that come within the time are written together. None waits longer than that, or
// beyond Close.
func TestLinesGather(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &counter{}
		b := New(Config{Output: out, Size: 1000, Gather: 5 * time.Millisecond})
		for range 10 {
			b.Write([]byte("line\n"))
		}
		time.Sleep(6 * time.Millisecond)
		synctest.Wait()
		if out.writes != 1 || out.text.Len() != 50 {
			t.Errorf("%d writes of %d bytes after 6 ms, want one of 50", out.writes, out.text.Len())
		}
		time.Sleep(time.Second)
		b.Write(bytes.Repeat([]byte("x"), 600)) // more than half of the room
		synctest.Wait()
		if out.text.Len() != 650 {
			t.Errorf("%d bytes although the buffer fills up", out.text.Len())
		}
		b.Write([]byte("last\n"))
		began := time.Now()
		if !b.Close(time.Second) || time.Since(began) > 0 || out.text.Len() != 655 {
			t.Errorf("Close took %v, %d bytes are written", time.Since(began), out.text.Len())
		}
	})
}
