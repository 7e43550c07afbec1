//go:build unix

package connlimit

import "syscall"

// descriptors returns how many files and sockets the process may have open. Go
// has raised the soft limit to the hard one before main begins.
func descriptors() (n int, known bool) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, false
	}
	const enough = 1 << 30 // also means "unlimited", which does not fit into an int32
	return int(min(uint64(limit.Cur), enough)), true
}
