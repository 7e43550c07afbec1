// Package secretfile reads files that hold keys. A key that everybody on the
// machine can read is refused, because it is no longer a secret.
package secretfile

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"mailsetup/internal/regularfile"
)

// Read returns the content of a regular file of at most maxSize bytes that not
// everybody can read. Its errors never quote the content.
func Read(path string, maxSize int64) ([]byte, error) {
	f, info, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return regularfile.ReadAll(f, info, maxSize)
}

// Open opens a regular file that not everybody can read. Symbolic links are
// followed; the mode that counts is that of the file at the end of them.
func Open(path string) (*os.File, fs.FileInfo, error) {
	f, info, err := regularfile.Open(path)
	if err != nil {
		return nil, nil, err
	}
	if err := checkMode(path, info.Mode()); err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// checkMode checks the bits for others. Those of the group are up to the operator:
// Kubernetes gives a secret to a process by its group.
func checkMode(path string, mode fs.FileMode) error {
	// Windows has no such bits and reports all of them as set.
	if runtime.GOOS == "windows" || mode.Perm()&0o007 == 0 {
		return nil
	}
	return fmt.Errorf("%s is open to everybody on this machine (mode %04o); close it with: chmod o= %[1]s (a Kubernetes secret: defaultMode: 0440)", path, mode.Perm())
}
