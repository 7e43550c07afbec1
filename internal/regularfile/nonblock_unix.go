//go:build unix

package regularfile

import "syscall"

// nonblock keeps the opening of a named pipe, put in place of the file a moment
// ago, from waiting for somebody who writes to it (open(2)).
const nonblock = syscall.O_NONBLOCK
