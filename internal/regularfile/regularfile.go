// Package regularfile reads only regular files. If a path is a named pipe, a
// device, a socket or a folder, it returns an error instead of waiting for bytes
// that may never come or never end.
package regularfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrNotRegular is wrapped when a path is something other than a regular file.
var ErrNotRegular = errors.New("not a regular file")

// ErrTooLarge is wrapped when a file is larger than its reader allows.
var ErrTooLarge = errors.New("the file is too large")

// Open opens a file for reading. Symbolic links are followed, because the files
// of a Kubernetes ConfigMap are links. The type is checked before opening, which
// can have side effects on a device, and again afterwards, on the file that will
// be read. Opening never blocks.
func Open(path string) (*os.File, fs.FileInfo, error) {
	if info, err := os.Stat(path); err == nil {
		if err := check(path, info); err != nil {
			return nil, nil, err
		}
	}
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = check(path, info)
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// Read returns the content of a file of at most maxSize bytes.
func Read(path string, maxSize int64) ([]byte, error) {
	f, info, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAll(f, info, maxSize)
}

// ReadAll reads an opened file of at most maxSize bytes, even if the file grows
// meanwhile.
func ReadAll(f *os.File, info fs.FileInfo, maxSize int64) ([]byte, error) {
	if info.Size() > maxSize {
		return nil, tooLarge(f.Name(), maxSize)
	}
	// One byte more than the size, so that the end is detected without growing.
	data := make([]byte, 0, info.Size()+1)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if int64(len(data)) > maxSize {
			return nil, tooLarge(f.Name(), maxSize)
		}
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

// CopyAll writes the content of an opened file to w, as [ReadAll] would return it.
// It does not hold the content in memory.
func CopyAll(w io.Writer, f *os.File, info fs.FileInfo, maxSize int64) error {
	if info.Size() > maxSize {
		return tooLarge(f.Name(), maxSize)
	}
	n, err := io.Copy(w, io.LimitReader(f, maxSize+1))
	if err != nil {
		return err
	}
	if n > maxSize {
		return tooLarge(f.Name(), maxSize)
	}
	return nil
}

func tooLarge(path string, maxSize int64) error {
	if maxSize >= 1<<20 && maxSize%(1<<20) == 0 {
		return fmt.Errorf("%s: %w: it may have %d MiB at most", path, ErrTooLarge, maxSize>>20)
	}
	return fmt.Errorf("%s: %w: it may have %d bytes at most", path, ErrTooLarge, maxSize)
}

func check(path string, info fs.FileInfo) error {
	kind := ""
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		kind = "a folder"
	case mode&fs.ModeNamedPipe != 0:
		kind = "a named pipe"
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	case mode&fs.ModeDevice != 0:
		kind = "a device"
	default:
		kind = "something special"
	}
	return fmt.Errorf("%s is %s, %w", path, kind, ErrNotRegular)
}
