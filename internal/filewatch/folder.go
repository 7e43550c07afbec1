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

// maxNames is how many names a folder may have. Whoever has more means another folder.
const maxNames = 1000

// errManyNames names the way out.
var errManyNames = fmt.Errorf("the folder has more than %d files; give one that has nothing but the files to read", maxNames)

// List returns the paths of those files in a folder whose names are wanted, in the order
// of their names. From now on the folder is watched: a file that comes or goes is a
// change. Hidden files are left out; editors and Kubernetes keep their own there.
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

// readNames returns the names in a folder that are wanted, sorted, one a line.
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
