//go:build !unix

package connlimit

import "net"

// unread is not known here.
func unread(net.Conn) bool { return false }
