package ispdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// The limits of a database. Thunderbird's has 163 files with 400 KiB.
const (
	maxFile  = 1 << 20
	maxFiles = 5000
	maxTotal = 64 << 20
)

// folder is where the files are in a checkout.
const folder = "ispdb"

var (
	// ErrNoFiles: there is no XML file where the database should be.
	ErrNoFiles = errors.New("there is no XML file: give a checkout or a zip of thunderbird/autoconfig, or a folder of its XML files")
	// ErrTooMuch: the database is much larger than Thunderbird's.
	ErrTooMuch = fmt.Errorf("there are more than %d files, or more than %d MiB in them: this is not the database", maxFiles, maxTotal>>20)
)

// Open reads the database from a checkout of thunderbird/autoconfig, a folder of its XML
// files, or a zip of either. It uses only the file system. Files that cannot be used
// have a Fault; the error is about the source as a whole.
func Open(ctx context.Context, source string) (Database, error) {
	info, err := os.Stat(source)
	if err != nil {
		return Database{}, fmt.Errorf("the database cannot be read: %w", err)
	}
	var db Database
	if info.IsDir() {
		db, err = openFolder(ctx, source)
	} else {
		db, err = openZip(source)
	}
	if err != nil {
		return Database{}, fmt.Errorf("the database cannot be read: %s: %w", source, err)
	}
	return db, nil
}

// A collection collects files within the limits.
type collection struct {
	files []File
	names map[string]bool
	left  int64 // bytes
}

func newCollection() *collection {
	return &collection{names: make(map[string]bool), left: maxTotal}
}

// isXML reports whether a file is one of those that a database consists of.
func isXML(name string) bool { return strings.EqualFold(path.Ext(name), extension) }

// add reads a file. size is what its folder says; the content itself is also limited,
// because a zip may say anything.
func (c *collection) add(name string, size int64, fault Reason, open func() (io.ReadCloser, error)) error {
	f := File{Name: name, Fault: fault}
	switch {
	case len(c.files) == maxFiles:
		return ErrTooMuch
	case f.Fault != NoReason:
	case c.names[name]:
		f.Fault = IDTaken
	case size > maxFile:
		f.Fault = TooLarge
	default:
		f.Data, f.Fault = readFile(open)
	}
	if c.left -= int64(len(f.Data)); c.left < 0 {
		return ErrTooMuch
	}
	c.names[name] = true
	c.files = append(c.files, f)
	return nil
}

func readFile(open func() (io.ReadCloser, error)) ([]byte, Reason) {
	r, err := open()
	if err != nil {
		return nil, Unreadable
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	switch {
	case len(data) > maxFile:
		return nil, TooLarge
	case err != nil:
		return nil, Unreadable
	}
	return data, NoReason
}

func (c *collection) database(commit string) (Database, error) {
	if len(c.files) == 0 {
		return Database{}, ErrNoFiles
	}
	return Database{Files: c.files, Commit: commit}, nil
}
