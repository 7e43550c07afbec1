package certs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"
)

// A backend is a server that replicas share. [mailsetup/internal/certs/redisstore] and
// [mailsetup/internal/certs/pgstore] are backends; each method is documented there.
type backend interface {
	Get(ctx context.Context, key string) (value []byte, modified time.Time, err error)
	Put(ctx context.Context, key string, value []byte, lock string, token int64) (stored bool, err error)
	Delete(ctx context.Context, key string) error
	Keys(ctx context.Context, prefix string, limit int) ([]string, error)

	Acquire(ctx context.Context, lock string, lease time.Duration) (token int64, err error)
	Extend(ctx context.Context, lock string, token int64, lease time.Duration) (held bool, err error)
	Release(ctx context.Context, lock string, token int64) error

	Close() error
}

// errLockLost is returned to a process that continues under a lock that expired:
// another replica may have taken over.
var errLockLost = errors.New("the lock was lost, because this process or its connection paused for too long; it is tried again")

// errUnavailable is wrapped when a value cannot be read from a shared storage, although
// it may be there.
var errUnavailable = errors.New("the shared storage cannot be read")

// sharedStorage turns a backend into a certmagic.Storage. Folders, which certmagic
// asks for, are derived from the keys; locks are kept alive as long as they are held.
type sharedStorage struct {
	backend backend
	lease   time.Duration // how long a lock outlives its holder

	mu   sync.Mutex
	held map[string]*heldLock
}

func newSharedStorage(b backend) *sharedStorage {
	return &sharedStorage{backend: b, lease: lockLease, held: map[string]*heldLock{}}
}

// Store puts a value under its key. What belongs to a name is stored only while its
// lock is still held, if this process took it: the holder of an expired lock must
// not overwrite what the next one has stored.
func (s *sharedStorage) Store(ctx context.Context, key string, value []byte) error {
	lock, token := s.fencing(key)
	stored, err := s.backend.Put(ctx, key, value, lock, token)
	if err == nil && !stored {
		err = fmt.Errorf("%s: %w", lock, errLockLost)
	}
	return err
}

func (s *sharedStorage) Load(ctx context.Context, key string) ([]byte, error) {
	value, _, err := s.backend.Get(ctx, key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: %w", errUnavailable, err)
	}
	return value, err
}

func (s *sharedStorage) Delete(ctx context.Context, key string) error {
	return s.backend.Delete(ctx, key)
}

func (s *sharedStorage) Exists(ctx context.Context, key string) bool {
	_, err := s.Stat(ctx, key)
	return err == nil
}

func (s *sharedStorage) Stat(ctx context.Context, key string) (certmagic.KeyInfo, error) {
	value, modified, err := s.backend.Get(ctx, key)
	if err == nil {
		return certmagic.KeyInfo{Key: key, Modified: modified, Size: int64(len(value)), IsTerminal: true}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return certmagic.KeyInfo{}, err
	}
	below, listErr := s.backend.Keys(ctx, key, 1)
	switch {
	case listErr != nil:
		return certmagic.KeyInfo{}, listErr
	case len(below) == 0:
		return certmagic.KeyInfo{}, err
	}
	return certmagic.KeyInfo{Key: key}, nil
}

// List returns the full keys below a folder, including folders, like certmagic's
// storage in files.
func (s *sharedStorage) List(ctx context.Context, folder string, recursive bool) ([]string, error) {
	keys, err := s.backend.Keys(ctx, folder, 0)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		if _, _, err := s.backend.Get(ctx, folder); err != nil {
			return nil, err
		}
		return nil, nil // a value has nothing below it
	}
	prefix := folder + "/"
	if folder == "" {
		prefix = ""
	}
	var list []string
	seen := map[string]bool{}
	for _, key := range keys {
		parts := strings.Split(strings.TrimPrefix(key, prefix), "/")
		if !recursive {
			parts = parts[:1]
		}
		for i := range parts {
			if path := prefix + strings.Join(parts[:i+1], "/"); !seen[path] {
				seen[path] = true
				list = append(list, path)
			}
		}
	}
	return list, nil
}

// Close releases every lock and closes the backend.
func (s *sharedStorage) Close() error {
	s.mu.Lock()
	locks := make([]string, 0, len(s.held))
	for lock := range s.held {
		locks = append(locks, lock)
	}
	s.mu.Unlock()
	for _, lock := range locks {
		_ = s.Unlock(context.Background(), lock) // otherwise it expires by itself
	}
	return s.backend.Close()
}
