package connlimit

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestQueue compares the queue with a slice through random steps.
func TestQueue(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var q queue
	var want []*conn
	all := make([]*conn, 8)
	for i := range all {
		all[i] = new(conn)
	}
	for range 2000 {
		c := all[random.IntN(len(all))]
		if c.in != nil {
			q.remove(c)
			want = slices.DeleteFunc(want, func(other *conn) bool { return other == c })
		} else {
			q.push(c)
			want = append(want, c)
		}
		var forward, backward []*conn
		for c := q.first; c != nil; c = c.after {
			forward = append(forward, c)
		}
		for c := q.last; c != nil; c = c.before {
			backward = append(backward, c)
		}
		slices.Reverse(backward)
		if q.length != len(want) || !slices.Equal(forward, want) || !slices.Equal(backward, want) {
			t.Fatalf("%d connections: %v forward, %v backward; want %v", q.length, forward, backward, want)
		}
		for _, c := range all {
			if (c.in == &q) != slices.Contains(want, c) {
				t.Fatal("a connection has the wrong position")
			}
		}
	}
}
