// Package filewatch notices when files change, and loads them once they have
// settled.
//
// Files that are loaded together form a [Set]: a table and the lists that it
// names, a certificate and its key. Whatever a load reads with [Set.Read] is
// watched from then on. The content decides, because the time of a file means
// little on network file systems and behind the symbolic links of a ConfigMap,
// which do not even send notifications.
//
// A program that writes a file in pieces leaves it half-written for a while, and
// half a list is a valid list. So [Set.Poll] loads a change only after it has seen
// the same content twice in a row, and only if that is what the load reads.
package filewatch

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Interval is how often [Set.Poll] is meant to be called. A change is live after
// two to three of them.
const Interval = 10 * time.Second

// ErrUnsettled is wrapped by the error of [Set.Read] when a file is still
// changing. [Set.Poll] tries again the next time.
var ErrUnsettled = errors.New("the file is still changing")

// A Set is files that are loaded together. The zero value is an empty set. Its
// methods are safe for concurrent use, but only one Load or Poll may run at a
// time.
type Set struct {
	mu       sync.Mutex
	watched  []file  // in the order in which they were first read
	loaded   digests // what the last load found, whether it succeeded or not
	inUse    digests // what the last successful load read
	looks    looks   // what the last check found
	reading  looks   // what the running load has read; nil: none is running
	expected digests // what it must find; nil: anything
	attempt  time.Time
	success  time.Time
	err      error
}

// Load runs load now, whether or not files have changed, and records what it
// reads with s. Its error is that of load.
func (s *Set) Load(load func() error) error { return s.run(load, nil) }

// Poll checks the files, and runs load if they differ from what the last load
// read and are the same as at the last Poll. A failed load is not repeated until
// a file changes again. Poll returns the error of load; a file that changes
// during the load is not an error, because the next Poll checks it again.
func (s *Set) Poll(load func() error) error {
	now, settled := s.look()
	if !settled {
		return nil
	}
	err := s.run(load, now)
	if errors.Is(err, ErrUnsettled) {
		return nil
	}
	return err
}

// Read reads a regular file of at most maxSize bytes, for the running load. From
// now on the file is watched. A file that was read as a secret stays one: a
// certificate may be in the same file as its key.
func (s *Set) Read(path string, maxSize int64) ([]byte, error) {
	return s.read(file{path: path, maxSize: maxSize})
}

// ReadSecret is Read for a file that holds a key; see [secretfile.Read]. A change
// of its mode counts as a change if it decides whether the file can be used.
func (s *Set) ReadSecret(path string, maxSize int64) ([]byte, error) {
	return s.read(file{path: path, maxSize: maxSize, secret: true})
}

func (s *Set) read(f file) ([]byte, error) {
	s.mu.Lock()
	if i := slices.IndexFunc(s.watched, f.samePath); i >= 0 {
		f.secret = f.secret || s.watched[i].secret
	}
	s.mu.Unlock()
	data, err := f.read()
	digest := digestOf(data, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reading == nil { // not during a load: nothing to watch
		return data, err
	}
	if i := slices.IndexFunc(s.watched, f.samePath); i < 0 {
		s.watched = append(s.watched, f)
	} else {
		s.watched[i] = f
	}
	s.reading[f.path] = look{digest, err}
	if s.expected != nil && s.expected[f.path] != digest {
		// It has changed since the check, or the changed table names it for the
		// first time. This counts as a check; the next one must find the same.
		s.looks[f.path] = look{digest, err}
		return nil, fmt.Errorf("%s: %w", f.path, ErrUnsettled)
	}
	return data, err
}

// run brackets a load.
func (s *Set) run(load func() error, expected digests) error {
	s.mu.Lock()
	s.reading, s.expected = make(looks), expected
	s.mu.Unlock()
	err := load()

	s.mu.Lock()
	defer s.mu.Unlock()
	read := s.reading
	s.reading, s.expected = nil, nil
	if errors.Is(err, ErrUnsettled) {
		return err
	}
	s.attempt, s.err = time.Now(), err
	if s.looks == nil {
		s.looks = make(looks)
	}
	// A failed load may have ended before it read every file. Those count as read
	// anyway, or the load would be repeated because of them.
	maps.Copy(s.looks, read)
	s.loaded = s.looks.digests()
	if err == nil {
		s.success, s.inUse = s.attempt, read.digests()
		// Files that a table no longer names are no longer watched.
		s.watched = slices.DeleteFunc(s.watched, func(f file) bool { _, ok := read[f.path]; return !ok })
	}
	return err
}

// look checks all files. They are settled if they are the same as at the last
// check, and differ from the last load.
func (s *Set) look() (now digests, settled bool) {
	s.mu.Lock()
	files, before := slices.Clone(s.watched), s.looks
	s.mu.Unlock()
	found := make(looks)
	same := true
	for _, f := range files {
		l := f.look()
		found[f.path] = l
		same = same && before[f.path].digest == l.digest
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks, now = found, found.digests()
	changed := slices.ContainsFunc(files, func(f file) bool { return now[f.path] != s.loaded[f.path] })
	return now, same && changed
}
