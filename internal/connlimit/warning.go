package connlimit

import (
	"log/slog"
	"sync"
	"time"
)

// A warning is logged at most once per interval, with the number of times that it
// happened since the last line.
type warning struct {
	log   *slog.Logger
	every time.Duration
	text  string

	mu    sync.Mutex
	next  time.Time // when the next line may be logged
	times int
}

func (w *warning) add(attrs ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.times++
	now := time.Now()
	if now.Before(w.next) {
		return
	}
	w.log.Warn(w.text, append([]any{"times", w.times}, attrs...)...)
	w.next, w.times = now.Add(w.every), 0
}
