package fill

import (
	"maps"
	"sync"
	"sync/atomic"
)

// A Set holds the templates of documents that differ in shape. The first is compiled at
// once, to check that the document can be written at all, each further one when it is
// first needed: a database has a hundred mail services, and most of their shapes are
// never needed. A Set is safe for concurrent use.
type Set[Shape comparable] struct {
	compile func(Shape) (Template, error)
	mu      sync.Mutex                          // for those who add
	known   atomic.Pointer[map[Shape]*Template] // never changed, only replaced
}

// NewSet makes a set in which a first shape is compiled. Its error is that of compile.
func NewSet[Shape comparable](compile func(Shape) (Template, error), first Shape) (*Set[Shape], error) {
	t, err := compile(first)
	if err != nil {
		return nil, err
	}
	s := &Set[Shape]{compile: compile}
	s.known.Store(&map[Shape]*Template{first: &t})
	return s, nil
}

// Of returns the template of a shape; nil if the document must be written without one,
// because it cannot be cut or written.
func (s *Set[Shape]) Of(shape Shape) *Template {
	if t, known := (*s.known.Load())[shape]; known {
		return t
	}
	return s.add(shape)
}

func (s *Set[Shape]) add(shape Shape) *Template {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, known := (*s.known.Load())[shape]; known {
		return t
	}
	var added *Template
	if t, err := s.compile(shape); err == nil {
		added = &t
	}
	more := maps.Clone(*s.known.Load())
	more[shape] = added
	s.known.Store(&more)
	return added
}
