package mx

import (
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Status tells operators whether look-ups work.
type Status struct {
	// Failing: the last look-up got no answer from the resolver.
	Failing bool `json:"failing"`
	// LastAnswer and LastFailure are zero before the first.
	LastAnswer  time.Time `json:"last_answer,omitzero"`
	LastFailure time.Time `json:"last_failure,omitzero"`
	// LastDenied is when the limit on look-ups last refused a domain.
	LastDenied time.Time `json:"last_denied,omitzero"`
	// Answered, Failed and Denied count look-ups since the start. Remembered is how many
	// domains have an exchanger in the cache.
	Answered   uint64 `json:"-"`
	Failed     uint64 `json:"-"`
	Denied     uint64 `json:"-"`
	Remembered int    `json:"-"`
}

// health follows the resolver and warns, at most once a minute for each reason. A
// warning names no domain: it may be somebody's own.
type health struct {
	log              *slog.Logger
	failing, limits  *rate.Sometimes
	mu               sync.Mutex
	status           Status
	failures, denied int // since the last warning
}

func newHealth(log *slog.Logger) health {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return health{log: log, failing: &rate.Sometimes{Interval: time.Minute}, limits: &rate.Sometimes{Interval: time.Minute}}
}

func (h *health) answered() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status.Failing, h.status.LastAnswer = false, time.Now().UTC()
	h.status.Answered++
}

func (h *health) failed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status.Failing, h.status.LastFailure = true, time.Now().UTC()
	h.status.Failed++
	h.failures++
	h.failing.Do(func() {
		h.log.Warn("mail exchangers cannot be looked up; unlisted domains are served only if they were recognised within a day: check the machine's DNS resolver",
			"failures", h.failures)
		h.failures = 0
	})
}

func (h *health) limited() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status.LastDenied = time.Now().UTC()
	h.status.Denied++
	h.denied++
	h.limits.Do(func() {
		h.log.Warn("the limit on look-ups of mail exchangers is reached; behind a proxy, name it with --trusted-proxy, or all its clients share one limit",
			"denied", h.denied)
		h.denied = 0
	})
}

// Status returns the state of look-ups.
func (r *Recogniser) Status() Status {
	remembered := r.memory.size()
	r.health.mu.Lock()
	defer r.health.mu.Unlock()
	status := r.health.status
	status.Remembered = remembered
	return status
}
