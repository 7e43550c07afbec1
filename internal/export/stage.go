package export

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrForeign is wrapped when a folder holds files that no export wrote.
var ErrForeign = errors.New("the folder is not empty, and no export made it")

const (
	// marker lies in every export's folder, so that the next one knows it.
	marker = ".mailsetup-export"
	// staging holds the new files until all are complete, and the old ones
	// while they change places.
	staging = ".mailsetup-export.tmp"
)

// exported are the names at the top of an export. All else in its folder belongs
// to somebody else: a .git, say, or a CNAME.
var exported = []string{"README.txt", "nginx.conf", "Caddyfile", databaseFolder, hostsFolder, rolloutFolder}

// A stage collects the files of an export beside those of the one before and
// puts them in their place at the end. A web server that reads the folder never
// sees half a file, and a file that the table no longer asks for is gone.
type stage struct {
	dir   string
	files int
}

// newStage takes a folder. It is refused if there are files of others in it,
// unless force is set.
func newStage(dir string, force bool) (*stage, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder for the export cannot be read: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, marker)); err != nil && len(entries) > 0 && !force {
		return nil, fmt.Errorf("%s: %w: give another", dir, ErrForeign)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("the folder for the export cannot be made: %w", err)
	}
	s := &stage{dir: dir}
	// First of all, so that an export that was cut off can be repeated.
	text := fmt.Sprintf("mailsetup export replaces these here: %s\n", strings.Join(exported, ", "))
	if err := os.WriteFile(filepath.Join(dir, marker), []byte(text), 0o644); err != nil {
		return nil, fmt.Errorf("nothing can be written to the folder for the export: %w", err)
	}
	if err := os.RemoveAll(filepath.Join(dir, staging)); err != nil {
		return nil, fmt.Errorf("what is left of an earlier export cannot be removed: %w", err)
	}
	return s, nil
}

func (s *stage) fresh(path string) string { return filepath.Join(s.dir, staging, "new", path) }
func (s *stage) old(path string) string   { return filepath.Join(s.dir, staging, "old", path) }

// write adds a file. One that has the bytes of the last export keeps its time,
// and with it the ETag that a web server makes of that; rsync copies it no
// second time.
func (s *stage) write(path string, data []byte) error {
	path = filepath.FromSlash(path)
	name := s.fresh(path)
	err := os.WriteFile(name, data, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		err = os.WriteFile(name, data, 0o644)
	}
	if err != nil {
		return err
	}
	s.files++
	last := filepath.Join(s.dir, path)
	info, err := os.Stat(last)
	if err != nil || info.Size() != int64(len(data)) {
		return nil
	}
	if have, err := os.ReadFile(last); err == nil && bytes.Equal(have, data) {
		return os.Chtimes(name, info.ModTime(), info.ModTime())
	}
	return nil
}

// commit puts the new files in the place of the old ones: two renames for each
// name at the top.
func (s *stage) commit() error {
	if err := os.MkdirAll(s.old(""), 0o755); err != nil {
		return err
	}
	for _, name := range exported {
		for _, move := range [][2]string{
			{filepath.Join(s.dir, name), s.old(name)},
			{s.fresh(name), filepath.Join(s.dir, name)},
		} {
			if err := os.Rename(move[0], move[1]); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("the new files are complete but not all in their place, export again: %w", err)
			}
		}
	}
	return nil
}

// discard removes the stage with whatever is left in it.
func (s *stage) discard() { _ = os.RemoveAll(filepath.Join(s.dir, staging)) }
