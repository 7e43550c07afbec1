package connlimit

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
