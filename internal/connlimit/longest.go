package connlimit

import "time"

// longest holds the connections whose requests are being answered, and finds those that
// take too long. Connections come here with every request, so it reads no clock while there
// is room. When room runs out, all that are here get the same time; any still here
// afterwards are overdue.
type longest struct {
	queue
	after time.Duration
	turn  uint64 // of the last one that came
	// marked is when the time of those up to the turn mark began.
	mark   uint64
	marked time.Time
}

func (q *longest) push(c *conn) {
	q.turn++
	c.turn = q.turn
	q.queue.push(c)
}

// overdue returns a connection that has taken too long. If there is none, it says when to
// ask again; 0 if there are no connections.
func (q *longest) overdue() (c *conn, again time.Duration) {
	c = q.first
	if c == nil {
		return nil, 0
	}
	if c.turn > q.mark {
		q.mark, q.marked = q.turn, time.Now()
	}
	if left := q.after - time.Since(q.marked); left > 0 {
		return nil, left
	}
	return c, 0
}
