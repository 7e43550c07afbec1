// Package pgstore stores values and locks in PostgreSQL 12 or newer, for several
// replicas of the program. All replicas read a value as soon as it is stored; a lock
// has one holder at a time; and a process that lost a lock cannot store anything
// under it.
//
// Locks are rows with an expiry rather than PostgreSQL's advisory locks: those belong
// to a connection, which a pool in between (PgBouncer) may give to another client,
// and they have no fencing token. All times are the server's, so that the clocks of
// the replicas do not matter.
package pgstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/singleflight"
)

// timeout limits each operation, including connecting: a handshake waits three
// seconds at most, and there is a copy on the local disk.
const timeout = 2 * time.Second

// A Store is a pool of connections to one database. Its methods are safe for
// concurrent use.
type Store struct {
	pool *pgxpool.Pool

	ready  atomic.Bool // the tables exist
	making singleflight.Group
}

// Open reads a URL such as postgres://user:password@host:5432/database. It does not
// connect: a program must be able to start while the database is down. The tables are
// created at the first use.
func Open(url string) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The library's error quotes the URL. It hides the password only if it can
		// tell which part that is.
		return nil, errors.New("the URL of the PostgreSQL database cannot be read: write it as postgres://[user:password@]host[:port]/database[?sslmode=...]")
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return &Store{pool: pool}, nil
}

// Close closes all connections.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// Keys sort by bytes (collation C), so that what lies below a key is one range.
const schema = `
CREATE TABLE IF NOT EXISTS mailsetup_values (
	key      text COLLATE "C" PRIMARY KEY,
	value    bytea NOT NULL,
	modified timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS mailsetup_locks (
	name    text PRIMARY KEY,
	token   bigint NOT NULL,
	expires timestamptz NOT NULL
);
CREATE SEQUENCE IF NOT EXISTS mailsetup_fence;`

// schemaLock is the number of an advisory lock: IF NOT EXISTS alone fails if two
// replicas start at the same moment.
const schemaLock = 0x6d61696c

// prepare creates the tables, once, and limits the time for what follows. All
// callers that come while the database is down wait for one attempt.
func (s *Store) prepare(ctx context.Context) (context.Context, context.CancelFunc, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	if s.ready.Load() {
		return ctx, cancel, nil
	}
	made := s.making.DoChan("", func() (any, error) { return nil, s.makeTables() })
	select {
	case result := <-made:
		if result.Err != nil {
			cancel()
			return nil, nil, fmt.Errorf("postgres: the tables cannot be created: %w", result.Err)
		}
		return ctx, cancel, nil
	case <-ctx.Done():
		cancel()
		return nil, nil, ctx.Err()
	}
}

func (s *Store) makeTables() error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", schemaLock); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, schema)
		return err
	})
	s.ready.Store(err == nil)
	return err
}

// Get returns a value and when it was stored; fs.ErrNotExist if there is none.
func (s *Store) Get(ctx context.Context, key string) (value []byte, modified time.Time, err error) {
	ctx, cancel, err := s.prepare(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer cancel()
	err = s.pool.QueryRow(ctx, "SELECT value, modified FROM mailsetup_values WHERE key = $1", key).Scan(&value, &modified)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, time.Time{}, fmt.Errorf("postgres: %q: %w", key, fs.ErrNotExist)
	case err != nil:
		return nil, time.Time{}, fmt.Errorf("postgres: %w", err)
	}
	return value, modified.UTC(), nil
}

// Put stores a value. If lock is not empty, it is stored only while the lock is held
// with this fencing token; false: it is not held, and nothing was stored.
func (s *Store) Put(ctx context.Context, key string, value []byte, lock string, token int64) (bool, error) {
	// The row of the lock is locked meanwhile, so that it cannot change hands between
	// the check and the end of the transaction.
	const put = `
INSERT INTO mailsetup_values (key, value, modified)
SELECT $1, $2, clock_timestamp()
WHERE $3 = '' OR EXISTS (
	SELECT FROM mailsetup_locks WHERE name = $3 AND token = $4 AND expires > clock_timestamp() FOR SHARE)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, modified = excluded.modified`
	rows, err := s.exec(ctx, put, key, value, lock, token)
	return rows > 0, err
}

// Delete removes a value and all below it, atomically. A missing value is not an error.
func (s *Store) Delete(ctx context.Context, key string) error {
	_, err := s.exec(ctx, "DELETE FROM mailsetup_values WHERE key = $1 OR key >= $2 AND key < $3", key, key+"/", key+"0")
	return err
}

// Keys returns the keys below prefix, or all if it is empty, in their order. limit 0
// is no limit.
func (s *Store) Keys(ctx context.Context, prefix string, limit int) ([]string, error) {
	ctx, cancel, err := s.prepare(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	const list = `
SELECT key FROM mailsetup_values WHERE $1 = '' OR key >= $1 || '/' AND key < $1 || '0'
ORDER BY key LIMIT nullif($2, 0)`
	rows, err := s.pool.Query(ctx, list, prefix, limit)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return keys, nil
}

func (s *Store) exec(ctx context.Context, query string, args ...any) (rows int64, err error) {
	ctx, cancel, err := s.prepare(ctx)
	if err != nil {
		return 0, err
	}
	defer cancel()
	tag, err := s.pool.Exec(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("postgres: %w", err)
	}
	return tag.RowsAffected(), nil
}
