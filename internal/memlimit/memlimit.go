// Package memlimit finds out how much memory a process may use: the smallest limit of
// its cgroups, which systemd and containers set, or the machine's memory. It supports
// only Linux.
package memlimit

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Read returns the limit in bytes, given the root of the file system. It is unknown
// if neither cgroups nor the kernel report it.
func Read(root fs.FS) (bytes int64, known bool) {
	limit := total(root)
	text, _ := fs.ReadFile(root, "proc/self/cgroup") // empty if there is none
	for line := range strings.Lines(string(text)) {
		if l := ofGroup(root, strings.TrimSpace(line)); l > 0 && (limit == 0 || l < limit) {
			limit = l
		}
	}
	return limit, limit > 0
}

// total returns the memory of the machine; 0: unknown.
func total(root fs.FS) int64 {
	text, _ := fs.ReadFile(root, "proc/meminfo")
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "MemTotal:" && fields[2] == "kB" {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			if err == nil {
				return kilobytes << 10
			}
		}
	}
	return 0
}

// ofGroup reads the limit of a line of /proc/self/cgroup, ID:CONTROLLERS:PATH
// (cgroups(7)), and of the groups above it, and returns the smallest. 0: none.
//
// In a container the path may be the host's, but the container sees only its own
// group, as the root. So missing groups are skipped.
func ofGroup(root fs.FS, line string) int64 {
	parts := strings.SplitN(line, ":", 3)
	if len(parts) != 3 {
		return 0
	}
	var folder, file string
	switch {
	case parts[0] == "0" && parts[1] == "": // version 2
		folder, file = "sys/fs/cgroup", "memory.max"
	case parts[1] == "memory": // version 1
		folder, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
	default:
		return 0
	}
	smallest := int64(0)
	for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
		text, err := fs.ReadFile(root, path.Join(folder, group, file))
		if err == nil {
			// "max" is not a number; version 1 uses a very large one for it.
			limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
			if err == nil && limit > 0 && (smallest == 0 || limit < smallest) {
				smallest = limit
			}
		}
		if group == "/" {
			return smallest
		}
	}
}
