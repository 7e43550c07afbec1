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

// ErrForeign is wrapped by the error for a folder with files that no export
// wrote.
var ErrForeign = errors.New("the folder is not empty, and no export made it")

const (
	// marker is in every export's folder, so that the next export recognises it.
	marker = ".mailsetup-export"
	// staging holds the new files until all are complete, and the old ones
	// while they are swapped.
	staging = ".mailsetup-export.tmp"
)

// exported are the top-level names of an export. Everything else in its folder
// belongs to somebody else, for example .git or CNAME.
var exported = []string{"README.txt", "nginx.conf", "Caddyfile", databaseFolder, hostsFolder, rolloutFolder}

// A stage collects the files of an export next to those of the previous one and
// swaps them at the end. A web server that reads the folder never sees half a
// file, and files that the table no longer needs are removed.
//
// All paths are below the folder: a link that points out of it is not
// followed, because somebody else may have put it there. Every file is newly
// created; existing ones are never written to.
type stage struct {
	root  *os.Root
	files int
}

// newStage opens a folder. It refuses one that contains other files, unless
// force is set, and always one with personal profiles.
func newStage(dir string, force bool) (*stage, error) {
	if err := outsidePersonal(dir); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder for the export cannot be read: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, marker)); err != nil && len(entries) > 0 && !force {
		return nil, fmt.Errorf("%s: %w: give another", dir, ErrForeign)
	}
	if err := holdsNoPersonal(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("the folder for the export cannot be created: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("the folder for the export cannot be opened: %w", err)
	}
	s := &stage{root: root}
	if err := s.begin(); err != nil {
		_ = root.Close()
		return nil, err
	}
	return s, nil
}

// begin removes the remains of an interrupted export and puts the marker in
// place first, so that this export can be repeated if it is interrupted.
func (s *stage) begin() error {
	if err := s.root.RemoveAll(staging); err != nil {
		return fmt.Errorf("what is left of an earlier export cannot be removed: %w", err)
	}
	text := fmt.Sprintf("mailsetup export replaces these here: %s\n", strings.Join(exported, ", "))
	err := s.root.Mkdir(staging, 0o755)
	if err == nil {
		err = s.create(filepath.Join(staging, marker), []byte(text))
	}
	if err == nil {
		// A link at that path is replaced, not followed.
		err = s.root.Rename(filepath.Join(staging, marker), marker)
	}
	if err != nil {
		return fmt.Errorf("nothing can be written to the folder for the export: %w", err)
	}
	return nil
}

// create writes a new file.
func (s *stage) create(name string, data []byte) error {
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

func (s *stage) fresh(path string) string { return filepath.Join(staging, "new", path) }
func (s *stage) old(path string) string   { return filepath.Join(staging, "old", path) }

// write adds a file. An unchanged file keeps its modification time, and with
// it the ETag that a web server derives from that; rsync does not copy it
// again.
func (s *stage) write(path string, data []byte) error {
	path = filepath.FromSlash(path)
	name := s.fresh(path)
	err := s.create(name, data)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		err = s.create(name, data)
	}
	if err != nil {
		return err
	}
	s.files++
	info, err := s.root.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(data)) {
		return nil
	}
	if have, err := s.root.ReadFile(path); err == nil && bytes.Equal(have, data) {
		return s.root.Chtimes(name, info.ModTime(), info.ModTime())
	}
	return nil
}

// commit replaces the old files with the new ones: two renames for each
// top-level name.
func (s *stage) commit() error {
	if err := s.root.MkdirAll(s.old(""), 0o755); err != nil {
		return err
	}
	for _, name := range exported {
		for _, move := range [][2]string{
			{name, s.old(name)},
			{s.fresh(name), name},
		} {
			if err := s.root.Rename(move[0], move[1]); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("the new files are complete but not all in their place, export again: %w", err)
			}
		}
	}
	return nil
}

// discard removes the stage with everything in it.
func (s *stage) discard() {
	_ = s.root.RemoveAll(staging)
	_ = s.root.Close()
}
