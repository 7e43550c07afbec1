//go:build !unix

package regularfile

// nonblock: there are no named pipes among the files here.
const nonblock = 0
