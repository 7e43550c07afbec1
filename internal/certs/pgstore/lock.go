package pgstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Acquire takes a lock for the time of lease and returns its fencing token, a unique
// number; 0: somebody else holds it.
func (s *Store) Acquire(ctx context.Context, lock string, lease time.Duration) (token int64, err error) {
	ctx, cancel, err := s.prepare(ctx)
	if err != nil {
		return 0, err
	}
	defer cancel()
	const acquire = `
INSERT INTO mailsetup_locks (name, token, expires)
VALUES ($1, nextval('mailsetup_fence'), clock_timestamp() + $2 * interval '1 millisecond')
ON CONFLICT (name) DO UPDATE SET token = excluded.token, expires = excluded.expires
WHERE mailsetup_locks.expires <= clock_timestamp()
RETURNING token`
	err = s.pool.QueryRow(ctx, acquire, lock, lease.Milliseconds()).Scan(&token)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("postgres: %w", err)
	}
	return token, nil
}

// Extend holds a lock for another lease; false: it was lost.
func (s *Store) Extend(ctx context.Context, lock string, token int64, lease time.Duration) (bool, error) {
	const extend = `
UPDATE mailsetup_locks SET expires = clock_timestamp() + $3 * interval '1 millisecond'
WHERE name = $1 AND token = $2 AND expires > clock_timestamp()`
	rows, err := s.exec(ctx, extend, lock, token, lease.Milliseconds())
	return rows > 0, err
}

// Release releases a lock. One that was already lost stays with its new holder.
func (s *Store) Release(ctx context.Context, lock string, token int64) error {
	_, err := s.exec(ctx, "DELETE FROM mailsetup_locks WHERE name = $1 AND token = $2", lock, token)
	return err
}
