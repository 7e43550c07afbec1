package pebbletest

import (
	"strings"
	"sync"
)

// A logCopy keeps a log that several goroutines write.
type logCopy struct {
	mu   sync.Mutex
	text strings.Builder
}

func (c *logCopy) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(p)
}

func (c *logCopy) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}
