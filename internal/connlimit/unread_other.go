//go:build !unix

package connlimit

import "net"

// unread cannot be determined here.
func unread(net.Conn) bool { return false }
