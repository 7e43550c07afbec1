package connlimit

import "time"

// A queue holds connections, those that came first at the front. The links are in
// the connections: container/list would make an element for each request.
type queue struct {
	first, last *conn
	length      int
}

// links are a connection's place in a queue.
type links struct {
	before, after *conn
	in            *queue // nil: in none
}

// push puts c at the end, from wherever it is.
func (q *queue) push(c *conn) {
	if c.in != nil {
		c.in.remove(c)
	}
	c.links = links{before: q.last, in: q}
	if q.last == nil {
		q.first = c
	} else {
		q.last.after = c
	}
	q.last = c
	q.length++
}

// remove takes c out, which is in this queue.
func (q *queue) remove(c *conn) {
	if c.before == nil {
		q.first = c.after
	} else {
		c.before.after = c.after
	}
	if c.after == nil {
		q.last = c.before
	} else {
		c.after.before = c.before
	}
	c.links = links{}
	q.length--
}

// longest holds the connections whose requests are being answered, and finds those
// that have been for too long. It reads no clock while there is room, because a
// connection comes here with every request: all that are here when room is missing get
// the same time from then on, and those that are still here after it are overdue.
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

// overdue returns a connection that has been here for too long. If there is none, it says
// when to ask again, 0 if no connection is here.
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
