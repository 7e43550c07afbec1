package fill

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// TestSet: each shape is compiled once, on first use; one that cannot be compiled is
// remembered as such.
func TestSet(t *testing.T) {
	var compiled atomic.Int64
	compile := func(shape int) (Template, error) {
		compiled.Add(1)
		if shape == 3 {
			return Template{}, ErrMarks
		}
		return Template{pieces: [][]byte{{byte('0' + shape)}}}, nil
	}
	s, err := NewSet(compile, 1)
	if err != nil || compiled.Load() != 1 {
		t.Fatalf("%v after %d", err, compiled.Load())
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for shape := 1; shape < 5; shape++ {
				tmpl := s.Of(shape)
				switch {
				case shape == 3 && tmpl != nil:
					t.Error("a shape that cannot be compiled has a template")
				case shape != 3 && (tmpl == nil || string(tmpl.Append(nil, &Values{})) != string(rune('0'+shape))):
					t.Errorf("shape %d: %v", shape, tmpl)
				}
			}
		})
	}
	wg.Wait()
	if n := compiled.Load(); n != 4 {
		t.Errorf("%d compilations of 4 shapes", n)
	}
	broken := errors.New("broken")
	if _, err := NewSet(func(int) (Template, error) { return Template{}, broken }, 1); !errors.Is(err, broken) {
		t.Errorf("a first shape that cannot be compiled: %v", err)
	}
}
