package profiles

import (
	"fmt"
	"io"
	"os"
	"runtime"
)

// maxPEM bounds what is read of a file that somebody named by mistake; a chain
// with a key takes less than 16 KiB.
const maxPEM = 1 << 20

// LoadSigner makes a [Signer] from two PEM files, which may be one and the same.
// It reads them anew at every call, so whoever watches the files calls it again.
//
// A key file that everybody on the machine may read or write is refused. The
// group may read it: that is how Kubernetes hands secrets to a program that does
// not run as root. On Windows, where the mode says nothing, it is not looked at.
func LoadSigner(certPath, keyPath string) (*Signer, error) {
	cert, err := readPEM(certPath, false)
	if err != nil {
		return nil, fmt.Errorf("signing certificate: %w", err)
	}
	key, err := readPEM(keyPath, true)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	s, err := NewSigner(SignerConfig{Certificate: cert, Key: key})
	if err != nil {
		return nil, fmt.Errorf("%w (certificate %s, key %s)", err, certPath, keyPath)
	}
	return s, nil
}

func readPEM(path string, secret bool) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// The open file is asked, not the path: it is the one that gets read.
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if secret && runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("%s is open to everybody on this machine (mode %04o); close it with: chmod o= %s (a Kubernetes secret: defaultMode: 0440)", path, info.Mode().Perm(), path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxPEM+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxPEM {
		return nil, fmt.Errorf("%s is larger than %d bytes; it must be a PEM file", path, maxPEM)
	}
	return data, nil
}
