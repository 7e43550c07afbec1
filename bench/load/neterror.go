package load

import (
	"errors"
	"net"
)

// plain removes the addresses from a network error, so that equal ones are
// counted together.
func plain(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}
