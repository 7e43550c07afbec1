package connlimit

import (
	"testing"
)

// Most routes leave a body unread, and net/http waits for the rest of it. Such a
// connection must make room, too.
func TestUnreadBodyMakesRoom(t *testing.T) {
	address, _ := serve(t, Config{Max: 2})
	for range 2 {
		c := dial(t, address, "127.0.0.1")
		c.send("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
	}
	other := dial(t, address, "127.0.0.1")
	other.send(request)
	other.wantAnswer()
}

// A request whose body has not arrived counts as waiting, like one with half a
// header. One whose body has arrived is being answered.
func TestHalfABodyMakesRoom(t *testing.T) {
	address, release := serve(t, Config{Max: 2})
	const post = "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
	whole := dial(t, address, "127.0.0.1")
	whole.send(post + "body")
	half := dial(t, address, "127.0.0.1")
	half.send(post + "bo")
	other := dial(t, address, "127.0.0.1")
	other.send(request)
	other.wantAnswer()
	half.wantClosed()
	close(release)
	whole.wantAnswer()
}
