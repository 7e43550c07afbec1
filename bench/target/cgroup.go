//go:build linux

package target

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A Cgroup limits the memory of a program, kernel memory for its sockets and
// cached files included, as a container or systemd's MemoryMax does.
type Cgroup struct {
	folder string
	peak   string // the file with the highest use
}

// newCgroup makes a cgroup of version 1 or 2, whichever has the machine's
// memory controller. It needs root.
func newCgroup(limit int64) (*Cgroup, error) {
	var firstErr error
	for _, v := range []struct{ root, limit, peak string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes"},
		{"/sys/fs/cgroup", "memory.max", "memory.peak"},
	} {
		folder := filepath.Join(v.root, fmt.Sprintf("mailsetup-bench-%d-%d", os.Getpid(), time.Now().UnixNano()))
		err := os.Mkdir(folder, 0o755)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, v.limit), []byte(strconv.FormatInt(limit, 10)), 0o644)
			if err == nil {
				return &Cgroup{folder: folder, peak: filepath.Join(folder, v.peak)}, nil
			}
			os.Remove(folder)
		}
		if firstErr == nil {
			firstErr = err
		}
	}
	return nil, firstErr
}

// Peak returns the highest use so far, in bytes; 0 if the kernel does not say.
func (c *Cgroup) Peak() int64 {
	text, err := os.ReadFile(c.peak)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (c *Cgroup) remove() {
	// The kernel releases the ended process a moment later.
	for range 50 {
		if os.Remove(c.folder) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// LimitsBy names what limits memory on this machine.
func LimitsBy() string {
	c, err := newCgroup(1 << 30)
	if err != nil {
		return fmt.Sprintf("no cgroup can be made (%v): the peak of resident memory is compared instead", err)
	}
	c.remove()
	return "cgroups"
}
