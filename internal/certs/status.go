package certs

import (
	"cmp"
	"slices"
	"time"
)

// A State is the progress of a name towards its certificate.
type State uint8

const (
	_       State = iota
	Loading       // the storage has not been asked yet
	Pending       // its turn for an order has not come yet
	Waiting       // it does not point here in DNS yet
	Failed        // the authority or the storage refused; it will be tried again
	Ready         // its certificate is served
)

// States are all states, in order of progress.
var States = []State{Loading, Pending, Waiting, Failed, Ready}

func (s State) String() string {
	switch s {
	case Loading:
		return "loading"
	case Pending:
		return "pending"
	case Waiting:
		return "waiting"
	case Failed:
		return "failed"
	case Ready:
		return "ready"
	}
	return "unknown"
}

// maxStatusNames limits [Status.Names].
const maxStatusNames = 100

// A Status describes certificates. Names outside the table are counted, never listed:
// they may be private.
type Status struct {
	// Counts is how many names are in each state.
	Counts map[State]int
	// Names are those of the table that are not ready, or whose renewal fails: at most
	// 100, in alphabetical order.
	Names []NameStatus
	// LeftOut is how many names of the table exceed the limit of managed names.
	// They get their certificates at the first visit.
	LeftOut int
	// Earliest is when the first certificate in use expires; zero: there is none.
	Earliest time.Time
	// Orders are those of this process.
	Orders OrderCounts
	// Refused is how many handshakes were for names that are not ours; Unready is how
	// many were for a name of ours without a certificate in time.
	Refused, Unready uint64
}

// OrderCounts are orders by their outcome.
type OrderCounts struct{ Started, Succeeded, Failed uint64 }

// A NameStatus describes one name.
type NameStatus struct {
	Name   string
	State  State
	Reason string    // why it is not ready, or why its renewal failed
	Expiry time.Time // of its certificate; zero: it has none
	Next   time.Time // when it is tried again
}

func (s *Status) add(e *entry) {
	s.Counts[e.state]++
	if e.state == Ready && (s.Earliest.IsZero() || e.expiry.Before(s.Earliest)) {
		s.Earliest = e.expiry
	}
	if e.listed && (e.state != Ready || e.reason != "") {
		s.Names = append(s.Names, NameStatus{Name: e.name, State: e.state, Reason: e.reason, Expiry: e.expiry, Next: e.due})
	}
}

func (s *Status) finish() {
	slices.SortFunc(s.Names, func(a, b NameStatus) int { return cmp.Compare(a.Name, b.Name) })
	s.Names = s.Names[:min(len(s.Names), maxStatusNames)]
}
