package filewatch

import "time"

// A State compares a file with what is in use.
type State string

const (
	// InUse: the content is in use.
	InUse State = "in use"
	// Changed: the content has changed and was not loaded yet.
	Changed State = "changed"
	// Refused: the content has changed, and loading it failed.
	Refused State = "refused"
	// Unreadable: there is no such file, or it cannot be read.
	Unreadable State = "unreadable"
)

// A Status describes a set. Times are zero for what never happened.
type Status struct {
	Attempt time.Time // the last load
	Success time.Time // the last load that succeeded
	Err     error     // of the last load
	Files   []FileStatus
}

// A FileStatus describes one file, as of the last check or load.
type FileStatus struct {
	Path  string
	State State
	Err   error // why it is unreadable
}

// Status describes the set without checking the files.
func (s *Set) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := Status{Attempt: s.attempt, Success: s.success, Err: s.err}
	for _, f := range s.watched {
		status.Files = append(status.Files, s.fileStatus(f.path))
	}
	return status
}

func (s *Set) fileStatus(path string) FileStatus {
	found := s.looks[path] // at least from the load that made it a watched file
	status := FileStatus{Path: path, Err: found.err}
	used, wasRead := s.inUse[path]
	switch {
	case found.err != nil:
		status.State = Unreadable
	case wasRead && found.digest == used:
		status.State = InUse
	case found.digest == s.loaded[path]:
		status.State = Refused
	default:
		status.State = Changed
	}
	return status
}
