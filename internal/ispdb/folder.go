package ispdb

import (
	"context"
	"io"
	"os"
	"path/filepath"
)

// openFolder reads the folder ispdb of a checkout, or the folder itself if it has none.
// Links to files, and links out of it, are not followed: the database consists of
// regular files.
func openFolder(ctx context.Context, dir string) (Database, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Database{}, err
	}
	defer root.Close()
	within := "."
	if info, err := root.Lstat(folder); err == nil && info.IsDir() {
		within = folder
	}
	files := newCollection()
	if err := readFolder(root, within, files); err != nil {
		return Database{}, err
	}
	db, err := files.database(headCommit(root))
	if err == nil && db.Commit != "" {
		dates := lastChanges(ctx, dir, within)
		for i, f := range db.Files {
			db.Files[i].Changed = dates[filepath.ToSlash(filepath.Join(within, f.Name))]
		}
	}
	return db, err
}

func readFolder(root *os.Root, within string, files *collection) error {
	d, err := root.Open(within)
	if err != nil {
		return err
	}
	defer d.Close()
	for {
		entries, err := d.ReadDir(1000) // a folder may have millions
		for _, e := range entries {
			if e.IsDir() || !isXML(e.Name()) {
				continue
			}
			fault, size := NoReason, int64(0)
			// The type is checked first: opening a pipe would block.
			if info, err := e.Info(); err != nil || !info.Mode().IsRegular() {
				fault = IsLink
			} else {
				size = info.Size()
			}
			open := func() (io.ReadCloser, error) { return root.Open(filepath.Join(within, e.Name())) }
			if err := files.add(e.Name(), size, fault, open); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
