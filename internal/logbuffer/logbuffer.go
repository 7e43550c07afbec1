// Package logbuffer keeps a slow or dead log reader from stopping the program.
//
// A log line is normally written straight to standard error. When that is a pipe
// whose reader has stopped, the write blocks, and so does the request that logs.
// A [Buffer] decouples them. It promises:
//
//   - Write copies the line and returns; it never waits for the output.
//   - At most Config.Size bytes wait, and as many are being written. Further
//     lines are dropped and counted, and the output says how many where they are
//     missing.
//   - Close waits for the output only for a limited time.
package logbuffer

import (
	"io"
	"sync"
	"time"
)

// Config configures a [Buffer].
type Config struct {
	// Output gets the lines, several in one Write. Its errors do not stop the
	// buffer: the lines count as dropped, and the next ones are written again.
	Output io.Writer
	// Size is how many bytes may wait for the output.
	Size int
	// Gather is how long lines wait for others before all are written at once; less if
	// half of Size is waiting. A write for each line costs as much as the line itself.
	// 0: a line waits only while another is being written.
	Gather time.Duration
	// Notice returns the line that says how many lines were dropped. Nil: no
	// line.
	Notice func(dropped int) []byte
}

// A Buffer is a writer of log lines, each of them one call of Write. It is safe
// for concurrent use. [Buffer.Close] ends its goroutine.
type Buffer struct {
	cfg   Config
	wake  chan struct{} // contains an element while there is something to do
	hurry chan struct{} // contains an element when lines must not wait for others
	done  chan struct{} // closed when everything is written after Close

	mu      sync.Mutex
	waiting []byte
	lines   int // in waiting
	dropped int // after the last of them
	total   uint64
	closed  bool
}

// New makes a buffer and starts writing.
func New(cfg Config) *Buffer {
	b := &Buffer{cfg: cfg, wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), done: make(chan struct{})}
	go b.run()
	return b
}

// Write adds one line, or drops it if there is no room. It always reports
// success, because the caller could not do anything about it.
func (b *Buffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	// Once a line is dropped, all are until the output has caught up. So the gap is
	// in one place, and the notice is, too.
	if b.closed || b.dropped > 0 || len(b.waiting)+len(line) > b.cfg.Size {
		b.dropped++
		b.total++
	} else {
		b.waiting = append(b.waiting, line...)
		b.lines++
	}
	hurry := len(b.waiting) > b.cfg.Size/2
	b.mu.Unlock()
	signal(b.wake)
	if hurry {
		signal(b.hurry)
	}
	return len(line), nil
}

// Dropped returns how many lines were dropped since the start.
func (b *Buffer) Dropped() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.total
}

// Close waits at most limit for the lines in the buffer to be written, and
// reports whether they were. Later lines are dropped.
func (b *Buffer) Close(limit time.Duration) bool {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	signal(b.wake)
	signal(b.hurry)
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	select {
	case <-b.done:
		return true
	case <-timeout.C:
		return false
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// gather waits for more lines.
func (b *Buffer) gather() {
	if b.cfg.Gather == 0 {
		return
	}
	enough := time.NewTimer(b.cfg.Gather)
	defer enough.Stop()
	select {
	case <-enough.C:
	case <-b.hurry:
	}
}

// run writes the waiting lines, then the notice of those dropped after them.
func (b *Buffer) run() {
	defer close(b.done)
	lost := 0 // lines that the output refused, without a notice so far
	var batch []byte
	for range b.wake {
		b.gather()
		b.mu.Lock()
		batch, b.waiting = b.waiting, batch[:0]
		lines, dropped, closed := b.lines, b.dropped, b.closed
		b.lines, b.dropped = 0, 0
		b.mu.Unlock()

		if lost > 0 && b.say(lost) {
			lost = 0
		}
		if len(batch) > 0 {
			if _, err := b.cfg.Output.Write(batch); err != nil {
				lost += lines
			}
		}
		if lost += dropped; dropped > 0 && b.say(lost) {
			lost = 0
		}
		if closed {
			return
		}
	}
}

// say writes the notice about n lines and reports whether that succeeded.
func (b *Buffer) say(n int) bool {
	if b.cfg.Notice == nil {
		return true
	}
	_, err := b.cfg.Output.Write(b.cfg.Notice(n))
	return err == nil
}
