// Package redisstore stores values and locks in Redis 6.2 or newer, for several replicas
// of the program. All replicas read a value as soon as it is stored; a lock has one
// holder at a time; and a process that lost a lock cannot store anything under it.
//
// All keys share the hash tag {mailsetup}, so that scripts also work on a cluster. A
// sorted set holds every name, because scanning the whole key space for each list
// would burden a Redis that others also use. Expiry is Redis's own, by its own
// clock, so that the clocks of the replicas do not matter.
package redisstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

const (
	// timeout limits each operation, including connecting: a handshake waits three
	// seconds at most, and there is a copy on the local disk. stepTimeout leaves time
	// for a second attempt.
	timeout     = 2 * time.Second
	stepTimeout = time.Second
	// maxIdle and idleTimeout keep a few connections for the next handshake. One that
	// was idle for longer than restless is tested before it is used.
	maxIdle     = 4
	idleTimeout = 5 * time.Minute
	restless    = 10 * time.Second
)

// A Store is a connection to one Redis. Its methods are safe for concurrent use.
type Store struct{ pool *redis.Pool }

// Open reads a URL such as redis://user:password@host:6379/0, or rediss:// for TLS. It
// does not connect: a program must be able to start while Redis is down.
func Open(rawURL string) (*Store, error) {
	if err := checkURL(rawURL); err != nil {
		return nil, err
	}
	return &Store{pool: &redis.Pool{
		MaxIdle: maxIdle, IdleTimeout: idleTimeout,
		DialContext: func(ctx context.Context) (redis.Conn, error) {
			return redis.DialURLContext(ctx, rawURL,
				redis.DialConnectTimeout(stepTimeout), redis.DialReadTimeout(stepTimeout), redis.DialWriteTimeout(stepTimeout),
				redis.DialTLSHandshakeTimeout(stepTimeout))
		},
		TestOnBorrowContext: func(ctx context.Context, c redis.Conn, since time.Time) error {
			if time.Since(since) < restless {
				return nil
			}
			_, err := redis.DoContext(c, ctx, "PING")
			return err
		},
	}}, nil
}

// checkURL finds mistakes before the first connection. Its error never quotes the URL,
// which may contain a password.
func checkURL(rawURL string) error {
	u, err := url.Parse(rawURL)
	if err == nil && (u.Scheme == "redis" || u.Scheme == "rediss") && u.Hostname() != "" && u.RawQuery == "" && u.Fragment == "" {
		database := strings.Trim(u.Path, "/")
		if _, err := strconv.ParseUint(database, 10, 16); database == "" || err == nil {
			return nil
		}
	}
	return errors.New("the URL of the Redis server cannot be read: write it as redis://[user:password@]host[:port][/database], or rediss:// for TLS")
}

// Close closes all connections.
func (s *Store) Close() error { return s.pool.Close() }

// call runs something on a connection, and again on another one if the first was lost,
// as all idle ones are after a restart of Redis.
func (s *Store) call(ctx context.Context, run func(redis.Conn) (any, error)) (reply any, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for range maxIdle + 1 {
		if reply, err = s.callOnce(ctx, run); err == nil {
			return reply, nil
		}
		if _, answered := errors.AsType[redis.Error](err); answered || ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("redis: %w", err)
}

func (s *Store) callOnce(ctx context.Context, run func(redis.Conn) (any, error)) (any, error) {
	c, err := s.pool.GetContext(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close() // returns it to the pool
	return run(c)
}

// do runs one command.
func (s *Store) do(ctx context.Context, command string, args ...any) (any, error) {
	return s.call(ctx, func(c redis.Conn) (any, error) { return redis.DoContext(c, ctx, command, args...) })
}

// run runs a script, with its keys before its arguments.
func (s *Store) run(ctx context.Context, script *redis.Script, keysAndArgs ...any) (int64, error) {
	return redis.Int64(s.call(ctx, func(c redis.Conn) (any, error) { return script.DoContext(ctx, c, keysAndArgs...) }))
}

const (
	index = "{mailsetup}:keys"
	fence = "{mailsetup}:fence"
)

func valueKey(key string) string { return "{mailsetup}:value:" + key }
func lockKey(lock string) string { return "{mailsetup}:lock:" + lock }

// Get returns a value and when it was stored; fs.ErrNotExist if there is none.
func (s *Store) Get(ctx context.Context, key string) ([]byte, time.Time, error) {
	fields, err := redis.ByteSlices(s.do(ctx, "HMGET", valueKey(key), "value", "modified"))
	if err != nil {
		return nil, time.Time{}, err
	}
	if len(fields) != 2 || fields[0] == nil {
		return nil, time.Time{}, fmt.Errorf("redis: %q: %w", key, fs.ErrNotExist)
	}
	var modified time.Time
	if seconds, err := strconv.ParseInt(string(fields[1]), 10, 64); err == nil {
		modified = time.Unix(seconds, 0).UTC()
	}
	return fields[0], modified, nil
}

var putScript = redis.NewScript(3, `
if ARGV[3] ~= '0' and redis.call('GET', KEYS[3]) ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[2], 'modified', redis.call('TIME')[1])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return 1`)

// Put stores a value. If lock is not empty, it is stored only while the lock is held
// with this fencing token; false: it is not held, and nothing was stored.
func (s *Store) Put(ctx context.Context, key string, value []byte, lock string, token int64) (bool, error) {
	if lock == "" {
		token = 0
	}
	stored, err := s.run(ctx, putScript, valueKey(key), index, lockKey(lock), key, value, token)
	return stored == 1, err
}

// '0' is the character after '/', so [key/, key0) is everything below key.
var deleteScript = redis.NewScript(1, `
local keys = redis.call('ZRANGEBYLEX', KEYS[1], '[' .. ARGV[1] .. '/', '(' .. ARGV[1] .. '0')
keys[#keys + 1] = ARGV[1]
for _, key in ipairs(keys) do
	redis.call('DEL', ARGV[2] .. key)
	redis.call('ZREM', KEYS[1], key)
end
return #keys`)

// Delete removes a value and all below it, atomically. A missing value is not an error.
func (s *Store) Delete(ctx context.Context, key string) error {
	_, err := s.run(ctx, deleteScript, index, key, valueKey(""))
	return err
}

// Keys returns the keys below prefix, or all if it is empty, in their order. limit 0
// is no limit.
func (s *Store) Keys(ctx context.Context, prefix string, limit int) ([]string, error) {
	from, to := "-", "+"
	if prefix != "" {
		from, to = "["+prefix+"/", "("+prefix+"0"
	}
	if limit <= 0 {
		limit = -1 // no limit, in Redis's words
	}
	return redis.Strings(s.do(ctx, "ZRANGE", index, from, to, "BYLEX", "LIMIT", 0, limit))
}
