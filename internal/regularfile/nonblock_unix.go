//go:build unix

package regularfile

import "syscall"

// nonblock makes sure that opening does not block if the file has just been
// replaced by a named pipe (open(2)).
const nonblock = syscall.O_NONBLOCK
