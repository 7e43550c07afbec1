package server

import (
	"net/http"
	"sync"
	"time"

	"mailsetup/internal/metrics"
)

// MaxAsked is the highest number of answers that can be remembered.
const MaxAsked = 10_000

// An askedAnswer is an answer as shown to the operator. It contains no address, and no
// domain that the server does not serve.
type askedAnswer struct {
	Time time.Time `json:"time"`
	// Domain is the requested domain, if it is served; "unlisted" for any other, and
	// absent if the request named none.
	Domain string `json:"domain,omitempty"`
	Client string `json:"client"`
	// Mechanism is the family of the route: autoconfig, autodiscover, json or page.
	Mechanism string `json:"mechanism"`
	Outcome   string `json:"outcome"`
	Status    int    `json:"status"`
}

// unlisted replaces every domain that is not served.
const unlisted = "unlisted"

// recentAnswers keeps the last answers, if the operator wants them: they show whether
// Outlook has asked, and what it got. The zero value keeps nothing.
type recentAnswers struct {
	mu   sync.Mutex
	ring []askedAnswer
	next int // the index of the next one
	full bool
}

func newRecentAnswers(n int) *recentAnswers {
	return &recentAnswers{ring: make([]askedAnswer, min(max(n, 0), MaxAsked))}
}

func (r *recentAnswers) add(x *exchange, client metrics.Client, f family, outcome metrics.Outcome) {
	if len(r.ring) == 0 {
		return
	}
	a := askedAnswer{Time: time.Now().UTC(), Client: client.String(), Mechanism: f.String(), Outcome: outcome.String(), Status: x.w.status}
	switch {
	case x.provider != "" && !x.asked.IsZero():
		a.Domain = x.asked.String()
	case !x.asked.IsZero():
		a.Domain = unlisted
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ring[r.next] = a
	if r.next++; r.next == len(r.ring) {
		r.next, r.full = 0, true
	}
}

// all returns the answers, the newest first.
func (r *recentAnswers) all() []askedAnswer {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.next
	if r.full {
		n = len(r.ring)
	}
	list := make([]askedAnswer, 0, n)
	for i := range n {
		list = append(list, r.ring[(r.next-1-i+len(r.ring))%len(r.ring)])
	}
	return list
}

// asked lists the last answers.
func (s *Server) asked(w http.ResponseWriter, _ *http.Request) {
	if len(s.answers.ring) == 0 {
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "nothing is remembered; start the server with --asked 100"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"answers": s.answers.all()})
}
