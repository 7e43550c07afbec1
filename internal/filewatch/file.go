package filewatch

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"

	"mailsetup/internal/regularfile"
	"mailsetup/internal/secretfile"
)

// A file is a watched file.
type file struct {
	path    string
	maxSize int64
	secret  bool // it holds a key, so its mode also counts
	// folder, if not nil, says which names of a folder are its content.
	folder func(name string) bool
}

func (f file) open() (*os.File, fs.FileInfo, error) {
	if f.secret {
		return secretfile.Open(f.path)
	}
	return regularfile.Open(f.path)
}

// A digest distinguishes contents, and files that cannot be read.
type digest [sha256.Size]byte

type digests map[string]digest // by path

// A look is the result of a check of a path.
type look struct {
	digest digest
	err    error // why it cannot be read
}

type looks map[string]look // by path

func (l looks) digests() digests {
	d := make(digests, len(l))
	for path, found := range l {
		d[path] = found.digest
	}
	return d
}

func (f file) samePath(other file) bool { return f.path == other.path }

func (f file) read() ([]byte, error) {
	if f.folder != nil {
		return f.readNames()
	}
	opened, info, err := f.open()
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return regularfile.ReadAll(opened, info, f.maxSize)
}

// look returns the same digest as read, without memory for the content.
func (f file) look() look {
	if f.folder != nil {
		names, err := f.readNames()
		return look{digestOf(names, err), err}
	}
	opened, info, err := f.open()
	if err != nil {
		return look{digestOf(nil, err), err}
	}
	defer opened.Close()
	h := sha256.New()
	if err := regularfile.CopyAll(h, opened, info, f.maxSize); err != nil {
		return look{digestOf(nil, err), err}
	}
	return look{digest(h.Sum(nil)), nil}
}

func digestOf(data []byte, err error) digest {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return sha256.Sum256([]byte("missing"))
	case err != nil:
		return sha256.Sum256([]byte("unreadable: " + err.Error()))
	}
	return sha256.Sum256(data)
}
