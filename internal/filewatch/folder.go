package filewatch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxNames is how many names a folder may have. With more, it is probably the wrong
// folder.
const maxNames = 1000

// errManyNames says what to do.
var errManyNames = fmt.Errorf("the folder has more than %d files; give one that has nothing but the files to read", maxNames)

// List returns the paths of the files in a folder whose names are wanted, sorted by
// name. From now on the folder is watched: an added or removed file is a change. Hidden
// files are left out, because editors and Kubernetes use them.
func (s *Set) List(folder string, want func(name string) bool) ([]string, error) {
	names, err := s.read(file{path: folder, folder: want})
	if err != nil {
		return nil, err
	}
	var paths []string
	for name := range strings.Lines(string(names)) {
		paths = append(paths, filepath.Join(folder, strings.TrimSuffix(name, "\n")))
	}
	return paths, nil
}

// readNames returns the wanted names in a folder, sorted, one per line.
func (f file) readNames() ([]byte, error) {
	dir, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(maxNames + 1)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case len(names) > maxNames:
		return nil, fmt.Errorf("%s: %w", f.path, errManyNames)
	}
	slices.Sort(names)
	var text strings.Builder
	for _, name := range names {
		if !strings.HasPrefix(name, ".") && !strings.Contains(name, "\n") && f.folder(name) {
			text.WriteString(name + "\n")
		}
	}
	return []byte(text.String()), nil
}
