//go:build !unix

package regularfile

// nonblock: there are no named pipes in the file system here.
const nonblock = 0
