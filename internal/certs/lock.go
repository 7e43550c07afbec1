package certs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	// lockLease is how long the lock of a killed process stays. It is short, so that
	// the next one can finish the order soon, but longer than a restart of the
	// storage server.
	lockLease = 10 * time.Second
	// lockPoll is how often a waiting process asks for a lock.
	lockPoll = 250 * time.Millisecond
	// orderLock and a name is certmagic's lock for its order and what it stores (config.go
	// of github.com/caddyserver/certmagic).
	orderLock = "issue_cert_"
)

// A heldLock is a lock that this process took and has not released. It may have been
// lost.
type heldLock struct {
	token int64
	stop  context.CancelFunc
	ended chan struct{} // closed when it is no longer extended
}

// Lock waits until the lock is free or ctx ends.
func (s *sharedStorage) Lock(ctx context.Context, lock string) error {
	for {
		held, err := s.TryLock(ctx, lock)
		if err != nil || held {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

// TryLock takes the lock if it is free.
func (s *sharedStorage) TryLock(ctx context.Context, lock string) (bool, error) {
	token, err := s.backend.Acquire(ctx, lock, s.lease)
	if err != nil || token == 0 {
		return false, err
	}
	alive, stop := context.WithCancel(context.WithoutCancel(ctx))
	held := &heldLock{token: token, stop: stop, ended: make(chan struct{})}
	s.mu.Lock()
	s.held[lock] = held
	s.mu.Unlock()
	go s.keepAlive(alive, lock, held)
	return true, nil
}

// keepAlive extends a lock until it is released or lost. A backend that does not
// answer is asked again: it may come back before the lease ends.
func (s *sharedStorage) keepAlive(ctx context.Context, lock string, held *heldLock) {
	defer close(held.ended)
	ticker := time.NewTicker(s.lease / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if still, err := s.backend.Extend(ctx, lock, held.token, s.lease); err == nil && !still {
			return // lost; Store and RenewLockLease find that out from the backend
		}
	}
}

// RenewLockLease is called by certmagic before each attempt under a lock. The lease is
// kept alive anyway, so this only reports whether the lock is still held.
func (s *sharedStorage) RenewLockLease(ctx context.Context, lock string, _ time.Duration) error {
	s.mu.Lock()
	held := s.held[lock]
	s.mu.Unlock()
	if held == nil {
		return fmt.Errorf("%s: %w", lock, errLockLost)
	}
	still, err := s.backend.Extend(ctx, lock, held.token, s.lease)
	if err == nil && !still {
		err = fmt.Errorf("%s: %w", lock, errLockLost)
	}
	return err
}

// Unlock releases a lock. If the backend does not answer, the lock expires by itself.
func (s *sharedStorage) Unlock(ctx context.Context, lock string) error {
	s.mu.Lock()
	held := s.held[lock]
	delete(s.held, lock)
	s.mu.Unlock()
	if held == nil {
		return errors.New(lock + ": this process does not hold the lock")
	}
	held.stop()
	<-held.ended
	return s.backend.Release(ctx, lock, held.token)
}

// fencing returns the lock under which a key is written, if this process took it.
// certmagic stores a name's certificate, its key and its metadata at
// certificates/ISSUER/NAME/..., under the lock issue_cert_NAME (config.go of
// github.com/caddyserver/certmagic).
func (s *sharedStorage) fencing(key string) (lock string, token int64) {
	parts := strings.Split(key, "/")
	if len(parts) != 4 || parts[0] != "certificates" {
		return "", 0
	}
	lock = orderLock + parts[2]
	s.mu.Lock()
	defer s.mu.Unlock()
	if held := s.held[lock]; held != nil {
		return lock, held.token
	}
	return "", 0
}
