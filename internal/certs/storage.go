package certs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/caddyserver/certmagic"

	"mailsetup/internal/certs/pgstore"
	"mailsetup/internal/certs/redisstore"
)

// StorageConfig configures where certificates, their keys and the ACME account are
// stored.
type StorageConfig struct {
	// Location is a folder, or the URL of a server that replicas share:
	// redis://..., rediss://... or postgres://...
	Location string
	// KeyFile contains a key of 32 bytes that encrypts the stored values, or several,
	// of which the first encrypts and all decrypt. A shared Location needs one, the
	// same for all replicas. Empty: a folder's files are protected only by their
	// modes.
	KeyFile string
	// Cache is the folder for copies of a shared Location, so that stored
	// certificates are served while that cannot be reached. It is required there.
	Cache string
}

// Storage is an open storage. Close it after [ACME.Run] has returned.
type Storage struct {
	main  lockingStorage
	cache lockingStorage // nil: main is local
	close func() error
}

// OpenStorage opens a storage. It creates folders, readable only by their owner,
// but does not connect to a server: certificates are served from the cache while it
// is down.
func OpenStorage(cfg StorageConfig) (*Storage, error) {
	var ring *keyring
	if cfg.KeyFile != "" {
		var err error
		if ring, err = loadKeyring(cfg.KeyFile); err != nil {
			return nil, err
		}
	}
	shared, err := openBackend(cfg.Location)
	if err != nil {
		return nil, err
	}
	if shared == nil {
		files, err := openFolder(cfg.Location)
		if err != nil {
			return nil, err
		}
		return &Storage{main: sealWith(ring, files), close: func() error { return nil }}, nil
	}
	if ring == nil {
		return nil, errors.Join(errors.New("certificates on a shared server must be encrypted: give a storage key, made with 'head -c 32 /dev/urandom'"), shared.Close())
	}
	if cfg.Cache == "" {
		return nil, errors.Join(errors.New("certificates on a shared server need a local folder for copies, so that they are served while it is down"), shared.Close())
	}
	copies, err := openFolder(cfg.Cache)
	if err != nil {
		return nil, errors.Join(err, shared.Close())
	}
	main := newSharedStorage(shared)
	return &Storage{main: sealWith(ring, main), cache: sealWith(ring, copies), close: main.Close}, nil
}

// Close releases all locks and closes connections.
func (s *Storage) Close() error { return s.close() }

// openBackend connects to no server yet; nil: the location is a folder.
func openBackend(location string) (backend, error) {
	scheme, _, isURL := strings.Cut(location, "://")
	if !isURL {
		return nil, nil
	}
	switch scheme {
	case "redis", "rediss":
		return redisstore.Open(location)
	case "postgres", "postgresql":
		return pgstore.Open(location)
	}
	return nil, fmt.Errorf("certificates cannot be stored at %s://: give a folder, or a URL with redis, rediss or postgres", scheme)
}

// openFolder creates the folder or checks that only its owner and group can enter it.
func openFolder(path string) (lockingStorage, error) {
	if path == "" {
		return nil, errors.New("certificates need a folder to be stored in")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("the folder for certificates cannot be created: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	// Windows has no such bits and reports all of them as set.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("the folder for certificates, %s, is open to everybody on this machine (mode %04o); close it with: chmod o= %[1]s", path, info.Mode().Perm())
	}
	return folderStorage{&certmagic.FileStorage{Path: path}}, nil
}

// folderStorage is certmagic's storage in files, except that no lock has the account's
// address in its name: certmagic writes the name of a lock that a killed process left
// to standard error.
type folderStorage struct{ *certmagic.FileStorage }

func (s folderStorage) Lock(ctx context.Context, lock string) error {
	return s.FileStorage.Lock(ctx, lockFile(lock))
}

func (s folderStorage) TryLock(ctx context.Context, lock string) (bool, error) {
	return s.FileStorage.TryLock(ctx, lockFile(lock))
}

func (s folderStorage) Unlock(ctx context.Context, lock string) error {
	return s.FileStorage.Unlock(ctx, lockFile(lock))
}

func lockFile(lock string) string {
	if !strings.Contains(lock, "@") {
		return lock
	}
	digest := sha256.Sum256([]byte(lock))
	return "account_" + hex.EncodeToString(digest[:8])
}

func sealWith(ring *keyring, s lockingStorage) lockingStorage {
	if ring == nil {
		return plainStorage{s}
	}
	return sealedStorage{lockingStorage: s, ring: ring}
}
